"""The query of the customer features over Arrow tables and Parquet files; whoever has no data frames can run it, too."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.core import TransactionsError
from dtc_data.transactions import customer_sql
from dtc_data.transactions.cutoffs import LOOKBACK_DAYS, Cutoff, checked_lookback, moment_of
from dtc_data.transactions.line_database import line_database

_TIME = pa.timestamp("us", tz="UTC")
NEEDED: Final = pa.schema(
    {
        "customer_id": pa.string(),
        "order_id": pa.string(),
        "product_id": pa.string(),
        "quantity": pa.float64(),
        "amount": pa.float64(),
        "kind": pa.string(),
        "ordered_at": _TIME,
        "arrived_at": _TIME,
    }
)
"""Columns that features are made of; ``kind`` is purchase or cancellation."""
_SQL_TYPES: Final = {
    field.name: "VARCHAR" if field.type == pa.string() else "DOUBLE" if field.type == pa.float64() else "TIMESTAMPTZ"
    for field in NEEDED
}


def customer_table(lines: pa.Table | Path, as_of: Cutoff, lookback_days: int = LOOKBACK_DAYS) -> pa.Table:
    """Return `dtc_data.transactions.customer_features` as an Arrow table, of lines in one.

    Raises
    ------
    SettingsError
        If the lookback is none.
    TransactionsError
        If the lines lack a column, or cannot be used.
    """
    return query(customer_sql.FEATURES, lines, [as_of], lookback_days).drop_columns(["cutoff"])


def query(text: str, lines: pa.Table | Path, cutoffs: Sequence[Cutoff], lookback_days: int) -> pa.Table:
    """Run a query of `customer_sql` over lines, as of several cutoffs in one pass.

    Raises
    ------
    SettingsError
        If the lookback is none.
    TransactionsError
        If the lines lack a column, or cannot be used.
    """
    lookback = timedelta(days=checked_lookback(lookback_days))
    moments = sorted({moment_of(cutoff) for cutoff in cutoffs})
    with line_database() as database, _registered(database, lines):
        opened = pa.table({"cutoff": moments, "opened": [moment - lookback for moment in moments]})
        database.register("cutoffs", opened.cast(pa.schema({"cutoff": _TIME, "opened": _TIME})))
        database.execute(customer_sql.VISIBLE)
        try:
            return database.sql(text).to_arrow_table()
        except duckdb.ConversionException as error:
            raise TransactionsError(f"quantities and amounts of a line must lie below 10 billion: {error}") from error


@contextmanager
def _registered(database: duckdb.DuckDBPyConnection, lines: pa.Table | Path) -> Iterator[None]:
    """Return the database lines as the relation of that name."""
    if isinstance(lines, Path):
        try:
            require(pq.read_schema(lines).names)
        except (OSError, pa.ArrowInvalid) as error:
            raise TransactionsError(f"{lines}: not a Parquet file of lines that could be read: {error}") from error
        typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in _SQL_TYPES.items())
        database.read_parquet(str(lines)).project(typed).create_view("lines")
    else:
        require(lines.column_names)
        try:
            database.register("lines", lines.select(NEEDED.names).cast(NEEDED))
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            raise TransactionsError(f"the lines cannot be used: {error}") from error
    yield


def require(names: Sequence[str]) -> None:
    """Refuse lines without one of the columns that are needed.

    Raises
    ------
    TransactionsError
        The message names each that is missing.
    """
    if missing := [name for name in NEEDED.names if name not in names]:
        raise TransactionsError(
            f"the lines come without the columns {', '.join(missing)}; read_lines returns all of them"
        )
