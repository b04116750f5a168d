"""Waiting for what another thread or process does, and asking how long it took, on machines that are slow or busy."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_SECONDS: Final = 300.0
"""Far longer than anything takes: a wait ends with its condition, and only a test that fails is slow."""


def wait_until(condition: Callable[[], object], explain: Callable[[], object] = lambda: "it did not happen") -> None:
    """Wait until a condition holds; if it never does, fail with what `explain` has to say."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {PATIENCE_SECONDS} s: {explain()}")
        time.sleep(0.02)


def seconds_of(work: Callable[[], object]) -> float:
    """Do some work, and return how many seconds it took."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def assert_once_within(seconds: float, measure: Callable[[], float], attempts: int = 5) -> None:
    """Measure until it took less than so many seconds: a busy machine may hold up one attempt of several, and not each."""
    took: list[float] = []
    while not took or min(took) >= seconds:
        assert len(took) < attempts, f"not once within {seconds} s: {took}"
        took.append(measure())
