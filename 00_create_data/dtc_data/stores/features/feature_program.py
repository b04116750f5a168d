"""What an engine does to make the features of stores: the same calls in the same order, whatever the engine."""

from typing import Any, Final, Protocol

import pandas as pd
import pyarrow as pa

from dtc_data.stores.features.feature_sql import QUARTERS, Period, feature_steps, view_statements
from dtc_data.stores.quarters import Quarter
from dtc_data.stores.retail_tables import RetailTables, Source

_CATEGORIES: Final = "SELECT DISTINCT category FROM raw_products WHERE category IS NOT NULL ORDER BY category"
_NUMBERED_PRODUCTS: Final = """
    SELECT raw_products.product_id, category_numbers.category_no
    FROM raw_products LEFT JOIN category_numbers ON raw_products.category = category_numbers.category"""
_CATEGORY_NUMBERS: Final = pa.schema({"category": pa.string(), "category_no": pa.int32()})


class SqlEngine(Protocol):
    """Runs SQL on the tables of a retailer."""

    @property
    def days_since_1970(self) -> str:
        """The engine's expression for the days from 1970-01-01 to the date ``{}``."""

    def read(self, view: str, source: Source, table: str) -> None:
        """Put up one of a retailer's tables as a view."""

    def fill(self, view: str, rows: pa.Table) -> None:
        """Put up a few rows as a view; there may be none."""

    def define(self, view: str, sql: str) -> None:
        """Put up a query as a view."""

    def keep(self, view: str, sql: str) -> None:
        """Put up a query as a view that is computed once, since it is read more than once."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""


def prepare_features(engine: SqlEngine, tables: RetailTables, quarter: Quarter | str | None) -> str:
    """Put up everything that the features are made from, and return the query that gives them.

    Raises
    ------
    WaveError
        If the sales tell nothing of the quarter, or hold no complete one.
    """
    wanted = Quarter.parse(quarter) if isinstance(quarter, str) else quarter
    for name, source in tables.named().items():
        engine.read(f"raw_{name}", source, name)
    start, end = engine.rows("SELECT MIN(date), MAX(date) FROM raw_sales")[0]
    period = Period.of(wanted, start, end)
    for name, query in view_statements(engine.days_since_1970).items():
        engine.define(name, query)
    engine.fill("quarters", pa.Table.from_pylist(period.quarter_rows(), QUARTERS))
    categories = [row[0] for row in engine.rows(_CATEGORIES)]
    numbers = {"category": categories, "category_no": range(len(categories))}
    engine.fill("category_numbers", pa.table(numbers, _CATEGORY_NUMBERS))
    engine.define("products", _NUMBERED_PRODUCTS)
    *steps, last = feature_steps(period, categories)
    for step in steps:
        (engine.keep if step.is_reused else engine.define)(step.name, step.sql)
    return last.sql


def as_feature_frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the query gave in the types that callers rely on, whatever the engine."""
    columns = {str(name): _as_feature(column) for name, column in rows.items()}
    typed = {
        "date": pd.to_datetime(rows["date"]).astype("datetime64[ns]"),
        "open_days": rows["open_days"].astype("int64"),
    }
    return pd.DataFrame({**columns, **typed})


def _as_feature(column: pd.Series) -> pd.Series:
    """Return numbers as float64, texts as objects with None where there is none, and the rest as it is."""
    if column.dtype.kind in "iuf":
        return column.astype("float64")
    if column.dtype.kind == "b":
        return column
    return pd.Series([None if pd.isna(value) else value for value in column], index=column.index, dtype=object)
