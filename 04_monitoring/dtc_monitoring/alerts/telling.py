"""Telling people about a run: the last step of the pipeline gathers, writes the report and sends the alert.

Whatever is missing in between, people must hear of the verdict. So an outage costs at most the part that it concerns:
without MLflow there is no report, without Postgres there are no earlier waves, and the alert is sent all the same.
What Telegram does not take is kept in Postgres and sent later.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import structlog
from dtc_data.catalogue import Segmentation
from dtc_data.core import PostgresSettings, SettingsError, read_settings
from dtc_data.tables import make_engine
from dtc_model.settings import page_of
from sqlalchemy import Engine

from dtc_monitoring.alerts.buttons import decision_buttons
from dtc_monitoring.alerts.messages import (
    PLAIN_COMMAND,
    Command,
    check_failed_alert,
    checks_not_started_alert,
    result_not_told_alert,
    retraining_failed_alert,
    run_alert,
)
from dtc_monitoring.alerts.sending import Delivery, send_alert
from dtc_monitoring.alerts.telegram_store import TelegramStore
from dtc_monitoring.report import ReportContent, draw_picture, gather, log_report
from dtc_monitoring.settings import TelegramSettings

Stage = Literal["check", "retraining", "telling"]
"""What a run is about: comparing waves, training after a drift, telling what came of both."""

_FAILURES = {"check": check_failed_alert, "retraining": retraining_failed_alert, "telling": result_not_told_alert}

_log = structlog.get_logger()


def tell(  # noqa: PLR0913 - what the steps gave; the rest are options by keyword
    check: Mapping[str, Any],
    promotion: Mapping[str, Any] | None = None,
    *,
    segmentation: Segmentation,
    engine: Engine,
    tracking_uri: str,
    public_url: str | None = None,
) -> dict[str, str]:
    """Write a run's report, and say what was found, what was done and what people decide.

    Parameters
    ----------
    check : mapping
        The drift check as `dtc_monitoring.checks.run_check.check_drift` gave it.
    promotion : mapping, optional
        What became of the new model, as `dtc_model.decisions.decide_candidate.decide` gave it; None if none was trained.
    segmentation : Segmentation
        Names the segments and the commands that decide.
    engine : Engine
        The customer database, for the waves before.
    tracking_uri : str
        Address of MLflow for programs.
    public_url : str, optional
        Address of MLflow for people, who find the report there; the other one if not given.

    Returns
    -------
    dict
        ``status`` of the delivery (sent, off, kept or failed), ``detail``, the ``text`` and the ``report_url``, empty if no report
        could be written.

    Raises
    ------
    SettingsError
        If a setting of Telegram is wrong.
    """
    settings = read_settings(TelegramSettings)
    content = gather(check, promotion, catalogue=segmentation.catalogue, engine=engine, tracking_uri=tracking_uri)
    chat = settings.off_reason is None and segmentation.is_listed  # the bot knows the catalogues in their folder
    content = replace(content, chat=chat, command=segmentation.command, survey=segmentation.title)
    content = log_report(content, str(check.get("mlflow_run_id", "")), tracking_uri, page_of(tracking_uri, public_url))
    title = {"drift": settings.message_drift, "stable": settings.message_nodrift}.get(content.status)
    text = run_alert(content, title)
    delivery = send_alert(
        text, settings, picture=_picture(content), buttons=decision_buttons(content), store=TelegramStore(engine)
    )
    return _as_dict(delivery, text) | {"report_url": content.report_url}


def tell_of_failed_run(  # noqa: PLR0913 - what failed; the rest names the run by keyword
    stage: Stage,
    reason: str,
    *,
    reference_wave: str,
    current_wave: str,
    survey: str = "",
    command: Command = PLAIN_COMMAND,
) -> dict[str, str]:
    """Tell people of a run that did not finish.

    Without it nobody would hear of it: the alert of a run is its last step.

    Parameters
    ----------
    stage : Stage
        What the run was about when it ended.
    reason : str
        Why it ended, as the error says it.
    reference_wave, current_wave : str
        What should have been compared.
    survey : str, optional
        Name of the segmentation.
    command : callable, optional
        Writes a make command for it, see `dtc_data.catalogue.Segmentation.command`.

    Returns
    -------
    dict
        ``status`` of the delivery (sent, off, kept or failed), ``detail`` and the ``text``.

    Raises
    ------
    SettingsError
        If a setting of Telegram is wrong.
    """
    text = _FAILURES[stage](reference_wave, current_wave, reason, survey, command)
    return send_words(text)


def tell_of_checks_not_started(current_wave: str, reason: str) -> dict[str, str]:
    """Tell people that the monthly checks did not all start. What it returns and raises is as of `tell_of_failed_run`."""
    text = checks_not_started_alert(current_wave, reason)
    return send_words(text)


def send_words(text: str) -> dict[str, str]:
    """Send an alert that is words alone, and return what became of it; without settings of Postgres nothing is kept for later."""
    return _as_dict(send_alert(text, read_settings(TelegramSettings), store=_store()), text)


def _store() -> TelegramStore | None:
    """Return what remembers, unless Postgres has no settings here."""
    try:
        return TelegramStore(make_engine(read_settings(PostgresSettings)))
    except SettingsError:
        return None


def _picture(content: ReportContent) -> bytes | None:
    try:
        return draw_picture(content)
    except Exception:  # noqa: BLE001 - a picture that cannot be drawn must not keep the alert back
        _log.exception("the picture of the alert could not be drawn")
        return None


def _as_dict(delivery: Delivery, text: str) -> dict[str, str]:
    return {"status": delivery.status, "detail": delivery.detail, "text": text}
