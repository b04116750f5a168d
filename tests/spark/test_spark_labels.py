"""Labels by Spark: the answers of the service's own code row for row, also when an executor is killed."""

import dataclasses
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.spark import UnitSource
from dtc_data.surveys import FileOptions
from dtc_data.synthetic import make_wave
from dtc_model.rule import SegmentModel, measure_reference
from dtc_service.batch import FileLabeller
from dtc_service.spark import labelled_units
from fakes.executors import executors, wait_for_work

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]

MARCH = Wave(2025, 3)
PARTS = 8


@pytest.fixture
def tolerant(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue, which lets people leave answers out."""
    allowed = catalogue.missing_answers.model_copy(update={"minimum_answered": 6})
    return catalogue.model_copy(update={"missing_answers": allowed})


def people(catalogue: Catalogue, count: int) -> pd.DataFrame:
    """A wave in which some left something out, and some too much, with a column that nobody knows."""
    wave = make_wave(catalogue, count, 1.0, 3, MARCH).drop(columns="segment")
    random = np.random.default_rng(4)
    names = list(catalogue.feature_names)
    wave[names] = wave[names].where(random.uniform(size=(count, len(names))) > 0.15)
    wave = wave.rename(columns={"unit_id": catalogue.columns.id})
    return wave.assign(remark=[f"no {number}" for number in range(count)])


@pytest.fixture
def rule(tolerant: Catalogue) -> tuple[SegmentModel, str]:
    """The catalogue's model with a reference, and its version."""
    model = SegmentModel.from_catalogue(tolerant)
    answers = people(tolerant, 500)[list(tolerant.feature_names)].to_numpy()
    return dataclasses.replace(model, reference=measure_reference(model, "2025-01", answers, 6)), "7"


def in_parts(frame: pd.DataFrame, folder: Path) -> UnitSource:
    """Write a feature table in several files, so that executors have something to share."""
    folder.mkdir()
    for number in range(PARTS):
        frame.iloc[number::PARTS].to_parquet(folder / f"{number}.parquet", index=False)
    return UnitSource(str(folder))


def by_the_service(
    frame: pd.DataFrame, catalogue: Catalogue, rule: tuple[SegmentModel, str], folder: Path
) -> pd.DataFrame:
    """Label the same rows by `make label_file`, which needs no Spark."""
    frame.to_parquet(folder / "survey.parquet", index=False)
    FileLabeller(catalogue, *rule).label(folder / "survey.parquet", folder / "labelled.parquet", FileOptions())
    return pd.read_parquet(folder / "labelled.parquet")


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare every column of every row; only the order of rows is Spark's."""
    assert list(found.columns) == list(expected.columns)
    ordered = [one.sort_values("remark", ignore_index=True) for one in (found, expected)]
    pd.testing.assert_frame_equal(ordered[0], ordered[1], check_dtype=False, check_exact=True)


def test_parquet_is_labelled_as_by_the_service_row_for_row(
    local_spark: "SparkSession", tolerant: Catalogue, rule: tuple[SegmentModel, str], tmp_path: Path
) -> None:
    wave = people(tolerant, 1_000)
    source, target = in_parts(wave, tmp_path / "in"), UnitSource(str(tmp_path / "out"))
    target.write(labelled_units(source.read(local_spark, MARCH), tolerant, *rule))

    found = pd.read_parquet(tmp_path / "out")
    same(found, by_the_service(wave, tolerant, rule, tmp_path))
    assert set(found["status"]) >= {"labelled", "incomplete"}
    with pytest.raises(UnitTableError, match="cannot be written"):  # what is there is never written over
        target.write(source.read(local_spark))


def test_a_table_behind_jdbc_is_labelled_into_another_one(
    local_spark: "SparkSession", tolerant: Catalogue, rule: tuple[SegmentModel, str], tmp_path: Path
) -> None:
    wave = people(tolerant, 300)
    address = f"jdbc:derby:{tmp_path / 'derby'};create=true"  # Derby comes with Spark
    units, labels = UnitSource(address, "units"), UnitSource(address, "labels")
    units.write(in_parts(wave, tmp_path / "in").read(local_spark))
    labels.write(labelled_units(units.read(local_spark, MARCH), tolerant, *rule))

    same(labels.read(local_spark).toPandas(), by_the_service(wave, tolerant, rule, tmp_path))
    assert units.read(local_spark, Wave(2025, 2)).count() == 0


def test_a_feature_that_is_missing_is_named_before_anything_is_started(
    local_spark: "SparkSession", tolerant: Catalogue, rule: tuple[SegmentModel, str], tmp_path: Path
) -> None:
    source = in_parts(people(tolerant, 50).drop(columns="x3"), tmp_path / "in")
    with pytest.raises(UnitTableError, match="lack the columns x3"):
        labelled_units(source.read(local_spark), tolerant, *rule)


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
