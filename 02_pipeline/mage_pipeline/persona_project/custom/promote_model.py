"""Lets the gate judge the candidate, and puts it into production or leaves it to a person."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def promote_model(candidate, samples, *_, **variables):
    """Give what was found and decided, and what is in production now, as a plain dict."""
    from dtc_model.retraining import decide
    from dtc_stack.run_variables import RunVariables

    return decide(candidate, samples, RunVariables.read(variables).decisions())
