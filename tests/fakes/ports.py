"""Free ports for servers that tests start."""

import os
import random
import socket

FIRST, LAST = 20_000, 32_000
"""Below the ports that systems give to clients, of which one might take a port between the question and its use."""
SPAN = 1_500
"""Ports for one process of pytest-xdist, so that two never find the same."""


def free_port() -> int:
    """Find a port that nobody listens on."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + worker % ((LAST - FIRST) // SPAN) * SPAN
    for port in random.sample(range(first, first + SPAN), SPAN):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"all ports from {first} to {first + SPAN} are taken")
