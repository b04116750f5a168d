"""Alerts by Telegram. An alert that cannot be delivered is reported, but never fails the run that sends it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import stamina
import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from dtc_monitoring.alerts.messages import CAPTION_UNITS, caption, fit_message, fits, is_heading
from dtc_monitoring.alerts.telegram_problems import in_words, wait_before_retry
from dtc_monitoring.settings import TelegramSettings

ATTEMPTS = 3
"""How often a message is tried before Telegram counts as down."""
TIMEOUT_SECONDS = 5.0
"""How long one attempt may take to connect, and then to be answered."""

UNDELIVERED = (TelegramError, LookupError, TypeError, AttributeError, ValueError)
"""What a call may raise; all but the first if a stranger answers with other fields."""

_LOGGERS_THAT_SHOW_THE_TOKEN = ("httpx", "telegram.Bot")

_log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """What became of an alert."""

    status: Literal["sent", "off", "failed"]
    detail: str = ""
    """For people: why it was not sent, and the way out. It never holds the token."""


def send_alert(
    text: str,
    settings: TelegramSettings,
    *,
    picture: bytes | None = None,
    buttons: InlineKeyboardMarkup | None = None,
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
    timeout_seconds : float
        How long one attempt may take to connect, and then to be answered.
    """
    if reason := settings.off_reason:
        _log.warning(f"{reason}. The alert stands here instead:\n{text}")
        return Delivery("off", reason)
    alert = _Alert(fit_message(text), picture, buttons)
    with ThreadPoolExecutor(1) as fresh_thread:  # an event loop may run in this one
        delivery = fresh_thread.submit(_deliver, alert, settings, timeout_seconds).result()
    if delivery.status == "failed":
        _log.error(f"The alert was not delivered. {delivery.detail} It said:\n{text}")
    else:
        _log.info("the alert was sent to Telegram")
    return delivery


@dataclass(frozen=True)
class _Alert:
    text: str
    picture: bytes | None
    buttons: InlineKeyboardMarkup | None


def _deliver(alert: _Alert, settings: TelegramSettings, timeout_seconds: float) -> Delivery:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    try:
        with hidden_in_logs(token):
            asyncio.run(_send(alert, token, settings, timeout_seconds))
    except UNDELIVERED as error:
        return Delivery("failed", in_words(error, settings).replace(token, "<BOT_TOKEN>"))
    return Delivery("sent")


async def _send(alert: _Alert, token: str, settings: TelegramSettings, timeout_seconds: float) -> None:
    request = HTTPXRequest(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        write_timeout=timeout_seconds,
        media_write_timeout=4 * timeout_seconds,
    )
    async with request:  # entering the request, not the bot, saves a call that checks the token
        bot = Bot(token, f"{settings.telegram_api_url}/bot", request=request, get_updates_request=request)
        chat = settings.chat_id or ""
        if alert.picture is not None and await _send_picture(bot, chat, alert):
            return
        await insist(lambda: send_text(bot, chat, alert.text, alert.buttons))


async def _send_picture(bot: Bot, chat: str, alert: _Alert) -> bool:
    """Send the picture with what fits below it, and tell whether that was all of the text.

    A picture that does not arrive must not keep the text from arriving.
    """
    whole = fits(alert.text, CAPTION_UNITS)
    below = alert.text if whole else caption(alert.text)
    try:
        await insist(
            lambda: bot.send_photo(
                chat,
                alert.picture or b"",
                caption=below,
                caption_entities=entities(below),
                reply_markup=alert.buttons if whole else None,
                filename="personas.png",
            )
        )
    except UNDELIVERED as error:
        _log.warning("the picture of the alert was not delivered", reason=type(error).__name__)
        return False
    return whole


async def send_text(bot: Bot, chat: int | str, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
    """Send one message, its headline and headings bold."""
    cut = fit_message(text)
    await bot.send_message(
        chat,
        cut,
        entities=entities(cut),
        reply_markup=buttons,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )


async def insist(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call, and make it again where that can help."""
    retries = stamina.retry_context(
        wait_before_retry, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=5.0, wait_jitter=0.5
    )
    async for attempt in retries:
        with attempt:
            await call()


@contextmanager
def hidden_in_logs(token: str) -> Iterator[None]:
    """Keep the token out of the logs: the Bot API has it in the address, which the HTTP client logs."""

    def hide(record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().replace(token, "<BOT_TOKEN>"), ()
        return True

    loggers = [logging.getLogger(name) for name in _LOGGERS_THAT_SHOW_THE_TOKEN]
    for logger in loggers:
        logger.addFilter(hide)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hide)


def entities(text: str) -> list[MessageEntity]:
    """Make the first line and the headings of a text bold; Telegram counts in UTF-16 code units."""
    found, offset = [], 0
    for number, line in enumerate(text.split("\n")):
        length = len(line.encode("utf-16-le")) // 2
        if length and (number == 0 or is_heading(line)):
            found.append(MessageEntity(MessageEntity.BOLD, offset, length))
        offset += length + 1
    return found
