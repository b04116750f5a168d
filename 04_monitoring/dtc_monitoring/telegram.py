"""Alerts by Telegram. An alert that cannot be delivered is reported, but never fails the run that sends it."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import stamina
import structlog
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from dtc_monitoring.messages import fit_message
from dtc_monitoring.settings import TelegramSettings
from dtc_monitoring.telegram_problems import in_words, wait_before_retry

ATTEMPTS = 3
"""How often a message is tried before Telegram counts as down."""
TIMEOUT_SECONDS = 5.0
"""How long one attempt may take to connect, and then to be answered."""

_LOGGERS_THAT_SHOW_THE_TOKEN = ("httpx", "telegram.Bot")

_log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """What became of an alert."""

    status: Literal["sent", "off", "failed"]
    detail: str = ""
    """For people: why it was not sent, and the way out. It never holds the token."""


def send_alert(text: str, settings: TelegramSettings, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Delivery:
    """Send a text to the chat that the settings name, or log it if Telegram is off.

    An attempt that times out may have arrived nevertheless, so in an outage an alert can come twice.

    Parameters
    ----------
    text : str
        Plain text; cut if it is longer than Telegram takes.
    settings : TelegramSettings
        The bot and the chat.
    timeout_seconds : float
        How long one attempt may take to connect, and then to be answered.
    """
    if reason := settings.off_reason:
        _log.warning(f"{reason}. The alert stands here instead:\n{text}")
        return Delivery("off", reason)
    with ThreadPoolExecutor(1) as fresh_thread:  # an event loop may run in this one
        delivery = fresh_thread.submit(_deliver, fit_message(text), settings, timeout_seconds).result()
    if delivery.status == "failed":
        _log.error(f"The alert was not delivered. {delivery.detail} It said:\n{text}")
    else:
        _log.info("the alert was sent to Telegram")
    return delivery


def _deliver(text: str, settings: TelegramSettings, timeout_seconds: float) -> Delivery:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    try:
        with _hidden_in_logs(token):
            asyncio.run(_send(text, token, settings, timeout_seconds))
    except (TelegramError, LookupError, TypeError) as error:  # the latter two if a stranger answers with other fields
        return Delivery("failed", in_words(error, settings).replace(token, "<BOT_TOKEN>"))
    return Delivery("sent")


async def _send(text: str, token: str, settings: TelegramSettings, timeout_seconds: float) -> None:
    request = HTTPXRequest(connect_timeout=timeout_seconds, read_timeout=timeout_seconds, write_timeout=timeout_seconds)
    retries = stamina.retry_context(
        wait_before_retry, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=5.0, wait_jitter=0.5
    )
    async with request:  # entering the request, not the bot, saves a call that checks the token
        bot = Bot(token, f"{settings.telegram_api_url}/bot", request=request, get_updates_request=request)
        async for attempt in retries:
            with attempt:
                await bot.send_message(settings.chat_id or "", text)


@contextmanager
def _hidden_in_logs(token: str) -> Iterator[None]:
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
