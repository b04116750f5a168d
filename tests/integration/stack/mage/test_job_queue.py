"""Mage's queue of jobs: none waits in vain, and none is at work twice."""

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Semaphore
from pathlib import Path

import pytest
from dtc_stack.mage.job_queue import JobQueue, alone
from fakes.waiting import PATIENCE_SECONDS, wait_until
from mage_ai.orchestration.queue.config import QueueConfig
from mage_ai.orchestration.queue.process_queue import JobStatus

pytestmark = pytest.mark.integration


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """A queue that may do two jobs at a time."""
    monkeypatch.setenv("MAGE_DATA_DIR", str(tmp_path))
    queue = JobQueue(QueueConfig(concurrency=2))
    queue.start()
    yield queue
    queue.stop()
    if queue.worker_pool_proc is not None:
        queue.worker_pool_proc.join(60)
    queue.mp_manager.shutdown()


def note(path: Path, seconds: float = 0.0) -> None:
    """A job that notes that it was begun."""
    with path.open("a") as file:
        file.write("begun\n")
    time.sleep(seconds)


def note_and_stay(path: Path, refused: Semaphore) -> None:
    """A job that is at work until two other workers have tried to take it."""
    note(path)
    assert all(refused.acquire(timeout=60) for _ in range(2))


def take(path: Path, refused: Semaphore) -> None:
    """What a worker does with a job that is in the queue several times."""
    alone("run", note_and_stay, path, refused)
    refused.release()


def begun(path: Path) -> int:
    return path.read_text().count("begun") if path.exists() else 0


def test_a_job_is_done(queue: JobQueue, tmp_path: Path) -> None:
    queue.enqueue("job", note, tmp_path / "log")
    wait_until(lambda: not queue.has_job("job") and begun(tmp_path / "log"))
    assert begun(tmp_path / "log") == 1


def test_a_job_that_waits_without_a_pool_is_started(queue: JobQueue, tmp_path: Path) -> None:
    queue.queue.put(["left behind", note, (tmp_path / "log",), {}])
    queue.job_dict["left behind"] = JobStatus.QUEUED
    wait_until(lambda: queue.has_job("left behind") or begun(tmp_path / "log"))
    wait_until(lambda: begun(tmp_path / "log"))


def test_a_job_that_a_worker_has_taken_and_not_yet_marked_is_there(queue: JobQueue, tmp_path: Path) -> None:
    """The window in which Mage executes a run twice."""
    queue.enqueue("other", note, tmp_path / "other", 600)  # keeps the pool alive
    wait_until(lambda: begun(tmp_path / "other"))
    queue.job_dict["run"] = JobStatus.QUEUED  # taken out of the queue, which is empty, by a worker that marks it later
    assert queue.queue.empty()
    assert queue.has_job("run")
    queue.enqueue("run", note, tmp_path / "run")
    assert queue.queue.empty(), "it was not enqueued again"


def test_a_job_that_was_lost_with_the_pool_is_not_there(queue: JobQueue) -> None:
    queue.job_dict["run"] = JobStatus.QUEUED
    assert not queue.has_job("run")


@pytest.mark.usefixtures("queue")
def test_a_job_that_workers_take_at_the_same_time_is_at_work_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    refused = context.Semaphore(0)
    workers = [context.Process(target=take, args=(tmp_path / "log", refused)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_SECONDS)
    assert begun(tmp_path / "log") == 1


@pytest.mark.usefixtures("queue")
def test_a_job_whose_worker_was_killed_is_done_by_the_next(tmp_path: Path) -> None:
    worker = multiprocessing.get_context("fork").Process(target=alone, args=("run", note, tmp_path / "log", 600))
    worker.start()
    wait_until(lambda: begun(tmp_path / "log"))
    alone("run", note, tmp_path / "log")
    assert begun(tmp_path / "log") == 1
    worker.kill()
    worker.join(PATIENCE_SECONDS)
    alone("run", note, tmp_path / "log")
    assert begun(tmp_path / "log") == 2
