"""How an alert reaches the chat: kept ones first, after a chat that moved, and kept itself if it cannot be delivered now."""

from dataclasses import dataclass
from typing import Literal

import structlog
from telegram import InlineKeyboardMarkup

from dtc_monitoring.alerts.messages import shorten_message
from dtc_monitoring.alerts.telegram import TIMEOUT_SECONDS, Alert, Attempt, deliver
from dtc_monitoring.alerts.telegram_store import TelegramStore
from dtc_monitoring.settings import TelegramSettings

_log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """What became of an alert."""

    status: Literal["sent", "off", "kept", "failed"]
    """``kept``: it is sent later, by the bot or by the next run that tells something."""
    detail: str = ""
    """For people: why it was not sent, and the way out. It never holds the token."""


def send_alert(  # noqa: PLR0913 - the alert, where it goes, and what is remembered; the rest is by keyword
    text: str,
    settings: TelegramSettings,
    *,
    picture: bytes | None = None,
    buttons: InlineKeyboardMarkup | None = None,
    store: TelegramStore | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Delivery:
    """Send a text to the chat that the settings name, or log it if Telegram is off.

    An attempt that times out may have arrived nevertheless, so in an outage an alert can come twice.

    Parameters
    ----------
    text : str
        Plain text; cut if it is longer than Telegram takes.
    settings : TelegramSettings
        The bot and the chat.
    picture : bytes, optional
        PNG, sent above the text. The text arrives without it if Telegram does not take it.
    buttons : InlineKeyboardMarkup, optional
        Stand below the text.
    store : TelegramStore, optional
        Keeps what cannot be delivered, and knows where the chat has gone. Alerts that it keeps already are sent first.
    timeout_seconds : float
        How long one attempt may take to connect, and then to be answered.
    """
    if reason := settings.off_reason:
        _log.warning(f"{reason}. The alert stands here instead:\n{text}")
        return Delivery("off", reason)
    if store is not None:
        send_kept_alerts(settings, store, timeout_seconds)
    alert = Alert(shorten_message(text), picture, buttons)
    attempt = _deliver(alert, settings, store, timeout_seconds)
    if not attempt.problem:
        _log.info("the alert was sent to Telegram")
        return Delivery("sent")
    if store is not None and store.keep(alert, attempt):
        _log.error(f"The alert was not delivered, and is kept to be sent later. {attempt.problem} It says:\n{text}")
        return Delivery("kept", attempt.problem)
    _log.error(f"The alert was not delivered. {attempt.problem} It said:\n{text}")
    return Delivery("failed", attempt.problem)


def send_kept_alerts(
    settings: TelegramSettings, store: TelegramStore, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """Send the alerts that were kept and are due; any number of programs may do so at a time."""
    sent = store.send_due(lambda alert: _deliver(alert, settings, store, timeout_seconds))
    if sent:
        _log.info("alerts that were kept have been sent to Telegram", alerts=sent)


def move_notice(chat_id: str, moved_to: str) -> str:
    """Say in the chat that it has another id."""
    return (
        f"This group has a new id\nTelegram made it a supergroup: {chat_id} is {moved_to} now. Alerts and the bot follow it "
        f"by themselves. Put CHAT_ID={moved_to} into .env when you next edit it."
    )


def _deliver(alert: Alert, settings: TelegramSettings, store: TelegramStore | None, timeout_seconds: float) -> Attempt:
    """Deliver to where the chat is now; if it moves in this moment, remember that and say so in it."""
    configured = settings.chat_id or ""
    chat = store.chat(configured) if store else configured
    attempt = deliver(alert, settings, chat, timeout_seconds)
    if attempt.moved_to:
        _log.warning("the chat has a new id", chat_id=chat, moved_to=attempt.moved_to)
        if store is None or store.remember_move(configured, attempt.moved_to):
            notice = Alert(move_notice(chat, attempt.moved_to))
            deliver(notice, settings, attempt.moved_to, timeout_seconds)
    return attempt
