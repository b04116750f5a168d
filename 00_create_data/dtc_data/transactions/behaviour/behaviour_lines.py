"""Transaction lines that have been checked, ready to be asked for as many cutoffs as are needed."""

from typing import Any, Final

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dtc_data.core import TransactionsError
from dtc_data.transactions.behaviour.behaviour_arrow import coded_features
from dtc_data.transactions.behaviour.behaviour_codes import code_lines
from dtc_data.transactions.behaviour.behaviour_definitions import FeatureDefinition
from dtc_data.transactions.behaviour.behaviour_query import ORDERS_BETWEEN

_TIME: Final = pa.timestamp("us", tz="UTC")

LINE_COLUMNS: Final[dict[str, pa.DataType]] = {
    "customer_id": pa.large_string(),
    "order_id": pa.large_string(),
    "product_id": pa.large_string(),
    "department": pa.large_string(),
    "quantity": pa.float64(),
    "amount": pa.float64(),
    "discount": pa.float64(),
    "ordered_at": _TIME,
    "arrived_at": _TIME,
    "kind": pa.large_string(),
}
"""Columns that features are computed from; others are not read."""

OPTIONAL_COLUMNS: Final = ("department", "discount")
"""Columns that may hold missing values."""

KINDS: Final = ("purchase", "cancellation")

TEXT: Final = pd.StringDtype("pyarrow")
"""Type of columns of text."""


class BehaviourLines:
    """Lines that have been checked; they can stand wherever lines are asked for.

    Parameters
    ----------
    lines : DataFrame
        As `dtc_data.transactions.read_lines` returns them, in any order: `LINE_COLUMNS`, cancellations with negative quantities
        and amounts; department and discount may be missing.

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
        columns = {name: _column(lines[name], kind) for name, kind in LINE_COLUMNS.items()}
        if strange := set(pc.unique(columns["kind"]).to_pylist()) - set(KINDS):
            raise TransactionsError(f"the lines' column 'kind' holds {strange.pop()!r}: write {' or '.join(KINDS)}")
        self.table = pa.table(columns)
        """One row per line, of `LINE_COLUMNS`."""
        self._coded = code_lines(self.table)

    @property
    def first_moment(self) -> pd.Timestamp:
        """When the first line was ordered, whenever it arrived."""
        return pd.Timestamp(pc.min(self.table["ordered_at"]).as_py())

    def first_known_at(self, moment: pd.Timestamp) -> pd.Timestamp | None:
        """Return when the first line was ordered of those that had arrived before a moment; None if none had.

        Since then the lines cover everything, as far as anybody could know: an old line that arrives later changes nothing before.
        """
        known = pc.less(self.table["arrived_at"], pa.scalar(moment.to_pydatetime(), type=_TIME))
        first = pc.min(pc.filter(self.table["ordered_at"], known)).as_py()
        return None if first is None else pd.Timestamp(first)

    @property
    def last_moment(self) -> pd.Timestamp:
        """When the last line was ordered."""
        return pd.Timestamp(pc.max(self.table["ordered_at"]).as_py())

    @property
    def last_arrival(self) -> pd.Timestamp:
        """When the last line arrived."""
        return pd.Timestamp(pc.max(self.table["arrived_at"]).as_py())

    def orders_between(self, start: pd.Timestamp, end: pd.Timestamp, known_at: pd.Timestamp) -> pd.DataFrame:
        """Return customer_id, orders and amount of everybody who ordered from one moment on and before another.

        Parameters
        ----------
        start, end : Timestamp
            With a zone.
        known_at : Timestamp
            Only lines that had arrived before count.
        """
        moments = {"start": start, "end": end, "known_at": known_at}
        with duckdb.connect() as database:
            database.register("lines", self.table)
            found: pd.DataFrame = database.execute(
                ORDERS_BETWEEN, {name: moment.value // 1_000 for name, moment in moments.items()}
            ).df()
        return found.astype({"customer_id": TEXT})

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
        since = None if history_from is None else history_from.to_pydatetime()
        found = coded_features(self._coded, definitions, cutoff.to_pydatetime(), since)
        features: pd.DataFrame = found.to_pandas(types_mapper={pa.large_string(): TEXT}.get)
        return features


def _column(column: "pd.Series[Any]", kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    """Return a column as Arrow has it, without a copy where it already is.

    Raises
    ------
    TransactionsError
        If it holds something else, or nothing where something must stand.
    """
    if kind == _TIME and not isinstance(column.dtype, pd.DatetimeTZDtype):
        raise TransactionsError(f"the lines' column {column.name!r} is not a time with a zone, but {column.dtype}")
    try:
        values = pa.Array.from_pandas(column, type=kind, safe=kind != _TIME)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise TransactionsError(f"the lines' column {column.name!r} cannot be used: {error}") from error
    if column.name not in OPTIONAL_COLUMNS:
        present = pc.is_valid(values) if kind != pa.float64() else pc.fill_null(pc.is_finite(values), fill_value=False)
        row = pc.index(present, value=False).as_py()
        if row >= 0:
            raise TransactionsError(f"the lines' column {column.name!r} is empty or not finite in row {row}")
    return values
