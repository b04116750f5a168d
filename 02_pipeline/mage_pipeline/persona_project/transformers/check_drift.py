"""Reaches the drift verdict, once. A check that cannot be made fails here, loudly: it is never read as "no drift"."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def check_drift(samples, *_, **variables):
    """Return the stored verdict as a plain dict."""
    from dtc_monitoring.alerts import alert_if_check_fails
    from dtc_monitoring.checks import check_drift as check
    from dtc_stack.mage import RunVariables

    run = RunVariables.read(variables)
    with alert_if_check_fails(**run.alert_names()):
        return check(samples, run.catalogue, **run.check_arguments())
