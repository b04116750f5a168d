"""Tells people which features drifted, what was trained and which version serves now."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def notify_drift(promotion, verdict, *_, **__):
    """Send the alert; an outage of Telegram is reported and never fails the run."""
    from dtc_monitoring.alerts import alert_drift

    return alert_drift(verdict, promotion)
