"""The features of stores by DuckDB, on one machine."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from dtc_data.core import RetailDataError
from dtc_data.stores.features.feature_program import as_feature_frame, prepare_features
from dtc_data.stores.quarters import Quarter
from dtc_data.stores.retail_tables import RetailTables, Source, as_arrow
from dtc_data.stores.sql_text import quoted

if TYPE_CHECKING:
    import duckdb


def store_features(tables: RetailTables, quarter: Quarter | str | None = None) -> pd.DataFrame:
    """Return the features of every store that was open in a quarter, or in any complete quarter of the sales.

    Nothing that happened after the end of a quarter has a part in its rows.

    Parameters
    ----------
    tables : RetailTables
        As :func:`dtc_data.stores.read_retail` makes them.
    quarter : Quarter or str, optional
        One quarter such as ``2025Q1``. By default all complete ones, in one pass.

    Returns
    -------
    DataFrame
        Columns unit_id, quarter, date (its last day), open_days, the features of
        :func:`feature_definitions`, size_imputed and size_error; ordered by unit and quarter.
        NaN where a feature cannot be known.

    Raises
    ------
    WaveError
        If the sales tell nothing of the quarter, or hold no complete one.
    RetailDataError
        If the tables do not hold what they should.
    """
    import duckdb  # noqa: PLC0415 - half a second, for whoever only reads definitions

    with tempfile.TemporaryDirectory(prefix="dtc-duckdb-") as spill, duckdb.connect() as connection:
        connection.execute(f"SET temp_directory = {quoted(spill)}")
        connection.execute("SET preserve_insertion_order = false")
        try:
            query = prepare_features(DuckDbEngine(connection), tables, quarter)
            return as_feature_frame(connection.execute(query).df())
        except duckdb.Error as error:
            raise RetailDataError(f"the features of the stores cannot be computed: {error}") from error


class DuckDbEngine:
    """Runs SQL on the tables of a retailer in a DuckDB connection."""

    days_since_1970 = "({} - DATE '1970-01-01')"

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    def read(self, view: str, source: Source, table: str) -> None:
        """Put up one of a retailer's tables as a view."""
        if isinstance(source, Path):
            path = source / "*.parquet" if source.is_dir() else source
            self.define(view, f"SELECT * FROM read_parquet({quoted(path)})")
        else:
            self._connection.register(view, as_arrow(source, table))

    def fill(self, view: str, rows: pa.Table) -> None:
        """Put up a few rows as a view; there may be none."""
        self._connection.register(view, rows)

    def define(self, view: str, sql: str) -> None:
        """Put up a query as a view."""
        self._connection.execute(f"CREATE VIEW {view} AS {sql}")

    def keep(self, view: str, sql: str) -> None:
        """Put up a query as a table."""
        self._connection.execute(f"CREATE TEMP TABLE {view} AS {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(sql).fetchall()
