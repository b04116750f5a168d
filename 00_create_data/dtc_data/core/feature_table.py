"""The feature table, where every subject ends: one row per unit and moment, with the values of the features.

From here on nothing knows whether a unit is a respondent, a customer or a store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from dtc_data.core.errors import UnitTableError
from dtc_data.core.sql_names import DATE, UNIT_ID

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_WORDS: Final = ("unit", "units")


class Unit(NamedTuple):
    """Whom a row is about, and when: the key of a feature table."""

    unit_id: str
    date: datetime

    def __str__(self) -> str:
        return f"{self.unit_id!r} of {self.date:%Y-%m-%d}"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Units with their features, checked: each has an id and a date, and none is there twice."""

    frame: "pd.DataFrame"
    """Columns unit_id (str), date (UTC), then the features; it may hold others behind them."""
    features: tuple[str, ...]

    @classmethod
    def checked(
        cls,
        frame: "pd.DataFrame",
        features: Sequence[str],
        also: Sequence[str] = (),
        *,
        words: tuple[str, str] = _WORDS,
    ) -> Self:
        """Take the columns out of a frame, with dates in UTC as Postgres keeps them.

        Parameters
        ----------
        frame : DataFrame
            One row per unit and moment, with at least the columns unit_id, date and the features.
        features : sequence of str
            Names of the features, whose values are not looked at.
        also : sequence of str
            Further columns that are kept behind them.
        words : tuple of str
            What messages call one unit and several.

        Raises
        ------
        UnitTableError
            If a column is missing, or a unit has no id or date or is repeated.
        """
        import pandas as pd  # noqa: PLC0415 - small commands and the service use this shelf without pandas

        columns = [UNIT_ID, DATE, *features, *also]
        if missing := [column for column in columns if column not in frame.columns]:
            raise UnitTableError(f"the {words[1]} come without the columns {', '.join(missing)}")
        checked = frame[columns].reset_index(drop=True)
        checked[DATE] = pd.to_datetime(checked[DATE], utc=True, format="ISO8601").dt.as_unit("us")
        if (gaps := checked[UNIT_ID].isna() | (checked[UNIT_ID] == "") | checked[DATE].isna()).any():
            raise UnitTableError(f"{words[0]} number {gaps.argmax() + 1} has no {UNIT_ID} or no {DATE}")
        table = cls(checked, tuple(features))
        if (repeated := checked.duplicated([UNIT_ID, DATE])).any():
            raise UnitTableError(f"{words[0]} {table.unit(int(repeated.argmax()))} is given twice")
        return table

    def __len__(self) -> int:
        return len(self.frame)

    def unit(self, row: int) -> Unit:
        """Return whom a row is about; rows are counted from 0."""
        return Unit(*self.frame[[UNIT_ID, DATE]].iloc[row])


def unit_hashes(unit_ids: "pd.Series", moments: "npt.NDArray[np.datetime64]") -> "npt.NDArray[np.uint64]":
    """Return a number for each unit and moment, ``(n_units,)``: eight bytes in place of an id, to look for repetitions.

    Equal units have equal numbers. Among a million different ones two share a number with a probability below 1e-7.
    """
    import numpy as np  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - as above

    of_ids = pd.util.hash_array(unit_ids.to_numpy(dtype=object), categorize=False)
    of_moments = pd.util.hash_array(moments.astype(np.int64))
    hashes: npt.NDArray[np.uint64] = of_ids * np.uint64(3) + of_moments  # not symmetric, and modulo 2**64
    return hashes
