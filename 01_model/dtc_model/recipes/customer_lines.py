"""Customers out of their lines of transactions, by the rule of their waves; the service has nothing else of the subject."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from dtc_data.transactions import Cutoff, customer_table


def lines_to_customers(lines: Mapping[str, Sequence[Any]], as_of: Cutoff, lookback_days: int) -> dict[str, list[Any]]:
    """Return the features of customers as of a cutoff, as waves have them, by name, beside customer_id.

    It needs no data frames.

    Parameters
    ----------
    lines : mapping
        Columns customer_id, order_id, product_id, quantity, amount, kind (purchase or cancellation), ordered_at and arrived_at
        (with a zone).
    as_of : Wave, datetime, date or str
    lookback_days : int

    Raises
    ------
    SettingsError
        If the lookback is none.
    TransactionsError
        If the lines lack a column, or a number is too large.
    """
    moments = {name: pa.array(lines[name], pa.timestamp("us", tz="UTC")) for name in ("ordered_at", "arrived_at")}
    numbers = {name: pa.array(lines[name], pa.float64()) for name in ("quantity", "amount")}
    texts = {name: pa.array(lines[name], pa.string()) for name in ("customer_id", "order_id", "product_id", "kind")}
    customers: dict[str, list[Any]] = customer_table(
        pa.table({**texts, **numbers, **moments}), as_of, lookback_days
    ).to_pydict()
    return customers
