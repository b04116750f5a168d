"""Tells people that respondents still fit the personas."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_no_drift(verdict, *_, **variables):
    """Send the message; an outage of Telegram is reported and never fails the run."""
    from dtc_monitoring.alerts import alert_no_drift
    from dtc_stack.run_variables import RunVariables

    return alert_no_drift(verdict, production_version=RunVariables.read(variables).registry().production_version())
