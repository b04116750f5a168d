"""Telling people what a drift check found and what was done about it: the last step of a pipeline run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from dtc_data import Wave
from dtc_data.errors import DtcError
from dtc_data.settings import read_settings

from dtc_monitoring.drift_check import DriftCheck
from dtc_monitoring.messages import Retraining, check_failed_alert, drift_alert, no_drift_alert
from dtc_monitoring.settings import TelegramSettings
from dtc_monitoring.telegram import send_alert

_log = structlog.get_logger()


def alert_drift(check: Mapping[str, Any], promotion: Mapping[str, Any]) -> dict[str, str]:
    """Say which features drifted, what was trained, and which version is in production now.

    Parameters
    ----------
    check : mapping
        The drift check as `dtc_monitoring.check.check_drift` gave it.
    promotion : mapping
        What became of the new model, as `dtc_model.registry.ModelRegistry.promote` gave it.

    Returns
    -------
    dict
        ``status`` of the delivery (sent, off or failed), ``detail`` and the ``text``. An outage of Telegram raises nothing.

    Raises
    ------
    SettingsError
        If a setting of Telegram is wrong.
    """
    settings = read_settings(TelegramSettings)
    retraining = Retraining(
        trained_on=Wave.parse(promotion["training_wave"]),
        k=promotion["k"],
        silhouette=promotion["silhouette"],
        silhouette_inertia_ratio=promotion["silhouette_inertia_ratio"],
        version=promotion["version"],
        promoted=promotion["promoted"],
        reason="" if promotion["promoted"] else promotion["reason"],
        missing=tuple(promotion["missing"]),
    )
    parsed = DriftCheck.from_dict(check)
    return _send(drift_alert(parsed, retraining, promotion["production_version"], settings.message_drift), settings)


def alert_no_drift(check: Mapping[str, Any], production_version: str | None) -> dict[str, str]:
    """Say that respondents still fit the personas, and whose share changed if the mix did; see `alert_drift`."""
    settings = read_settings(TelegramSettings)
    return _send(no_drift_alert(DriftCheck.from_dict(check), production_version, settings.message_nodrift), settings)


@contextmanager
def alert_if_check_fails(reference_wave: str, current_wave: str) -> Iterator[None]:
    """Tell people that a check cannot be made, then let the run fail with the same error.

    The alert never hides the error: a wrong setting of Telegram is only logged here.
    """
    try:
        yield
    except Exception as error:
        text = check_failed_alert(reference_wave, current_wave, error)
        try:
            _send(text, read_settings(TelegramSettings))
        except DtcError as other:
            _log.warning("the alert was not sent", reason=str(other), alert=text)
        raise


def _send(text: str, settings: TelegramSettings) -> dict[str, str]:
    delivery = send_alert(text, settings)
    return {"status": delivery.status, "detail": delivery.detail, "text": text}
