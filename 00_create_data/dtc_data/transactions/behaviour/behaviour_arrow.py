"""The behaviour features of an Arrow table of lines, in DuckDB: all that needs them comes through here, the service without data frames."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb
import pyarrow as pa

from dtc_data.core import TransactionsError
from dtc_data.transactions.behaviour.behaviour_codes import CodedLines, code_lines
from dtc_data.transactions.behaviour.behaviour_definitions import FeatureDefinition
from dtc_data.transactions.behaviour.behaviour_query import GRAINS, MACROS, empty_query, feature_query

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_SECONDS: Final = 86_400


def arrow_features(
    lines: pa.Table, definitions: Sequence[FeatureDefinition], cutoff: datetime, history_from: datetime | None
) -> pa.Table:
    """Return customer_id and the features of everybody who bought before a cutoff, ordered by customer_id.

    Parameters
    ----------
    lines : Table
        The columns of `dtc_data.transactions.behaviour.behaviour_lines.LINE_COLUMNS`.
    definitions : sequence of FeatureDefinition
        In the order of the columns.
    cutoff : datetime
        With a zone.
    history_from : datetime, optional
        Since when the lines cover everything; by default each customer's history begins with the first order.

    Raises
    ------
    TransactionsError
        If a number is too large.
    """
    return coded_features(code_lines(lines), definitions, cutoff, history_from)


def coded_features(
    lines: CodedLines, definitions: Sequence[FeatureDefinition], cutoff: datetime, history_from: datetime | None
) -> pa.Table:
    """Return `arrow_features` of lines that have codes already."""
    history_days = None if history_from is None else (cutoff - history_from).total_seconds() / _DAY_SECONDS
    with duckdb.connect() as database:
        microseconds = (cutoff - _EPOCH) // _MICROSECOND
        database.execute(f"SET enable_progress_bar = false; SET VARIABLE cutoff = {microseconds}")
        database.execute(MACROS)
        database.register("lines", lines.table)
        try:
            for name, query in GRAINS.items():
                database.execute(f"CREATE TEMP TABLE {name} AS {query}")
            found = database.sql(feature_query(definitions, history_days, _without_rows(database, definitions)))
            features = found.to_arrow_table()
        except duckdb.ConversionException as error:
            raise TransactionsError(f"quantities and amounts of a line are too large: {error}") from error
    return features.set_column(0, "customer_id", lines.customers.take(features["customer"]))


def _without_rows(
    database: duckdb.DuckDBPyConnection, definitions: Sequence[FeatureDefinition]
) -> dict[str, float | None]:
    """Return what a feature is without an order in its window, by name."""
    if not (query := empty_query(definitions)):
        return {}
    return {name: values[0] for name, values in database.sql(query).to_arrow_table().to_pydict().items()}
