"""Tells people that forecasts came out worse than promised, what was trained, and what they decide."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_forecast_broken(decision, outcome, *_, **variables):
    """Send the alert; an outage of Telegram is reported and never fails the run."""
    from dtc_stack.jobs import once_per_forecast_run

    def work(run):
        return run.tell(outcome, decision)

    return once_per_forecast_run("notify_forecast_broken", variables, work, without_database=True)
