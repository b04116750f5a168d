"""What holds for every unit test: it starts no process, so that all of them together stay quick."""

import multiprocessing.process
import os
import sys
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import pytest

STARTS: Final = frozenset(
    {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system"}
)
"""Audit events that Python raises before a process starts."""


class ProcessInUnitTestError(FileNotFoundError):
    """A unit test started a process. It belongs in tests/integration or tests/behaviour, a simulation in tests/statistics.

    Libraries that ask the machine what there is take it for a program that is missing.
    """


class Guard:
    """Refuses new processes while a unit test runs, its fixtures included."""

    def __init__(self) -> None:
        self.running: str | None = None
        """The test, if one runs."""

    def __call__(self, event: str, _: tuple[Any, ...]) -> None:
        """Take one audit event."""
        if self.running is not None and event in STARTS:
            self.refuse(event)

    def refuse(self, event: str) -> NoReturn:
        """Say what started where."""
        words = str(ProcessInUnitTestError.__doc__).splitlines()[0]
        raise ProcessInUnitTestError(f"{self.running}: {words} ({event})")


os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # or joblib starts lscpu to count cores
_GUARD: Final = Guard()
sys.addaudithook(_GUARD)  # which cannot be taken away again, and outside a unit test says nothing


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Watch the fixtures of a test."""
    _GUARD.running = item.nodeid
    yield
    _GUARD.running = None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Watch the test itself."""
    _GUARD.running = item.nodeid
    yield
    _GUARD.running = None


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse what multiprocessing starts in ways that raise no event."""

    def start(*_: Any) -> NoReturn:
        _GUARD.refuse("multiprocessing")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", start)
