"""Starts a run for each active segmentation; one that fails stops no other."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def start_checks(*_, **variables):
    """Return what was started, and what was not and why, as a plain dict."""
    from dtc_stack.mage import once_among, start_monthly_checks

    return once_among("start_checks", variables, lambda: start_monthly_checks(variables))
