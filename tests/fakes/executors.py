"""Executors of Spark that a test started, and the moment at which they are at work."""

import threading
import time
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from pyspark import StatusTracker


def executors() -> list[psutil.Process]:
    """Processes of Spark's executors that this one started."""
    running = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any("CoarseGrainedExecutorBackend" in word for word in process.cmdline()):
                running.append(process)
        except psutil.Error:
            continue
    return running


def wait_for_work(job: threading.Thread, tracker: "StatusTracker", finished_jobs: int = 0) -> list[psutil.Process]:
    """Return the executors once both are up, more jobs than so many began and tasks are running on them."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        ended = len(tracker.getJobIdsForGroup(None)) > finished_jobs
        if ended and any(stage and stage.numActiveTasks for stage in stages) and len(found := executors()) == 2:
            assert job.is_alive(), "the job ended before an executor could be killed"
            return found
        time.sleep(0.02)
    pytest.fail("no executor was at work within five minutes")
