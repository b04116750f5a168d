"""What Telegram's errors mean: whether trying again can help, and what people can do about them."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from dtc_monitoring.settings import TelegramSettings

LONGEST_WAIT_SECONDS = 30.0
"""Longest wait that Telegram may ask for between two attempts; if it asks for more, the alert is sent later."""

_IN_WORDS: tuple[tuple[type[Exception], str], ...] = (
    # The text of InvalidToken can hold the token, so it is not shown.
    (InvalidToken, "{url} does not accept BOT_TOKEN. Copy it again from @BotFather, or correct TELEGRAM_API_URL."),
    (ChatMigrated, "The chat has a new id. Set CHAT_ID to {error.new_chat_id}."),
    (Forbidden, "The bot may not write to CHAT_ID {chat} ({error}). Add it to the chat, or press Start in it."),
    (BadRequest, "{url}: {error}. Correct CHAT_ID {chat}, or write to the bot from that chat first."),
    (Conflict, "Another program asks Telegram for this bot's updates ({error}). Stop it: only one can have them."),
    (RetryAfter, "Telegram takes no more messages from this bot for the moment: {error}."),
    (TimedOut, "{url} does not answer in time. Check the network, and TELEGRAM_API_URL if you set it."),
    (NetworkError, "{url} cannot be used: {error}. Check the network, and TELEGRAM_API_URL if you set it."),
    (Exception, "What answers at {url} is not Telegram: {error!r}. Check TELEGRAM_API_URL."),
)
"""The first class that an error belongs to tells its words."""


def wait_before_retry(error: Exception) -> bool | float:
    """Tell whether an error may pass by itself, and how many seconds to wait if Telegram says so."""
    if (seconds := asked_wait_seconds(error)) is not None:
        return seconds if seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


def asked_wait_seconds(error: Exception) -> float | None:
    """Return how long Telegram asks to wait; None if it does not."""
    if not isinstance(error, RetryAfter):
        return None
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def in_words(error: Exception, settings: TelegramSettings) -> str:
    """Say why a message was not delivered, and the way out, without the token."""
    words = next(words for kind, words in _IN_WORDS if isinstance(error, kind))
    return words.format(error=error, url=settings.telegram_api_url, chat=settings.chat_id)
