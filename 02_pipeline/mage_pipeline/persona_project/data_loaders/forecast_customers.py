"""Forecasts the customers of the wave by the version in production, and says how they moved since it was trained."""

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def forecast_customers(*_, **variables):
    """Return what was forecast as a plain dict; forecasts are stored with version and cutoff."""
    from dtc_stack.jobs import once_per_forecast_run

    return once_per_forecast_run("forecast_customers", variables, lambda run: run.forecast())
