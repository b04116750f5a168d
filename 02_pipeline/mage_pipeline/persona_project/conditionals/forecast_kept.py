"""Lets the quiet branch run when forecasts are kept. It only reads: an error in here would count as False."""

if "condition" not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def forecast_kept(outcome, *_, **__):
    """Tell whether forecasts came out as promised."""
    return outcome["status"] == "kept"
