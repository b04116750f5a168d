"""What the fake Telegram keeps: messages that arrived, buttons taken away, and updates that a bot has not confirmed."""

import json
import threading
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs

from fakes.telegram_replies import CONFLICT, Reply, error, too_many_requests, upgraded
from fakes.waiting import wait_until

BOT = {"id": 123456789, "is_bot": True, "first_name": "Persona alerts", "username": "segment_alerts_bot"}
ANN = {"id": 4711, "is_bot": False, "first_name": "Ann", "last_name": "Example", "username": "ann_example"}
BY_ANN = "Ann Example (Telegram @ann_example, 4711)"
"""How a decision names her."""

_EMPTY = error(400, "Bad Request: message text is empty")
_CHAT_NOT_FOUND = error(400, "Bad Request: chat not found")
_TOO_LONG = error(400, "Bad Request: message is too long")
_NO_PHOTO = error(400, "Bad Request: there is no photo in the request")
_UNKNOWN_METHOD = error(404, "Not Found")

Parameters = dict[str, str | bytes]


@dataclass(frozen=True)
class Message:
    """A message that reached the chat."""

    chat_id: str
    text: str
    parameters: dict[str, str]
    photo: bytes | None = None

    @property
    def buttons(self) -> dict[str, str]:
        """What each button under the message carries, by its label."""
        markup = json.loads(self.parameters.get("reply_markup", "{}"))
        rows = markup.get("inline_keyboard", [])
        return {button["text"]: button["callback_data"] for row in rows for button in row}

    @property
    def bold(self) -> list[str]:
        """The bold parts of the text."""
        units = self.text.encode("utf-16-le")
        spans = json.loads(self.parameters.get("entities") or self.parameters.get("caption_entities") or "[]")
        return [units[2 * span["offset"] : 2 * (span["offset"] + span["length"])].decode("utf-16-le") for span in spans]


@dataclass
class FakeChat:
    """One chat with a bot in it."""

    chat_id: str
    messages: list[Message] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    """What presses were answered with at once."""
    without_buttons: list[int] = field(default_factory=list)
    """Ids of messages whose buttons the bot took away."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    """Updates that the bot has not confirmed."""
    flood_seconds: int | None = None
    """How long the bot is asked to wait before it sends anything; None if it may."""
    former_ids: dict[str, str] = field(default_factory=dict)
    """Ids that the chat had before it became a supergroup, and the next one of each."""
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _next_id: int = 1000
    _polls: int = 0
    """How often updates were asked for."""

    def write(self, text: str, *, chat_id: str | None = None, user: dict[str, Any] | None = None) -> int:
        """Let somebody write to the bot; the update's id is given."""
        return self._add("message", self._message(chat_id, text) | {"from": user or ANN})

    def press(self, data: str, *, chat_id: str | None = None, user: dict[str, Any] | None = None) -> int:
        """Let somebody press a button that carries some data; the update's id is given."""
        query = {"id": str(self._next_id), "from": user or ANN, "chat_instance": "1", "data": data}
        return self._add("callback_query", query | {"message": self._message(chat_id, "an alert") | {"from": BOT}})

    def become_supergroup(self, chat_id: str, *, tell_the_bot: bool = True) -> None:
        """Move to another id, as a group does that is upgraded; the old one takes no messages from then on."""
        moved = self._message(None, "") | {"migrate_to_chat_id": int(chat_id)}
        self.former_ids[self.chat_id], self.chat_id = chat_id, chat_id
        if tell_the_bot:
            self._add("message", moved)

    def deliver(self, kind: str, content: Any) -> int:
        """Let an update arrive as it is, right or wrong."""
        return self._add(kind, content)

    def wait_until_confirmed(self) -> None:
        """Wait until the bot has dealt with all updates."""
        wait_until(lambda: not self.updates, lambda: f"the bot left {len(self.updates)} updates")

    def take(self, method: str, parameters: Parameters) -> Reply:
        """Answer one call as Telegram does."""
        texts = {name: value for name, value in parameters.items() if isinstance(value, str)}
        if method == "getMe":
            return _result(BOT)
        if method == "sendMessage":
            return self._keep(texts, texts.get("text", ""), 4096)
        if method == "sendPhoto":
            photo = parameters.get("photo")
            return self._keep(texts, texts.get("caption", ""), 1024, photo) if isinstance(photo, bytes) else _NO_PHOTO
        if method == "answerCallbackQuery":
            self.toasts.append(texts.get("text", ""))
            return _result(True)  # noqa: FBT003 - the API's word
        if method == "editMessageReplyMarkup":
            self.without_buttons.append(int(texts["message_id"]))
            return _result(True)  # noqa: FBT003 - the API's word
        return _UNKNOWN_METHOD

    def poll(self, parameters: Parameters, closing: threading.Event) -> Reply:
        """Return the updates that are not confirmed, or wait for some as long as the bot wants.

        As at Telegram, a question ends the one before it that is still open with a conflict.
        """
        offset, wait = int(parameters.get("offset", 0)), float(parameters.get("timeout", 0))
        deadline = time.monotonic() + wait
        with self._arrived:
            self._polls += 1
            own = self._polls
            self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]
            while not self.updates and time.monotonic() < deadline and not closing.is_set() and own == self._polls:
                self._arrived.wait(0.02)
            return _result(list(self.updates)) if own == self._polls else CONFLICT

    def _add(self, kind: str, content: Any) -> int:
        with self._arrived:
            self._next_id += 1
            self.updates.append({"update_id": self._next_id, kind: content})
            self._arrived.notify_all()
            return self._next_id

    def _message(self, chat_id: str | None, text: str) -> dict[str, Any]:
        command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
        entities = [{"type": "bot_command", "offset": 0, "length": len(command)}] if command else []
        chat = {"id": int(chat_id or self.chat_id), "type": "supergroup", "title": "Personas"}
        return {"message_id": self._next_id, "date": int(time.time()), "chat": chat, "text": text, "entities": entities}

    def _keep(self, parameters: dict[str, str], text: str, limit: int, photo: bytes | None = None) -> Reply:
        chat_id = parameters.get("chat_id", "")
        if not text.strip() and photo is None:
            return _EMPTY
        if self.flood_seconds is not None:
            return too_many_requests(self.flood_seconds)
        if chat_id in self.former_ids:
            return upgraded(int(self.former_ids[chat_id]))
        if chat_id != self.chat_id:
            return _CHAT_NOT_FOUND
        if len(text.encode("utf-16-le")) // 2 > limit:
            return _TOO_LONG
        self.messages.append(Message(chat_id, text, parameters, photo))
        chat = {"id": int(chat_id), "type": "supergroup", "title": "Personas"}
        sent = {"message_id": len(self.messages), "date": int(time.time()), "chat": chat, "from": BOT}
        picture = [{"file_id": "p", "file_unique_id": "p", "width": 1080, "height": 900}]
        return _result(sent | ({"text": text} if photo is None else {"caption": text, "photo": picture}))


def read_parameters(content_type: str, query: str, body: bytes) -> Parameters:
    """Read a call's parameters from the address and from any of the three forms of a body."""
    if content_type.startswith("application/json"):
        return {name: str(value) for name, value in json.loads(body).items()}
    found: Parameters = {name: values[0] for name, values in parse_qs(query).items()}
    if not content_type.startswith("multipart/form-data"):
        return found | {name: values[0] for name, values in parse_qs(body.decode()).items()}
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = str(part.get_param("name", header="content-disposition"))
            found[name] = content if part.get_filename() else content.decode()
    return found


def _result(result: Any) -> Reply:
    return Reply(body={"ok": True, "result": result})
