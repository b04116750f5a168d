"""Tells people that forecasts hold, and how customers moved meanwhile."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_forecast_kept(outcome, *_, **variables):
    """Send the message; an outage of Telegram is reported and never fails the run."""
    from dtc_stack.jobs import once_per_forecast_run

    def work(run):
        return run.tell(outcome)

    return once_per_forecast_run("notify_forecast_kept", variables, work, without_database=True)
