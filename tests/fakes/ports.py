"""Free ports for servers that tests start."""

import os
import random
import socket

FIRST, LAST = 20_000, 32_000
"""Below the ports that systems give to clients, of which one might take a port between the question and its use."""
SPAN = 1_500
"""Ports for one process of pytest-xdist, so that two never find the same."""

_given: set[int] = set()
"""What was found before: its program may not listen yet, or be about to listen again."""


def free_port() -> int:
    """Find a port that nobody listens on, and that was not found before."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + worker % ((LAST - FIRST) // SPAN) * SPAN
    left = [port for port in range(first, first + SPAN) if port not in _given]
    port = next(filter(_is_free, random.sample(left, len(left))), None)
    if port is None:
        raise RuntimeError(f"all ports from {first} to {first + SPAN} are taken")
    _given.add(port)
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
