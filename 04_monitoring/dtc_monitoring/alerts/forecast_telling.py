"""Telling people about forecasts: how they came out, what was done about it, and runs that failed."""

from collections.abc import Mapping
from typing import Any

from dtc_data.core import read_settings
from sqlalchemy import Engine

from dtc_monitoring.alerts.forecast_messages import forecast_alert, forecasts_failed_alert
from dtc_monitoring.alerts.sending import send_alert
from dtc_monitoring.alerts.telegram_store import TelegramStore
from dtc_monitoring.alerts.telling import send_words
from dtc_monitoring.settings import TelegramSettings


def tell_of_forecasts(
    outcome: Mapping[str, Any], decision: Mapping[str, Any] | None, *, engine: Engine, page: str
) -> dict[str, str]:
    """Tell people how forecasts came out and what was done; parameters as of `dtc_monitoring.alerts.forecast_messages.forecast_alert`.

    Returns
    -------
    dict
        ``status`` of the delivery (sent, off, kept or failed), ``detail`` and the ``text``.

    Raises
    ------
    SettingsError
        If a setting of Telegram is wrong.
    """
    text = forecast_alert(outcome, decision, page)
    delivery = send_alert(text, read_settings(TelegramSettings), store=TelegramStore(engine))
    return {"status": delivery.status, "detail": delivery.detail, "text": text}


def tell_of_failed_forecasts(wave: str, reason: str) -> dict[str, str]:
    """Tell people of a run of forecasts that did not finish. What it returns and raises is as of `tell_of_forecasts`."""
    return send_words(forecasts_failed_alert(wave, reason))
