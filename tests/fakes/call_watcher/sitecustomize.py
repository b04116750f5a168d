"""Python runs this at the start of a watched process: it notes every other machine that the process looks up or connects to."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

_find, _connect = socket.getaddrinfo, socket.socket.connect
_OWN = {None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", socket.gethostname()}  # noqa: S104 - compared, not bound


def _note(host: Any) -> None:
    if host not in _OWN:
        with Path(os.environ["CALLS_FILE"]).open("a", encoding="utf-8") as file:
            file.write(f"{host} by {' '.join(sys.argv)[:100]}\n")


def _noting_find(host: Any, *arguments: Any, **options: Any) -> Any:
    _note(host.decode() if isinstance(host, bytes) else host)
    return _find(host, *arguments, **options)


def _noting_connect(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple):  # a socket on this machine has a path
        _note(address[0])
    _connect(self, address)


socket.getaddrinfo = _noting_find
socket.socket.connect = _noting_connect  # type: ignore[assignment, method-assign]
