"""Lets the gate judge the candidate, and puts it into production or leaves it to a person."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def promote_model(candidate, wave_pair, *_, **variables):
    """Return what was found and decided, and what is in production now, as a plain dict."""
    from dtc_model.decisions import decide
    from dtc_stack.mage import once_per_run

    return once_per_run("promote_model", variables, lambda run: decide(candidate, wave_pair, run.decisions()))
