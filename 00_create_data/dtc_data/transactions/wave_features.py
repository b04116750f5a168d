"""What customers are as of a cutoff: recency, frequency and monetary value, and what else a lookback shows."""

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pandas as pd
import pyarrow as pa

from dtc_data.core import SettingsError, TransactionsError, Wave
from dtc_data.transactions import customer_sql
from dtc_data.transactions.line_database import line_database

LOOKBACK_DAYS: Final = 180
"""Days before a cutoff that features look at, by default."""
LONGEST_LOOKBACK_DAYS: Final = 1_096
"""Three years: what is longer is all history in all but name."""

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

Cutoff: TypeAlias = Wave | datetime | date | str
"""A moment after which nothing is known; of a wave its end, and without a zone in UTC."""
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
        How far back lines count, from 1 to `LONGEST_LOOKBACK_DAYS`.

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


def customer_statuses(lines: Lines, as_of: Cutoff, lookback_days: int = LOOKBACK_DAYS) -> pd.DataFrame:
    """Return for each customer with a line in the lookback whether there is anything to put into a segment.

    Returns
    -------
    DataFrame
        Columns customer_id and status: ``bought``, ``orders wholly cancelled``, or ``cancellations only``. Whoever did not
        buy has no features and no segment.
    """
    return _query(customer_sql.STATUSES, lines, [as_of], lookback_days).drop(columns="cutoff")


def _query(query: str, lines: Lines, cutoffs: Sequence[Cutoff], lookback_days: int) -> pd.DataFrame:
    lookback = timedelta(days=checked_lookback(lookback_days))
    moments = sorted({moment_of(cutoff) for cutoff in cutoffs})
    with line_database() as database, _registered(database, lines):
        opened = pa.table({"cutoff": moments, "opened": [moment - lookback for moment in moments]})
        database.register("cutoffs", opened.cast(pa.schema({"cutoff": _TIME, "opened": _TIME})))
        found = database.sql(query).to_arrow_table()
    text = pd.StringDtype("pyarrow")
    frame: pd.DataFrame = found.to_pandas(types_mapper={pa.string(): text}.get)
    return frame


@contextmanager
def _registered(database: duckdb.DuckDBPyConnection, lines: Lines) -> Iterator[None]:
    """Give the database lines as the relation of that name."""
    if isinstance(lines, Path):
        database.read_parquet(str(lines)).create_view("lines")
    else:
        database.register("lines", _table(lines))
    yield


def _table(lines: pd.DataFrame | pa.Table) -> pa.Table:
    names = lines.column_names if isinstance(lines, pa.Table) else list(lines.columns)
    if missing := [name for name in _NEEDED.names if name not in names]:
        raise TransactionsError(
            f"the lines come without the columns {', '.join(missing)}; read_lines returns all of them"
        )
    if isinstance(lines, pa.Table):
        return lines.select(_NEEDED.names)
    for name in ("ordered_at", "arrived_at"):
        if not isinstance(lines[name].dtype, pd.DatetimeTZDtype):
            raise TransactionsError(f"the lines' column {name!r} is no time with a zone, but {lines[name].dtype}")
    try:
        return pa.Table.from_pandas(lines[_NEEDED.names], schema=_NEEDED, preserve_index=False, safe=False)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise TransactionsError(f"the lines cannot be used: {error}") from error


def checked_lookback(days: int) -> int:
    """Return a lookback in days if it is one.

    Raises
    ------
    SettingsError
        If it is missing, no whole number, or too long; the message says why.
    """
    try:
        whole = operator.index(days)
    except TypeError:
        whole = 0
    if not 1 <= whole <= LONGEST_LOOKBACK_DAYS:
        raise SettingsError(
            f"lookback_days is {days!r}, but must be a whole number from 1 to {LONGEST_LOOKBACK_DAYS}. Features of all history are "
            "refused: with a history that grows, orders and amounts rise and shares of returns settle from month to month "
            "without anybody buying differently, so that frozen segments drift by themselves"
        )
    return whole


def moment_of(cutoff: Cutoff) -> datetime:
    """Return the moment of a cutoff in UTC; that of a wave is its end.

    Raises
    ------
    SettingsError
        If it is no moment.
    """
    if isinstance(cutoff, Wave):
        return cutoff.end
    try:
        moment = pd.Timestamp(cutoff)
    except ValueError as error:
        raise SettingsError(
            f"{cutoff!r} is no moment: write it like 2011-06-30 or 2011-06-30T12:00:00+01:00"
        ) from error
    utc = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    return utc.to_pydatetime()
