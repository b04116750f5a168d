"""Units on their way into a unit table, block by block, so that a file of any size needs the memory of one block.

Units of a month in which the table holds nobody are copied into it at once: there is nothing to compare them with. The others
are copied beside it first. All of it happens in one transaction, so that others see all of a file or nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, Table

from dtc_data.core import DATE, UNIT_ID, UnitTableError, Wave, unit_hashes
from dtc_data.tables import statements
from dtc_data.tables.streams.bulk_copy import analyze, copy_frame


class ArrivingUnits:
    """Takes blocks of checked units.

    Parameters
    ----------
    connection : Connection
        In a transaction that keeps other writers away from the table.
    table : Table
        The unit table as it is in the database.
    incoming : Table
        The temporary table, made here, for units who must be compared; it has the same columns under our own names.
    """

    def __init__(self, connection: Connection, table: Table, incoming: Table) -> None:
        self._connection = connection
        self._table = table
        self._incoming = incoming
        self._is_empty: dict[Wave, bool] = {}
        self._who_and_month: list[npt.NDArray[np.uint64]] = []
        self.copied = 0
        """Units who are in the table now."""
        self.waiting = 0
        """Units who are in the temporary table."""
        incoming.create(connection, checkfirst=False)

    def add(self, units: pd.DataFrame) -> None:
        """Take a block, with a column for each of the temporary table's.

        Raises
        ------
        UnitTableError
            If a unit was in an earlier block with the same date.
        """
        months = pd.DatetimeIndex(units[DATE]).tz_convert(None).to_numpy().astype("datetime64[M]")
        self._who_and_month.append(unit_hashes(units[UNIT_ID], months))
        empty = [month for month in np.unique(months) if self._holds_nobody(_wave(month))]
        direct = np.isin(months, np.array(empty, dtype=months.dtype))
        self.copied += self._copy(self._table, units if direct.all() else units[direct])
        self.waiting += self._copy(self._incoming, units[~direct])

    def finish(self) -> None:
        """Let the planner know what waits, once all blocks were taken.

        Raises
        ------
        UnitTableError
            If one who waits was in two blocks with the same date.
        """
        if not self.waiting:
            return
        analyze(self._connection, self._incoming)
        if self.someone_came_twice and (
            twice := self._connection.execute(statements.first_twice(self._incoming)).first()
        ):
            raise self._given_twice(f"{twice.unit_id!r} of {twice.date:%Y-%m-%d}")

    @property
    def someone_came_twice(self) -> bool:
        """Whether a unit may have come twice in a month; only with a probability below 1e-7 per million if none did."""
        hashes = np.concatenate(self._who_and_month) if self._who_and_month else np.empty(0)
        return len(np.unique(hashes)) < len(hashes)

    @property
    def waves_copied(self) -> Sequence[Wave]:
        """The months whose units are in the table now, in which it held nobody before."""
        return sorted(wave for wave, is_empty in self._is_empty.items() if is_empty)

    def _holds_nobody(self, wave: Wave) -> bool:
        """Tell whether the table held nobody of a month when the first of its units came."""
        if wave not in self._is_empty:
            anybody = self._connection.execute(statements.anybody_of(self._table, wave)).first()
            self._is_empty[wave] = anybody is None
        return self._is_empty[wave]

    def _copy(self, table: Table, units: pd.DataFrame) -> int:
        try:
            copy_frame(self._connection, table, units)
        except UniqueViolation as error:
            raise self._given_twice(str(error.diag.message_detail)) from error
        return len(units)

    def _given_twice(self, who: str) -> UnitTableError:
        return UnitTableError(f"table {self._table.name!r}: a unit is given twice, in two blocks of what came ({who})")


def _wave(month: Any) -> Wave:
    years, rest = divmod(int(month.astype(np.int64)), 12)
    return Wave(1970 + years, rest + 1)
