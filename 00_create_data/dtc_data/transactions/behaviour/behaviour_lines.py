"""Transaction lines as whole numbers and codes: made once, then asked for as many cutoffs as are needed."""

from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.core import TransactionsError
from dtc_data.transactions.behaviour.behaviour_definitions import FeatureDefinition
from dtc_data.transactions.behaviour.behaviour_query import GRAINS, MACROS, feature_query

LINE_COLUMNS: Final = (
    "customer_id",
    "order_id",
    "product_id",
    "department",
    "quantity",
    "amount",
    "discount",
    "ordered_at",
    "arrived_at",
    "kind",
)
"""Columns that features are computed from; others are not read."""

KINDS: Final = ("purchase", "cancellation")

_DAY_SECONDS: Final = 86_400


class BehaviourLines:
    """Lines that have been checked and coded; they can stand wherever lines are asked for.

    Parameters
    ----------
    lines : DataFrame
        As `dtc_data.transactions.read_lines` returns them, in any order: `LINE_COLUMNS`, times in UTC, cancellations with
        negative quantities and amounts; department and discount may be missing.

    Raises
    ------
    TransactionsError
        If a column is missing or does not hold what it should; the message names it.
    """

    def __init__(self, lines: pd.DataFrame) -> None:
        if missing := [name for name in LINE_COLUMNS if name not in lines.columns]:
            raise TransactionsError(
                f"the lines come without the columns {', '.join(missing)}; read_lines returns all of them"
            )
        if strange := set(lines["kind"].unique()) - set(KINDS):
            raise TransactionsError(f"the lines' column 'kind' holds {strange.pop()!r}: write {' or '.join(KINDS)}")
        customers, names = pd.factorize(lines["customer_id"])
        self.customer_ids = pd.Series(names, dtype=pd.StringDtype("pyarrow"))
        """Each customer once; the codes count along them."""
        self.coded = pd.DataFrame(
            {
                "customer": _complete(customers, "customer_id"),
                "order_id": _complete(pd.factorize(lines["order_id"])[0], "order_id"),
                "product": _complete(pd.factorize(lines["product_id"])[0], "product_id"),
                "department": pd.factorize(lines["department"])[0].astype(np.int32),
                "purchased": (lines["kind"] == KINDS[0]).to_numpy(dtype=bool),
                "ordered": _microseconds(lines["ordered_at"]),
                "arrived": _microseconds(lines["arrived_at"]),
                "quantity": _complete(_numbers(lines["quantity"]), "quantity"),
                "amount": _complete(_numbers(lines["amount"]), "amount"),
                "discount": _numbers(lines["discount"]),
            }
        )
        """One row per line: codes from 0 (-1 for no department), moments in microseconds since 1970."""

    @property
    def first_moment(self) -> pd.Timestamp:
        """When the first line was ordered: since then the lines cover everything."""
        return pd.Timestamp(int(self.coded["ordered"].min()), unit="us", tz="UTC")

    def compute(
        self, definitions: tuple[FeatureDefinition, ...], cutoff: pd.Timestamp, history_from: pd.Timestamp | None
    ) -> pd.DataFrame:
        """Return customer_id and the features of everybody who bought before a cutoff, ordered by customer_id.

        Parameters
        ----------
        definitions : tuple of FeatureDefinition
            In the order of the columns.
        cutoff : Timestamp
            With a zone.
        history_from : Timestamp, optional
            Since when the lines cover everything; by default each customer's history begins with the first order.
        """
        history_days = None if history_from is None else (cutoff - history_from).total_seconds() / _DAY_SECONDS
        with duckdb.connect() as database:
            database.execute(f"SET enable_progress_bar = false; SET VARIABLE cutoff = {cutoff.value // 1_000}")
            database.execute(MACROS)
            database.register("lines", self.coded)
            for name, query in GRAINS.items():
                database.execute(f"CREATE TEMP TABLE {name} AS {query}")
            found: pd.DataFrame = database.execute(feature_query(definitions, history_days)).df()
        found.insert(0, "customer_id", self.customer_ids.take(found.pop("customer").to_numpy()).array)
        return found.sort_values("customer_id", ignore_index=True)


def _complete(values: npt.NDArray[Any], column: str) -> npt.NDArray[Any]:
    """Return values of which none is missing, codes in four bytes."""
    is_code = values.dtype.kind == "i"
    missing = values < 0 if is_code else ~np.isfinite(values)
    if missing.any():
        raise TransactionsError(f"the lines' column {column!r} is empty or not finite in row {int(missing.argmax())}")
    return values.astype(np.int32) if is_code else values


def _numbers(column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise TransactionsError(
            f"the lines' column {column.name!r} holds something that is no number: {error}"
        ) from error


def _microseconds(column: "pd.Series[Any]") -> npt.NDArray[np.int64]:
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        raise TransactionsError(f"the lines' column {column.name!r} is no time with a zone, but {column.dtype}")
    if column.isna().any():
        raise TransactionsError(f"the lines' column {column.name!r} is empty in row {int(column.isna().argmax())}")
    moments: npt.NDArray[np.int64] = column.dt.as_unit("us").astype("int64").to_numpy()
    return moments
