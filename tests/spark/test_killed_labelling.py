"""Labels by Spark on executors of its own, one of which is killed while it labels."""

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.spark import UnitSource
from dtc_model.rule import SegmentModel
from dtc_service.spark import labelled_units
from fakes.executors import executors, wait_for_work
from fakes.feature_tables import by_the_service, in_parts, people, same

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]


def test_an_executor_that_is_killed_while_it_labels_changes_nothing(
    spark_cluster: "SparkSession", tolerant: Catalogue, rule: tuple[SegmentModel, str], tmp_path: Path
) -> None:
    wave = pd.concat([people(tolerant, 2_000)] * 100, ignore_index=True)
    wave["remark"] = [f"no {number:06d}" for number in range(len(wave))]
    source, target = in_parts(wave, tmp_path / "in"), UnitSource(str(tmp_path / "out"))
    units = source.read(spark_cluster).repartition(64)
    job = threading.Thread(target=lambda: target.write(labelled_units(units, tolerant, *rule)))
    job.start()
    before = wait_for_work(job, spark_cluster.sparkContext.statusTracker(), finished_jobs=1)
    os.kill(before[0].pid, signal.SIGKILL)
    job.join(540)

    assert not job.is_alive()
    assert (tmp_path / "out" / "_SUCCESS").exists()
    once = wave.head(2_000)
    expected = by_the_service(once, tolerant, rule, tmp_path)
    found = pd.read_parquet(tmp_path / "out").sort_values("remark", ignore_index=True)
    assert found["remark"].tolist() == wave["remark"].tolist()  # everybody, and nobody twice
    same(found.head(2_000), expected)
    name = next(column for column in map(str, expected) if column.endswith("_name"))
    assert found[name].tolist() == expected[name].tolist() * 100
    assert before[0].pid not in {process.pid for process in executors()}
