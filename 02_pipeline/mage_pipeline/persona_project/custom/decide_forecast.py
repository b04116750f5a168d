"""Puts the forecast into production, or leaves it to a person."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def decide_forecast(trained, *_, **variables):
    """Return what was decided, and what is in production now, as a plain dict."""
    from dtc_stack.jobs import once_per_forecast_run

    return once_per_forecast_run("decide_forecast", variables, lambda run: run.decide(trained))
