"""Tells people what changed, what was trained, which version serves now and what they decide."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_drift(promotion, verdict, *_, **variables):
    """Write the report and send the alert; an outage of Telegram is reported and never fails the run."""
    from dtc_monitoring.alerts import tell
    from dtc_stack.mage import once_per_run

    def work(run):
        return tell(verdict, promotion, **run.alert_arguments())

    return once_per_run("notify_drift", variables, work, without_database=True)
