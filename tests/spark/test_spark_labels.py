"""Labels by Spark: the answers of the service's own code row for row."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.spark import UnitSource
from dtc_model.rule import SegmentModel
from dtc_service.spark import labelled_units
from fakes.feature_tables import MARCH, by_the_service, in_parts, people, same

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]


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
