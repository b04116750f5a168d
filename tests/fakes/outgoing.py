"""What processes say to other machines: a watcher inside them, and a proxy that notes what it is asked for."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_WATCHER = Path(__file__).with_name("call_watcher")
_SILENCERS = ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "NO_PROXY")
"""Variables in which MLflow sees a test, and says nothing; or that would do what our programs have to do themselves."""


def watched(environment: Mapping[str, str], calls: Path) -> dict[str, str]:
    """Return an environment whose Python processes note in a file the other machines that they look up or connect to."""
    return _loud(environment) | {"PYTHONPATH": str(_WATCHER), "CALLS_FILE": str(calls)}


def behind_proxy(environment: Mapping[str, str], proxy: str) -> dict[str, str]:
    """Return an environment that sends everything through a proxy."""
    names = ("http_proxy", "https_proxy", "all_proxy")
    return _loud(environment) | {spelt: proxy for name in names for spelt in (name, name.upper())}


def _loud(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.upper() not in _SILENCERS}


class FakeProxy:
    """A proxy on a free port that lets nothing through, as a context manager."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        """What it was asked for."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def _refuse(self) -> None:
                asked.append(f"{self.command} {self.path}")
                self.send_error(502)

            do_GET = do_POST = do_PUT = do_CONNECT = _refuse  # noqa: N815 - names of the base class

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Keep quiet."""

        return Handler
