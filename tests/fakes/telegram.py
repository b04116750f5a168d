"""A local server that speaks the part of the Bot API that we use, and remembers what was sent.

>>> with FakeTelegram() as server:  # doctest: +SKIP
...     settings = TelegramSettings(bot_token=server.token, chat_id=server.chat_id, telegram_api_url=server.base_url)
...     send_alert("hello", settings)
...     assert [message.text for message in server.messages] == ["hello"]
"""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from fakes.telegram_chat import BY_ANN, FakeChat, Message, Parameters, read_parameters
from fakes.telegram_replies import (
    BLOCKED,
    CONFLICT,
    HANG_UP,
    OK,
    SERVER_ERROR,
    UNAUTHORIZED,
    Reply,
    error,
    too_many_requests,
)
from fakes.waiting import wait_until

__all__ = [
    "BLOCKED",
    "BY_ANN",
    "CONFLICT",
    "HANG_UP",
    "SERVER_ERROR",
    "UNAUTHORIZED",
    "FakeTelegram",
    "Message",
    "Reply",
    "error",
    "too_many_requests",
]

TOKEN = "123456789:AAFakeTokenForTests-only_0123456789"
CHAT_ID = "-1001234567890"


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
        self.chat = FakeChat(CHAT_ID)
        self.calls: list[str] = []
        """Names of the methods called, whatever the answer."""
        self._script = list(script)
        self._scripts: dict[str, list[Reply]] = {}
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def messages(self) -> list[Message]:
        """The messages that arrived."""
        return self.chat.messages

    @property
    def base_url(self) -> str:
        """Value for the setting TELEGRAM_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def then(self, *script: Reply) -> None:
        """Add to the script."""
        with self._lock:
            self._script.extend(script)

    def treat(self, method: str, *script: Reply) -> None:
        """Say how the next calls of one method are treated."""
        with self._lock:
            self._scripts.setdefault(method, []).extend(script)

    def wait_for_messages(self, count: int) -> list[Message]:
        """Wait until so many messages have arrived, and give all of them."""
        wait_until(
            lambda: len(self.messages) >= count,
            lambda: f"{len(self.messages)} of {count} messages arrived",
        )
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

    def _reply_to(self, token: str, method: str, parameters: Parameters) -> Reply:
        with self._lock:
            self.calls.append(method)
            scripts = [script for script in (self._scripts.get(method), self._script) if script]
            scripted = scripts[0].pop(0) if scripts else OK
            if scripted is not OK:
                return scripted
            if token != self.token:
                return UNAUTHORIZED
            if method != "getUpdates":
                return self.chat.take(method, parameters)
        return self.chat.poll(parameters, self._closing)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def do_GET(self) -> None:
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                address, _, query = self.path.partition("?")
                bot, _, method = address.strip("/").partition("/")
                parameters = read_parameters(self.headers.get("Content-Type", ""), query, body)
                reply = server._reply_to(bot.removeprefix("bot"), method, parameters)
                server._closing.wait(reply.delay_seconds) if reply.delay_seconds else None
                if reply.hang_up:
                    self.close_connection = True
                    return
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                with suppress(ConnectionError):  # whoever asked has gone
                    self.send_response(reply.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Keep quiet."""

        return Handler
