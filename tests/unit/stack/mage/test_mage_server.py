"""The defects of Mage's server that the stack makes good."""

import asyncio

import pytest
from dtc_stack.mage.server import no_newer_version, status_or_end
from mage_ai.server.scheduler_manager import SchedulerManager


class Ended(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> SchedulerManager:
    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("os._exit", end)
    manager = SchedulerManager()
    manager.status = manager.SchedulerStatus.RUNNING
    return manager


def test_the_server_ends_with_its_scheduler(scheduler: SchedulerManager) -> None:
    with pytest.raises(Ended, match=r"^1$"):
        status_or_end(scheduler, auto_restart=True)


def test_a_question_alone_ends_nothing(scheduler: SchedulerManager) -> None:
    assert status_or_end(scheduler) == "stopped"


def test_a_scheduler_that_was_never_started_is_no_reason_to_end(scheduler: SchedulerManager) -> None:
    scheduler.status = scheduler.SchedulerStatus.STOPPED
    assert status_or_end(scheduler, auto_restart=True) == "stopped"


def test_a_scheduler_that_lives_is_running(scheduler: SchedulerManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SchedulerManager, "is_alive", True)
    assert status_or_end(scheduler, auto_restart=True) == "running"


def test_there_is_no_newer_version_of_mage_to_ask_for() -> None:
    assert asyncio.run(no_newer_version()) == "0.9.80"
