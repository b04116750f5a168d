"""Holds earlier forecasts to account whose horizon has passed. What cannot be settled fails here, loudly."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def settle_forecasts(forecast, *_, **variables):
    """Return how forecasts came out as a plain dict."""
    from dtc_stack.jobs import once_per_forecast_run

    return once_per_forecast_run("settle_forecasts", variables, lambda run: run.settle(forecast))
