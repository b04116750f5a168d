"""Behaviour of customers out of their lines of transactions, by the rule that a forecast was trained with; for the service, without data frames."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
from dtc_data.transactions import FeatureSet, arrow_features, feature_definitions, moment_of

from dtc_model.prediction import ForecastModel
from dtc_model.rule import FloatArray

_TYPES: Final[dict[str, pa.DataType]] = {
    "customer_id": pa.string(),
    "order_id": pa.string(),
    "product_id": pa.string(),
    "department": pa.string(),
    "kind": pa.string(),
    "quantity": pa.float64(),
    "amount": pa.float64(),
    "discount": pa.float64(),
    "ordered_at": pa.timestamp("us", tz="UTC"),
    "arrived_at": pa.timestamp("us", tz="UTC"),
}


def lines_to_behaviour(
    lines: Mapping[str, Sequence[Any]], as_of: datetime, model: ForecastModel
) -> tuple[list[str], FloatArray]:
    """Return the customers whom a forecast is about, by customer_id, and its features of each as of a cutoff.

    Parameters
    ----------
    lines : mapping
        Columns customer_id, order_id, product_id, department, quantity, amount, discount, kind, ordered_at and arrived_at.
    as_of : datetime
        The cutoff, with a zone.
    model : ForecastModel
        Trained on behaviour.

    Returns
    -------
    tuple of list of str and ndarray of shape (n_customers, n_features)
        NaN where a feature is missing.

    Raises
    ------
    TransactionsError
        If a number is too large.
    """
    known = model.provenance
    windows = [int(days) for days in known["feature_windows"].split(",")]
    definitions = feature_definitions(cast(FeatureSet, known["feature_sets"]), windows)
    table = arrow_features(
        pa.table({name: pa.array(lines[name], kind) for name, kind in _TYPES.items()}),
        definitions,
        as_of,
        moment_of(known["history_from"]),
    )
    columns = {name: _numbers(table, name) for name in {*model.feature_names, "recency_days"}}
    eligible = known["eligible"]
    chosen = columns["recency_days"] <= (np.inf if eligible == "ever" else int(eligible))
    ids = [name for name, is_one in zip(table["customer_id"].to_pylist(), chosen, strict=True) if is_one]
    return ids, np.column_stack([columns[name][chosen] for name in model.feature_names])


def _numbers(table: pa.Table, name: str) -> FloatArray:
    values: FloatArray = table[name].fill_null(np.nan).to_numpy().astype(np.float64)
    return values
