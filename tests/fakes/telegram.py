"""A local server that speaks the Bot API's ``getMe`` and ``sendMessage`` and remembers what was sent.

>>> with FakeTelegram() as server:  # doctest: +SKIP
...     settings = TelegramSettings(bot_token=server.token, chat_id=server.chat_id, telegram_api_url=server.base_url)
...     send_alert("hello", settings)
...     assert [message.text for message in server.messages] == ["hello"]
"""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "123456789:AAFakeTokenForTests-only_0123456789"
CHAT_ID = "-1001234567890"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Persona alerts", "username": "persona_alerts_bot"}


@dataclass(frozen=True)
class Reply:
    """How the server treats one call: a status with a body, or silence, or a closed connection."""

    status: int = 200
    body: dict[str, Any] | bytes | None = None
    """JSON document, raw bytes, or None for what Telegram answers."""
    delay_seconds: float = 0.0
    hang_up: bool = False


OK = Reply()
HANG_UP = Reply(hang_up=True)


def error(status: int, description: str, **parameters: int) -> Reply:
    """Refuse a call in the form that Telegram does."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Reply(status, body | ({"parameters": parameters} if parameters else {}))


SERVER_ERROR = error(500, "Internal Server Error")
BLOCKED = error(403, "Forbidden: bot was kicked from the group chat")
_UNAUTHORIZED = error(401, "Unauthorized")
_UNKNOWN_METHOD = error(404, "Not Found")
_EMPTY = error(400, "Bad Request: message text is empty")
_CHAT_NOT_FOUND = error(400, "Bad Request: chat not found")
_TOO_LONG = error(400, "Bad Request: message is too long")


def too_many_requests(retry_after_seconds: int) -> Reply:
    """Ask to wait."""
    description = f"Too Many Requests: retry after {retry_after_seconds}"
    return error(429, description, retry_after=retry_after_seconds)


@dataclass(frozen=True)
class Message:
    """A message that reached the chat."""

    chat_id: str
    text: str
    parameters: dict[str, str]


class FakeTelegram:
    """The server, as a context manager on a free port.

    Parameters
    ----------
    *script : Reply
        How the next calls are treated, one after the other; later calls are answered as Telegram does.
    """

    token = TOKEN
    chat_id = CHAT_ID

    def __init__(self, *script: Reply) -> None:
        self.messages: list[Message] = []
        self.calls: list[str] = []
        """Names of the methods called, whatever the answer."""
        self._script = list(script)
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """Value for the setting TELEGRAM_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def then(self, *script: Reply) -> None:
        """Add to the script."""
        with self._lock:
            self._script.extend(script)

    def wait_for_messages(self, count: int, timeout_seconds: float = 10.0) -> list[Message]:
        """Wait until so many messages have arrived, and give all of them."""
        deadline = time.monotonic() + timeout_seconds
        while len(self.messages) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.messages)} of {count} messages arrived in {timeout_seconds} s")
            time.sleep(0.02)
        return list(self.messages)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply_to(self, token: str, method: str, parameters: dict[str, str]) -> Reply:
        with self._lock:
            self.calls.append(method)
            scripted = self._script.pop(0) if self._script else OK
            if scripted is not OK:
                return scripted
            if token != self.token:
                return _UNAUTHORIZED
            if method == "getMe":
                return Reply(body={"ok": True, "result": BOT})
            return self._take_message(parameters) if method == "sendMessage" else _UNKNOWN_METHOD

    def _take_message(self, parameters: dict[str, str]) -> Reply:
        text, chat_id = parameters.get("text", ""), parameters.get("chat_id", "")
        if not text.strip():
            return _EMPTY
        if chat_id != self.chat_id:
            return _CHAT_NOT_FOUND
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _TOO_LONG
        self.messages.append(Message(chat_id, text, parameters))
        chat = {"id": int(chat_id), "type": "supergroup", "title": "Personas"}
        result = {"message_id": len(self.messages), "date": int(time.time()), "chat": chat, "from": BOT, "text": text}
        return Reply(body={"ok": True, "result": result})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def do_GET(self) -> None:
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                bot, _, method = self.path.partition("?")[0].strip("/").partition("/")
                reply = server._reply_to(bot.removeprefix("bot"), method, self._parameters(body))
                server._closing.wait(reply.delay_seconds) if reply.delay_seconds else None
                if reply.hang_up:
                    self.close_connection = True
                    return
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def _parameters(self, body: bytes) -> dict[str, str]:
                if self.headers.get("Content-Type", "").startswith("application/json"):
                    return {name: str(value) for name, value in json.loads(body).items()}
                query = self.path.partition("?")[2]
                return {name: values[0] for name, values in (parse_qs(query) | parse_qs(body.decode())).items()}

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Keep quiet."""

        return Handler
