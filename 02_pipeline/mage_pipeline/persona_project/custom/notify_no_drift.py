"""Tells people that respondents still fit the personas, or that only the mix of personas changed."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_no_drift(verdict, *_, **variables):
    """Write the report and send the message; an outage of Telegram is reported and never fails the run."""
    from dtc_monitoring.alerts import tell
    from dtc_stack.mage import once_per_run

    def work(run):
        return tell(verdict, **run.alert_arguments())

    return once_per_run("notify_no_drift", variables, work, without_database=True)
