"""Puts the candidate into production if it may be, and says why if it may not."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def promote_model(candidate, *_, **variables):
    """Give what is in production now, and why, as a plain dict."""
    from dtc_stack.run_variables import RunVariables

    return RunVariables.read(variables).registry().promote(candidate)
