"""The defect of Mage's queue that the stack makes good."""

import time

from dtc_stack.mage_server import RevivedQueue
from mage_ai.orchestration.queue.config import QueueConfig
from mage_ai.orchestration.queue.process_queue import JobStatus


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
