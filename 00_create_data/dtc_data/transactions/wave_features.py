"""What customers are as of a cutoff: recency, frequency and monetary value, and what else a lookback shows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.core import TransactionsError
from dtc_data.transactions import customer_sql
from dtc_data.transactions.cutoffs import LOOKBACK_DAYS, Cutoff, checked_lookback, moment_of
from dtc_data.transactions.line_database import line_database

FEATURES: Final = (
    "recency_days",
    "frequency",
    "monetary",
    "average_basket",
    "items",
    "days_between_orders",
    "share_returned",
)
"""Names of the features, in this order."""

Lines: TypeAlias = pd.DataFrame | pa.Table | Path
"""Lines as `dtc_data.transactions.read_lines` returns them, as a frame or in a Parquet file."""

_TIME = pa.timestamp("us", tz="UTC")
_NEEDED: Final = pa.schema(
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
"""Columns that features are made of."""
_SQL_TYPES: Final = {
    field.name: "VARCHAR" if field.type == pa.string() else "DOUBLE" if field.type == pa.float64() else "TIMESTAMPTZ"
    for field in _NEEDED
}


def customer_features(lines: Lines, as_of: Cutoff, lookback_days: int = LOOKBACK_DAYS) -> pd.DataFrame:
    """Return what each customer who bought in the lookback was as of a cutoff.

    Only lines whose order and whose arrival lie before the cutoff count. Cancellations are taken off when they became
    known, and an order all of whose lines were taken back is none.

    Parameters
    ----------
    lines : DataFrame, Table or Path
        As `dtc_data.transactions.read_lines` returns them, in any order; or a Parquet file of such.
    as_of : Wave, datetime, date or str
        The cutoff.
    lookback_days : int
        How far back lines count, from 1 to 1,096.

    Returns
    -------
    DataFrame
        One row per customer, by customer_id: recency_days since the last order (days), frequency (orders), monetary (net
        amount), average_basket (net amount per order), items (net), days_between_orders (mean; NaN with one order) and
        share_returned (of the amount bought, 0 to 1).

    Raises
    ------
    SettingsError
        If the lookback is none: features of all history are refused.
    TransactionsError
        If the lines lack a column, or their times carry no zone.
    """
    return customer_waves(lines, [as_of], lookback_days).drop(columns="cutoff")


def customer_waves(lines: Lines, cutoffs: Sequence[Cutoff], lookback_days: int = LOOKBACK_DAYS) -> pd.DataFrame:
    """Return `customer_features` as of several cutoffs, in one pass over the lines.

    Returns
    -------
    DataFrame
        A column cutoff (UTC) before those of `customer_features`; ordered by cutoff and customer.
    """
    return _query(customer_sql.FEATURES, lines, cutoffs, lookback_days)


def customer_statuses(lines: Lines, cutoffs: Sequence[Cutoff], lookback_days: int = LOOKBACK_DAYS) -> pd.DataFrame:
    """Return for each customer with a line in the lookback whether there is anything to put into a segment.

    Returns
    -------
    DataFrame
        Columns cutoff, customer_id and status: ``bought``, ``orders wholly cancelled``, or ``cancellations only``. Whoever did
        not buy has no features and no segment.
    """
    return _query(customer_sql.STATUSES, lines, cutoffs, lookback_days)


def _query(query: str, lines: Lines, cutoffs: Sequence[Cutoff], lookback_days: int) -> pd.DataFrame:
    lookback = timedelta(days=checked_lookback(lookback_days))
    moments = sorted({moment_of(cutoff) for cutoff in cutoffs})
    with line_database() as database, _registered(database, lines):
        opened = pa.table({"cutoff": moments, "opened": [moment - lookback for moment in moments]})
        database.register("cutoffs", opened.cast(pa.schema({"cutoff": _TIME, "opened": _TIME})))
        database.execute(customer_sql.VISIBLE)
        try:
            found = database.sql(query).to_arrow_table()
        except duckdb.ConversionException as error:
            raise TransactionsError(f"quantities and amounts of a line must lie below 10 billion: {error}") from error
    text = pd.StringDtype("pyarrow")
    frame: pd.DataFrame = found.to_pandas(types_mapper={pa.string(): text}.get)
    return frame


@contextmanager
def _registered(database: duckdb.DuckDBPyConnection, lines: Lines) -> Iterator[None]:
    """Return the database lines as the relation of that name."""
    if isinstance(lines, Path):
        try:
            _require(pq.read_schema(lines).names)
        except (OSError, pa.ArrowInvalid) as error:
            raise TransactionsError(f"{lines}: not a Parquet file of lines that could be read: {error}") from error
        typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in _SQL_TYPES.items())
        database.read_parquet(str(lines)).project(typed).create_view("lines")
    else:
        database.register("lines", _table(lines))
    yield


def _require(names: Sequence[str]) -> None:
    if missing := [name for name in _NEEDED.names if name not in names]:
        raise TransactionsError(
            f"the lines come without the columns {', '.join(missing)}; read_lines returns all of them"
        )


def _table(lines: pd.DataFrame | pa.Table) -> pa.Table:
    """Take the columns that are needed, in the types of lines."""
    try:
        if isinstance(lines, pa.Table):
            _require(lines.column_names)
            return lines.select(_NEEDED.names).cast(_NEEDED)
        _require(list(lines.columns))
        for name in ("ordered_at", "arrived_at"):
            if not isinstance(lines[name].dtype, pd.DatetimeTZDtype):
                raise TransactionsError(f"the lines' column {name!r} is no time with a zone, but {lines[name].dtype}")
        return pa.Table.from_pandas(lines[_NEEDED.names], schema=_NEEDED, preserve_index=False, safe=False)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise TransactionsError(f"the lines cannot be used: {error}") from error
