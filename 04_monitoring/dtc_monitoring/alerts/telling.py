"""Telling people about a run: the last step of the pipeline gathers, writes the report and sends the alert.

Whatever is missing in between, people must hear of the verdict. So an outage costs at most the part that it concerns:
without MLflow there is no report, without Postgres there are no earlier waves, and the alert is sent all the same.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog
from dtc_data import Catalogue
from dtc_data.catalogue import PLAIN_WORDS, Words
from dtc_data.core import DtcError, read_settings
from dtc_model.settings import page_of
from sqlalchemy import Engine

from dtc_monitoring.alerts.buttons import decision_buttons
from dtc_monitoring.alerts.messages import check_failed_alert, retraining_failed_alert, run_alert
from dtc_monitoring.alerts.telegram import Delivery, send_alert
from dtc_monitoring.report import ReportContent, draw_picture, gather, log_report
from dtc_monitoring.settings import TelegramSettings

_log = structlog.get_logger()


def tell(  # noqa: PLR0913 - what the steps gave; the rest are options by keyword
    check: Mapping[str, Any],
    promotion: Mapping[str, Any] | None = None,
    *,
    catalogue: Catalogue,
    engine: Engine,
    tracking_uri: str,
    public_url: str | None = None,
    other_catalogue: str = "",
) -> dict[str, str]:
    """Write a run's report, and say what was found, what was done and what people decide.

    Parameters
    ----------
    check : mapping
        The drift check as `dtc_monitoring.checks.run_check.check_drift` gave it.
    promotion : mapping, optional
        What became of the new model, as `dtc_model.decisions.decide_candidate.decide` gave it; None if none was trained.
    catalogue : Catalogue
        Names the personas.
    engine : Engine
        The customer database, for the waves before.
    tracking_uri : str
        Address of MLflow for programs.
    public_url : str, optional
        Address of MLflow for people, who find the report there; the other one if not given.
    other_catalogue : str, optional
        Path of the catalogue, if it is another one than commands and the bot act on by themselves.

    Returns
    -------
    dict
        ``status`` of the delivery (sent, off or failed), ``detail``, the ``text`` and the ``report_url``, empty if no report
        could be written.

    Raises
    ------
    SettingsError
        If a setting of Telegram is wrong.
    """
    settings = read_settings(TelegramSettings)
    content = gather(check, promotion, catalogue=catalogue, engine=engine, tracking_uri=tracking_uri)
    chat = settings.off_reason is None and not other_catalogue  # the bot answers for one catalogue
    content = replace(content, chat=chat, other_catalogue=other_catalogue)
    content = log_report(content, str(check.get("mlflow_run_id", "")), tracking_uri, page_of(tracking_uri, public_url))
    title = {"drift": settings.message_drift, "stable": settings.message_nodrift}.get(content.status)
    text = run_alert(content, title)
    delivery = send_alert(text, settings, picture=_picture(content), buttons=decision_buttons(content))
    return _as_dict(delivery, text) | {"report_url": content.report_url}


@contextmanager
def alert_if_check_fails(
    reference_wave: str, current_wave: str, survey: str = "", words: Words = PLAIN_WORDS
) -> Iterator[None]:
    """Tell people that a check cannot be made, then let the run fail with the same error.

    The alert never hides the error: a wrong setting of Telegram is only logged here.
    """
    with _alert_of_error(lambda reason: check_failed_alert(reference_wave, current_wave, reason, survey, words)):
        yield


@contextmanager
def alert_if_retraining_fails(
    reference_wave: str, current_wave: str, survey: str = "", words: Words = PLAIN_WORDS
) -> Iterator[None]:
    """Tell people that there is drift but no new version, then let the run fail with the same error.

    Without it nobody would hear of the drift: the alert is the last step of a run, which such a run does not reach.
    """
    with _alert_of_error(lambda reason: retraining_failed_alert(reference_wave, current_wave, reason, survey, words)):
        yield


@contextmanager
def _alert_of_error(write: Callable[[str], str]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        text = write(str(error))
        try:
            send_alert(text, read_settings(TelegramSettings))
        except DtcError as other:
            _log.warning("the alert was not sent", reason=str(other), alert=text)
        raise


def _picture(content: ReportContent) -> bytes | None:
    try:
        return draw_picture(content)
    except Exception:  # noqa: BLE001 - a picture that cannot be drawn must not keep the alert back
        _log.exception("the picture of the alert could not be drawn")
        return None


def _as_dict(delivery: Delivery, text: str) -> dict[str, str]:
    return {"status": delivery.status, "detail": delivery.detail, "text": text}
