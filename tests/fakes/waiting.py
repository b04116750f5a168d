"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], object], seconds: float, explain: Callable[[], object] = lambda: "it did not happen"
) -> None:
    """Wait until a condition holds; after so many seconds without it, fail with what `explain` has to say."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s: {explain()}")
        time.sleep(0.02)
