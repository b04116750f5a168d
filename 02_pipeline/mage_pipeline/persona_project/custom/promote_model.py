"""Lets the gate judge the candidate, and puts it into production or leaves it to a person."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def promote_model(candidate, samples, *_, **variables):
    """Return what was found and decided, and what is in production now, as a plain dict."""
    from dtc_model.decisions import decide
    from dtc_monitoring.alerts import alert_if_retraining_fails
    from dtc_stack.mage import RunVariables

    run = RunVariables.read(variables)
    with alert_if_retraining_fails(**run.alert_names()):
        return decide(candidate, samples, run.decisions())
