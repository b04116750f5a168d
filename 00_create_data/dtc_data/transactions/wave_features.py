"""What customers are as of a cutoff: recency, frequency and monetary value, and what else a lookback shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd
import pyarrow as pa

from dtc_data.core import TransactionsError
from dtc_data.transactions import customer_sql
from dtc_data.transactions.cutoffs import LOOKBACK_DAYS, Cutoff
from dtc_data.transactions.feature_query import NEEDED, query, require

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


def _query(text: str, lines: Lines, cutoffs: Sequence[Cutoff], lookback_days: int) -> pd.DataFrame:
    found = query(text, _of_frame(lines) if isinstance(lines, pd.DataFrame) else lines, cutoffs, lookback_days)
    texts = pd.StringDtype("pyarrow")
    frame: pd.DataFrame = found.to_pandas(types_mapper={pa.string(): texts}.get)
    return frame


def _of_frame(lines: pd.DataFrame) -> pa.Table:
    """Take the columns that are needed, in the types of lines."""
    require(list(lines.columns))
    for name in ("ordered_at", "arrived_at"):
        if not isinstance(lines[name].dtype, pd.DatetimeTZDtype):
            raise TransactionsError(f"the lines' column {name!r} is not a time with a zone, but {lines[name].dtype}")
    try:
        return pa.Table.from_pandas(lines[NEEDED.names], schema=NEEDED, preserve_index=False, safe=False)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise TransactionsError(f"the lines cannot be used: {error}") from error
