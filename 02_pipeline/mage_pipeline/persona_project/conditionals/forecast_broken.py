"""Lets the retraining branch run when forecasts are not kept. It only reads: an error in here would count as False."""

if "condition" not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def forecast_broken(outcome, *_, **__):
    """Tell whether forecasts came out worse than promised, or there is none yet."""
    return outcome["status"] != "kept"
