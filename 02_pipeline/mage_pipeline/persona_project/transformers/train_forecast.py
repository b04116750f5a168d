"""Trains a forecast on what is known at the end of the wave, lets the gate judge it, and registers it."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def train_forecast(_outcome, *_, **variables):
    """Return the registered version as a plain dict."""
    from dtc_stack.jobs import once_per_forecast_run

    return once_per_forecast_run("train_forecast", variables, lambda run: run.train())
