"""Spark, where this machine has Java and this environment PySpark."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from dtc_data import Catalogue
from dtc_data.core import SettingsError
from dtc_data.spark import spark_session
from dtc_data.stores import RetailPlan, RetailTables, as_arrow
from dtc_model.rule import SegmentModel, measure_reference
from fakes.feature_tables import people
from fakes.retail import planted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def started(master: str, memory: str = "1g") -> Iterator["SparkSession"]:
    """Start Spark, or skip with the reason why not."""
    session = spark_session(master, memory=memory)
    try:
        running = session.__enter__()
    except SettingsError as error:
        pytest.skip(str(error))
    try:
        yield running
    finally:
        session.__exit__(None, None, None)


@pytest.fixture(scope="module")
def local_spark() -> Iterator["SparkSession"]:
    """Spark in the process of the test."""
    yield from started("local[2]")


@pytest.fixture(scope="module")
def spark_cluster() -> Iterator["SparkSession"]:
    """Spark with two executors in processes of their own."""
    yield from started("local-cluster[2,1,1024]")


@pytest.fixture
def tolerant(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue, which lets people leave answers out."""
    allowed = catalogue.missing_answers.model_copy(update={"minimum_answered": 6})
    return catalogue.model_copy(update={"missing_answers": allowed})


@pytest.fixture
def rule(tolerant: Catalogue) -> tuple[SegmentModel, str]:
    """The catalogue's model with a reference, and its version."""
    model = SegmentModel.from_catalogue(tolerant)
    answers = people(tolerant, 500)[list(tolerant.feature_names)].to_numpy()
    return dataclasses.replace(model, reference=measure_reference(model, "2025-01", answers, 6)), "7"


@pytest.fixture(scope="session")
def retailer(tmp_path_factory: pytest.TempPathFactory) -> RetailTables:
    """A planted retailer whose sales lie in several files, so that executors have something to share."""
    folder: Path = tmp_path_factory.mktemp("retailer")
    tables = planted(folder, RetailPlan(n_stores=60, seed=2, lines_per_week=40, n_products=64))
    parts = folder / "sales_parts"
    parts.mkdir()
    sales = tables.frame("sales")
    for number in range(8):
        pq.write_table(as_arrow(sales.iloc[number::8], "sales"), parts / f"{number}.parquet")
    return RetailTables(tables.stores, tables.products, parts, tables.inventory)
