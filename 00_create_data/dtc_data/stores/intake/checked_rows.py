"""The rows of one table that pass its contract, some at a time, and what became of the others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dtc_data.stores.intake.contracts import CONTRACTS, ROW, Known, Requirement, broken, contract_schema
from dtc_data.stores.intake.file_tables import rows_as_delivered
from dtc_data.stores.intake.quality_report import SHOWN_ROWS, CheckOutcome
from dtc_data.stores.intake.retail_layout import Treatment
from dtc_data.stores.retail_tables import SCHEMAS

if TYPE_CHECKING:
    import duckdb

ROWS_AT_A_TIME: Final = 500_000
"""Rows that are checked at a time, so that files larger than memory can be read."""


class CheckedRows:
    """Checks the rows of one table and treats those that break a check.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has the views of the table, see :func:`dtc_data.stores.intake.file_tables.put_up_files`.
    table : str
        Name of the table.
    known : Known
        What the checks refer to.
    treatments : mapping
        Treatment by ``table.check``, where it is not the usual one.
    """

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        table: str,
        known: Known,
        treatments: Mapping[str, Treatment],
    ) -> None:
        self._connection = connection
        self._table = table
        self._schema = contract_schema(table, known)
        self._treatments = {
            requirement.check: treatments.get(f"{table}.{requirement.check}", requirement.treatment)
            for requirement in CONTRACTS[table]
        }
        self._failed: Counter[str] = Counter()
        self._first: dict[str, list[int]] = {}
        self.rows = 0
        """Rows that were checked."""
        self.read = 0
        """Rows that were not left out."""

    def batches(self) -> Iterator[pa.Table]:
        """Return the rows that are not left out, in our columns and types."""
        names = SCHEMAS[self._table].names
        for batch in self._connection.sql(f"SELECT * FROM {self._table}").to_arrow_reader(ROWS_AT_A_TIME):
            delivered = pa.Table.from_batches([batch])
            rows = _with_times(delivered.to_pandas())
            failed = broken(rows, self._schema)
            self._note(rows, failed)
            treated = self._treated(delivered, rows, failed)
            self.read += len(treated)
            yield treated.select([name for name in names if name in treated.column_names])

    def outcomes(self) -> tuple[CheckOutcome, ...]:
        """Return what became of all rows, once all batches have been taken."""
        wanted = sorted({row for rows in self._first.values() for row in rows})
        delivered = rows_as_delivered(self._connection, self._table, wanted)
        return tuple(self._outcome(requirement, delivered) for requirement in CONTRACTS[self._table])

    def _outcome(self, requirement: Requirement, delivered: Mapping[int, Mapping[str, str]]) -> CheckOutcome:
        return CheckOutcome(
            self._table,
            requirement.check,
            requirement.sentence,
            self.rows,
            self._failed[requirement.check],
            self._treatments[requirement.check],
            tuple(delivered[row] for row in self._first.get(requirement.check, ())),
        )

    def _note(self, rows: pd.DataFrame, failed: Mapping[str, pd.Index]) -> None:
        self.rows += len(rows)
        for check, index in failed.items():
            self._failed[check] += len(index)
            first = self._first.setdefault(check, [])
            first.extend(rows.loc[index[: SHOWN_ROWS - len(first)], ROW].tolist())

    def _treated(self, delivered: pa.Table, rows: pd.DataFrame, failed: Mapping[str, pd.Index]) -> pa.Table:
        """Return a batch without what is left out, and without the values that are taken as missing."""
        treated, left_out = delivered, pd.Index([], dtype=rows.index.dtype)
        for requirement in CONTRACTS[self._table]:
            index = failed.get(requirement.check)
            if index is None:
                continue
            if self._treatments[requirement.check] is Treatment.LEAVE_OUT:
                left_out = left_out.union(index)
            elif self._treatments[requirement.check] is Treatment.BLANK:
                treated = _blanked(treated, requirement.column, rows.index.isin(index))
        return treated.filter(pa.array(~rows.index.isin(left_out))) if len(left_out) else treated


def _with_times(rows: pd.DataFrame) -> pd.DataFrame:
    """Turn days, which Arrow gives as Python's dates, into pandas' times."""
    days = [name for name in ("date", "opened", "closed") if name in rows]
    return rows.assign(**{name: pd.to_datetime(rows[name], errors="coerce") for name in days})


def _blanked(table: pa.Table, column: str, mask: object) -> pa.Table:
    position = table.schema.get_field_index(column)
    values = pc.if_else(pa.array(mask), pa.scalar(None, table.schema.field(column).type), table.column(position))
    return table.set_column(position, column, values)
