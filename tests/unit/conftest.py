"""What holds for every unit test: it starts no process, so that all of them together stay quick."""

import multiprocessing.process
import subprocess
from typing import Any, NoReturn

import pytest


class ProcessInUnitTestError(FileNotFoundError):
    """A unit test started a process. It belongs in tests/integration or tests/behaviour.

    Libraries that ask the machine what there is take it for a program that is missing.
    """


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise ProcessInUnitTestError(str(ProcessInUnitTestError.__doc__))


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
