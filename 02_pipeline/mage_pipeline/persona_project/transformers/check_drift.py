"""Reaches the drift verdict, once. A check that cannot be made fails here, loudly: it is never read as "no drift"."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def check_drift(wave_pair, *_, **variables):
    """Return the stored verdict as a plain dict."""
    from dtc_monitoring.checks import check_drift as check
    from dtc_stack.mage import loading_began, once_per_run

    began = loading_began(variables)
    return once_per_run(
        "check_drift",
        variables,
        lambda run: check(wave_pair, run.catalogue, rows_as_of=began, **run.check_arguments()),
    )
