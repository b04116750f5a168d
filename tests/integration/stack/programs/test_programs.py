"""Which programs belong to a stack: it ends its own, and no other one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dtc_stack.programs import program_beside
from dtc_stack.programs.orphan_processes import PROGRAM_MARK, STACK_MARK, marked
from dtc_stack.programs.programs import Program, program

pytestmark = pytest.mark.integration

SECRETS = (
    "POSTGRES_ADMIN_PASSWORD",
    "MLFLOW_DB_PASSWORD",
    "MAGE_DB_PASSWORD",
    "MAGE_OWNER_PASSWORD",
    "MAGE_JWT_SECRET",
)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "only-for-tests")
    monkeypatch.setenv("STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")


@contextmanager
def running(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that does nothing until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"],
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()  # it runs, so its environment can be read
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)


def become(chosen: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a program do what it does before it starts, without starting it."""
    monkeypatch.setattr(os, "execve", lambda *_: None)
    chosen.become()


def test_a_program_of_the_stack_ends_what_a_killed_one_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(program("service").environment) as left_behind:
        become(program("service"), monkeypatch)
        assert left_behind.wait(300) is not None


def test_a_program_beside_the_stack_ends_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(program("service").environment) as of_the_stack:
        become(program_beside("service"), monkeypatch)
        assert of_the_stack.poll() is None


def test_a_program_beside_the_stack_is_ended_with_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STACK_MARK, str(tmp_path))  # as in a terminal of Mage, which belongs to a stack
    monkeypatch.setenv(PROGRAM_MARK, "mage")
    beside = program_beside("service")
    assert beside.command == program("service").command
    with running(beside.environment) as process:
        become(program("service"), monkeypatch)
        assert process.poll() is None
        assert process.pid not in {found.pid for found in marked({STACK_MARK: str(tmp_path)})}, "stop looks for these"
