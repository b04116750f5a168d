"""What only a whole file shows, though one block at a time is held: who comes twice, and waves in which nobody counts."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SURVEY_WEIGHT, UNIT_ID, FileProblems, unit_hashes

Hashes = npt.NDArray[np.uint64]


class WholeFile:
    """Remembers eight bytes per unit, and for each month whether anybody counts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._hashes: list[Hashes] = []
        self._counts: dict[Any, bool] = {}
        self._first_line: dict[Any, int] = {}
        self.is_empty = True
        """Whether there was no row at all."""

    def add(self, intact: pd.DataFrame, units: pd.DataFrame) -> None:
        """Take a block: its units without a problem, complete, and all of them as they are; the index is the line."""
        self.is_empty &= units.empty
        self._hashes.append(_hashes(intact))
        if SURVEY_WEIGHT in units:
            months = units[DATE].dt.tz_localize(None).dt.to_period("M")
            for month, weights in units[SURVEY_WEIGHT].groupby(months):
                self._counts[month] = self._counts.get(month, False) or bool((weights != 0).any())
                self._first_line.setdefault(month, int(weights.index[0]))

    @property
    def repeated_hashes(self) -> Hashes:
        """The numbers that occur more than once: those of units who come twice, and hardly ever of others."""
        hashes = np.sort(np.concatenate([*self._hashes, np.empty(0, dtype=np.uint64)]))
        repeated: Hashes = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        return repeated

    @staticmethod
    def suspected(units: pd.DataFrame, repeated: Hashes) -> pd.DataFrame:
        """Keep the units with one of these numbers."""
        return units[np.isin(_hashes(units), repeated)]

    def find_weightless_waves(self, problems: FileProblems) -> None:
        """Add a problem for each month whose weights are all 0."""
        for month, anybody_counts in self._counts.items():
            if not anybody_counts:
                message = f"all weights of {month} are 0: nobody would count; leave the column out if all count alike"
                problems.add(self._first_line[month], message, self._catalogue.weight_column)


def _hashes(units: pd.DataFrame) -> Hashes:
    moments = pd.DatetimeIndex(units[DATE]).tz_convert(None).to_numpy().astype("datetime64[us]")
    return unit_hashes(units[UNIT_ID], moments)
