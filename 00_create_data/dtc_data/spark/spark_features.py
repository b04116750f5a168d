"""The features of stores by Spark: the statements that DuckDB runs, on as many machines as there are."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from dtc_data.core import RetailDataError
from dtc_data.stores import Quarter, RetailTables, Source, as_arrow, as_feature_frame, prepare_features

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def spark_store_features(
    session: "SparkSession", tables: RetailTables, quarter: Quarter | str | None = None
) -> pd.DataFrame:
    """Return the rows that :func:`dtc_data.stores.store_features` returns, equal to 1e-9.

    Parameters
    ----------
    session : SparkSession
        As :func:`spark_session` starts it.
    tables : RetailTables
        Tables in files must lie where every executor can read them.
    quarter : Quarter or str, optional
        One quarter such as ``2025Q1``. By default all complete ones, in one pass.

    Raises
    ------
    WaveError
        If the sales tell nothing of the quarter, or hold no complete one.
    RetailDataError
        If the tables do not hold what they should.
    """
    from pyspark.errors import PySparkException  # noqa: PLC0415 - missing in most environments

    engine = SparkEngine(session.newSession())  # names of its own, on the same executors
    try:
        return as_feature_frame(engine.frame(prepare_features(engine, tables, quarter)))
    except PySparkException as error:
        raise RetailDataError(f"the features of the stores cannot be computed: {error}") from error
    finally:
        engine.forget()


class SparkEngine:
    """Runs SQL on the tables of a retailer in a Spark session."""

    days_since_1970 = "unix_date({})"

    def __init__(self, session: "SparkSession") -> None:
        self._session = session
        self._kept: list[DataFrame] = []

    def read(self, view: str, source: Source, table: str) -> None:
        """Put up one of a retailer's tables as a view."""
        if isinstance(source, Path):
            self._session.read.parquet(str(source)).createOrReplaceTempView(view)
        else:
            self.fill(view, as_arrow(source, table))

    def fill(self, view: str, rows: pa.Table) -> None:
        """Put up rows as a view; there may be none."""
        self._session.createDataFrame(rows).createOrReplaceTempView(view)

    def define(self, view: str, sql: str) -> None:
        """Put up a query as a view."""
        self._session.sql(sql).createOrReplaceTempView(view)

    def keep(self, view: str, sql: str) -> None:
        """Put up a query as a view whose rows the executors keep."""
        kept = self._session.sql(sql).persist()
        self._kept.append(kept)
        kept.createOrReplaceTempView(view)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self._session.sql(sql).collect()]

    def frame(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query as a frame."""
        frame: pd.DataFrame = self._session.sql(sql).toPandas()
        return frame

    def forget(self) -> None:
        """Let the executors drop what they kept."""
        for kept in self._kept:
            kept.unpersist()
