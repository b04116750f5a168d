"""Messages to a Telegram chat: one attempt to deliver an alert, with all that makes it succeed where it can."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import stamina
import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity
from telegram.error import ChatMigrated, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from dtc_monitoring.alerts.messages import CAPTION_UNITS, caption, has_room_for, is_heading, shorten_message
from dtc_monitoring.alerts.telegram_problems import asked_wait_seconds, in_words, wait_before_retry
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
class Alert:
    """A message with what belongs to it."""

    text: str
    """Plain text, no longer than Telegram takes."""
    picture: bytes | None = None
    """PNG, sent above the text."""
    buttons: InlineKeyboardMarkup | None = None
    """Stand below the text."""


@dataclass(frozen=True)
class Attempt:
    """What came of delivering an alert."""

    problem: str = ""
    """For people: why it was not delivered, and the way out, without the token; empty if it was."""
    wait_seconds: float | None = None
    """How long Telegram asks to wait before anything else is sent."""
    moved_to: str = ""
    """The chat's new id, if it was found to have one; the alert went there."""


def deliver(alert: Alert, settings: TelegramSettings, chat: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Attempt:
    """Send an alert to a chat, and follow the chat if it has become a supergroup, which has another id.

    Parameters
    ----------
    alert : Alert
    settings : TelegramSettings
        The bot.
    chat : str
        The id of the chat.
    timeout_seconds : float
        How long one attempt may take to connect, and then to be answered.
    """
    with ThreadPoolExecutor(1) as fresh_thread:  # an event loop may run in this one
        return fresh_thread.submit(_deliver, alert, settings, chat, timeout_seconds).result()


def _deliver(
    alert: Alert, settings: TelegramSettings, chat: str, timeout_seconds: float, moved_to: str = ""
) -> Attempt:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    try:
        with hidden_in_logs(token):
            asyncio.run(_send(alert, token, settings, chat, timeout_seconds))
    except ChatMigrated as moved:
        if not moved_to:
            new = str(moved.new_chat_id)
            return _deliver(alert, settings, new, timeout_seconds, new)
        return Attempt(in_words(moved, settings))  # a chat that moves with every message
    except UNDELIVERED as error:
        problem = in_words(error, settings).replace(token, "<BOT_TOKEN>")
        return Attempt(problem, asked_wait_seconds(error), moved_to)
    return Attempt(moved_to=moved_to)


async def _send(alert: Alert, token: str, settings: TelegramSettings, chat: str, timeout_seconds: float) -> None:
    request = HTTPXRequest(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        write_timeout=timeout_seconds,
        media_write_timeout=4 * timeout_seconds,
    )
    async with request:  # entering the request, not the bot, saves a call that checks the token
        bot = Bot(token, f"{settings.telegram_api_url}/bot", request=request, get_updates_request=request)
        if alert.picture is not None and await _send_picture(bot, chat, alert):
            return
        await insist(lambda: send_text(bot, chat, alert.text, alert.buttons))


async def _send_picture(bot: Bot, chat: str, alert: Alert) -> bool:
    """Send the picture with what fits below it, and tell whether that was all of the text.

    A picture that does not arrive must not keep the text from arriving.
    """
    whole = has_room_for(alert.text, CAPTION_UNITS)
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
    except (ChatMigrated, RetryAfter):  # what holds for the picture holds for the text
        raise
    except UNDELIVERED as error:
        _log.warning("the picture of the alert was not delivered", reason=type(error).__name__)
        return False
    return whole


async def send_text(bot: Bot, chat: int | str, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
    """Send one message, its headline and headings bold."""
    cut = shorten_message(text)
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
