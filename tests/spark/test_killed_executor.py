"""The features of stores by Spark on executors of its own, one of which is killed during the job."""

import os
import signal
import threading
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from dtc_data.spark import spark_store_features
from dtc_data.stores import RetailTables, store_features
from fakes.executors import executors, wait_for_work

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]

FINISHED_JOBS = 4
"""Jobs of Spark after which the executors hold results of their own, so that losing one loses something."""


def test_an_executor_that_is_killed_during_the_job_changes_nothing(
    spark_cluster: "SparkSession", retailer: RetailTables
) -> None:
    expected = store_features(retailer)
    tracker = spark_cluster.sparkContext.statusTracker()
    result: list[pd.DataFrame] = []
    job = threading.Thread(target=lambda: result.append(spark_store_features(spark_cluster, retailer)))
    job.start()
    before = wait_for_work(job, tracker, FINISHED_JOBS)
    os.kill(before[0].pid, signal.SIGKILL)
    job.join(540)

    assert not job.is_alive()
    pd.testing.assert_frame_equal(result[0], expected, rtol=1e-9, atol=1e-9)
    after = {process.pid for process in executors()}
    assert before[0].pid not in after
    assert before[1].pid in after
