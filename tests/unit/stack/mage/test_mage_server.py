"""The defects of Mage that the stack makes good."""

import time

import pytest
from dtc_stack.mage.server import RevivedQueue, status_or_end
from mage_ai.orchestration.queue.config import QueueConfig
from mage_ai.orchestration.queue.process_queue import JobStatus
from mage_ai.server.scheduler_manager import SchedulerManager


def test_a_job_that_waits_without_a_pool_is_started() -> None:
    queue = RevivedQueue(QueueConfig(concurrency=1))
    queue.start()
    queue.queue.put(["left behind", time.sleep, (0,), {}])
    queue.job_dict["left behind"] = JobStatus.QUEUED
    deadline = time.monotonic() + 60
    while queue.job_dict["left behind"] != JobStatus.COMPLETED:
        queue.has_job("left behind")  # what the scheduler asks every few seconds
        assert time.monotonic() < deadline
        time.sleep(0.1)
    queue.worker_pool_proc.join(30)
    queue.mp_manager.shutdown()


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
