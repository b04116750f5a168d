"""Mage's queue of jobs with its defects made good: no job waits in vain, and none is at work twice.

Mage 0.9.80 runs jobs in a pool that ends when its queue looks empty. A job that is put into the queue in that moment, or before
the queue's thread has passed it on, stays there until another job comes: its run shows as running and none of its blocks starts.
The scheduler asks about each active run every few seconds; here that question also starts a pool if jobs wait without one.

To the same question Mage answers no for a job that a worker has taken from the queue and not yet marked with its process, which
takes a while on a busy machine; the scheduler then enqueues the run again. And what is in the queue twice can be at work twice:
a worker looks whether a job is marked and marks it in two steps. So the answer is yes as long as the job may be in the hands of
the pool, and a job holds a lock while it is at work. Locks of this kind are the process's own: they end with it, and are not
handed on to processes that it starts.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mage_ai.orchestration.queue.process_queue import JobStatus, ProcessQueue


class JobQueue(ProcessQueue):  # type: ignore[misc]  # Mage carries no types
    """A queue whose jobs never wait without a pool, and are at work once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._owner = os.getpid()
        """The process that puts jobs in. The server makes the queue, and the scheduler that is forked from it takes it over."""

    def enqueue(self, job_id: str, target: Callable[..., object], *arguments: Any, **options: Any) -> None:
        """Put a job into the queue unless it is there or at work."""
        self._owner = os.getpid()
        super().enqueue(job_id, alone, job_id, target, *arguments, **options)

    def has_job(self, job_id: str, *arguments: Any, **options: Any) -> bool:
        """Tell whether a job waits, is being taken, or runs; start the pool if it waits in vain."""
        if os.getpid() == self._owner:  # a worker has a copy of the queue and no say in the pool
            if self.is_worker_pool_alive():
                if self.job_dict.get(job_id) == JobStatus.QUEUED:
                    return True
            elif not self.queue.empty():
                self.start_worker_pool()
        return bool(super().has_job(job_id, *arguments, **options))


def alone(job_id: str, target: Callable[..., object], *arguments: Any, **options: Any) -> None:
    """Do a job unless another process is at it."""
    with _lock_file().open("ab") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place_of(job_id))
        except (BlockingIOError, PermissionError):  # systems call a lock of another process the one or the other
            print(f"{job_id} is at work in another process")  # noqa: T201 - into Mage's log, as Mage itself does
            return
        target(*arguments, **options)


def _lock_file() -> Path:
    folder = Path(os.environ.get("MAGE_DATA_DIR") or tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "jobs.lock"


def _place_of(job_id: str) -> int:
    """Return the byte of the lock file that stands for a job; a file can be locked where it has no bytes."""
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:7])
