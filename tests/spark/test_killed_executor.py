"""The features of stores by Spark on executors of its own, one of which is killed during the job."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pandas as pd
import psutil
import pytest
from dtc_data.spark import spark_store_features
from dtc_data.stores import RetailTables, store_features

if TYPE_CHECKING:
    from pyspark import StatusTracker
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]

FINISHED_JOBS = 4
"""Jobs of Spark after which the executors hold results of their own, so that losing one loses something."""


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


def test_an_executor_that_is_killed_during_the_job_changes_nothing(
    spark_cluster: "SparkSession", retailer: RetailTables
) -> None:
    expected = store_features(retailer)
    tracker = spark_cluster.sparkContext.statusTracker()
    result: list[pd.DataFrame] = []
    job = threading.Thread(target=lambda: result.append(spark_store_features(spark_cluster, retailer)))
    job.start()
    before = _wait_for_work(job, tracker)
    os.kill(before[0].pid, signal.SIGKILL)
    job.join(540)

    assert not job.is_alive()
    pd.testing.assert_frame_equal(result[0], expected, rtol=1e-9, atol=1e-9)
    after = {process.pid for process in executors()}
    assert before[0].pid not in after
    assert before[1].pid in after


def _wait_for_work(job: threading.Thread, tracker: "StatusTracker") -> list[psutil.Process]:
    """Return the executors once both are up, some stages have ended and tasks of another are running on them."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        ended = len(tracker.getJobIdsForGroup(None)) > FINISHED_JOBS
        if ended and any(stage and stage.numActiveTasks for stage in stages) and len(found := executors()) == 2:
            assert job.is_alive(), "the job ended before an executor could be killed"
            return found
        time.sleep(0.02)
    pytest.fail("no executor was at work within two minutes")
