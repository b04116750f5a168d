"""What reaches the bot: who asks what, and whether it may be answered."""

from collections.abc import Collection
from dataclasses import dataclass

import structlog
from telegram import Chat, Message, MessageEntity, Update, User

from dtc_monitoring.alerts import Press

ALLOWED = ("message", "callback_query")
"""Kinds of updates that the bot asks Telegram for."""
LONGEST_NAME = 64
"""Most characters of a person's name in a record."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Asked:
    """A command or a press from the chat that may decide."""

    by: str
    """The person, as decisions record them."""
    chat_id: int
    command: str | None = None
    """A command without slash and bot name."""
    argument: str = ""
    """The word behind it."""
    press: Press | None = None
    query_id: str | None = None
    """Names the press when it is answered."""
    message_id: int | None = None
    """The message whose button was pressed."""


def read_update(update: Update, chat_ids: Collection[str], bot_name: str) -> Asked | None:
    """Return what is asked; None for other chats, of which only the fact is logged, and for what is not a question to the bot."""
    chat, query = update.effective_chat, update.callback_query
    if chat is None or not _is_one_of(chat, chat_ids):
        _log.warning(
            "ignored an update from another chat", update_id=update.update_id, chat_id=chat.id if chat else None
        )
        return None
    by = in_record(update.effective_user)
    if query is not None:
        press = Press.from_data(query.data or "")
        message_id = query.message.message_id if query.message else None
        return Asked(by, chat.id, press=press, query_id=query.id, message_id=message_id)
    command = _command(update.message, bot_name) if update.message else None
    return Asked(by, chat.id, command=command[0], argument=command[1]) if command else None


def moved_to(update: Update, chat_ids: Collection[str]) -> str:
    """Return the new id of the chat, if the update says that it became a supergroup; else nothing."""
    chat, message = update.effective_chat, update.message
    if chat is None or message is None or message.migrate_to_chat_id is None or not _is_one_of(chat, chat_ids):
        return ""
    return str(message.migrate_to_chat_id)


def in_record(user: User | None) -> str:
    """Name a person for the record: the name that people know, and the number that does not change."""
    if user is None:
        return "somebody in Telegram"
    name = " ".join(user.full_name.split())[:LONGEST_NAME]
    return f"{name} (Telegram {f'@{user.username}, ' if user.username else ''}{user.id})"


def _is_one_of(chat: Chat, chat_ids: Collection[str]) -> bool:
    names = {chat_id[1:].lower() for chat_id in chat_ids if chat_id.startswith("@")}
    return str(chat.id) in chat_ids or (chat.username or "").lower() in names


def _command(message: Message, bot_name: str) -> tuple[str, str] | None:
    """Return the command that a message begins with and the word behind it, unless it is meant for another bot."""
    begins = any(entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0 for entity in message.entities)
    if not begins or not message.text:
        return None
    first, *behind = message.text.split()
    command, _, addressee = first[1:].partition("@")
    argument = behind[0] if behind else ""
    return (command.lower(), argument) if addressee.lower() in {"", bot_name.lower()} else None
