"""What only a whole file shows, though one block at a time is held: who comes twice, and waves in which nobody counts."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SURVEY_WEIGHT, UNIT_ID, unit_hashes
from dtc_data.surveys.survey_problems import Kind, SurveyProblems

Hashes = npt.NDArray[np.uint64]


class WholeFile:
    """Remembers eight bytes per unit, and for each month whether anybody counts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._hashes: list[Hashes] = []
        self._counts: dict[Any, bool] = {}
        self._first_place: dict[Any, int] = {}
        self.is_empty = True
        """Whether there was no unit at all."""

    def add(self, units: pd.DataFrame) -> None:
        """Take a block of units, complete; the index is the place in the file."""
        self.is_empty &= units.empty
        self._hashes.append(_hashes(units))
        if SURVEY_WEIGHT in units:
            months = units[DATE].dt.tz_localize(None).dt.to_period("M")
            for month, weights in units[SURVEY_WEIGHT].groupby(months):
                self._counts[month] = self._counts.get(month, False) or bool((weights != 0).any())
                self._first_place.setdefault(month, int(weights.index[0]))

    def are_new(self, units: pd.DataFrame) -> "pd.Series[bool]":
        """Tell which units of a block that is not yet added are here for the first time, ``(n_units,)``."""
        hashes = pd.Series(_hashes(units), index=units.index)
        seen = np.concatenate([*self._hashes, np.empty(0, dtype=np.uint64)])
        return ~(hashes.duplicated() | hashes.isin(seen))

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

    def find_weightless_waves(self, problems: SurveyProblems) -> None:
        """Add a problem for each month whose weights are all 0."""
        for month, anybody_counts in self._counts.items():
            if not anybody_counts:
                message = f"all weights of {month} are 0: nobody would count; leave the column out if all count alike"
                problems.add(Kind.WEIGHTLESS, self._first_place[month], message, self._catalogue.weight_column)


def _hashes(units: pd.DataFrame) -> Hashes:
    moments = pd.DatetimeIndex(units[DATE]).tz_convert(None).to_numpy().astype("datetime64[us]")
    return unit_hashes(units[UNIT_ID], moments)


def find_repetitions(
    units: pd.DataFrame, id_column: str | None, catalogue: Catalogue, problems: SurveyProblems
) -> None:
    """Note which units repeat an earlier one.

    Parameters
    ----------
    units : DataFrame
        With unit_id and date; the index is the place in the file.
    id_column : str, optional
        What the file calls the ids; None if they were derived.
    catalogue : Catalogue
    problems : SurveyProblems
    """
    keys = units[[UNIT_ID, DATE]]
    repeated = keys.duplicated()
    places = units.index.to_series()
    first_places = places.groupby([keys[UNIT_ID], keys[DATE]]).transform("first")
    for place in places[repeated]:
        message = _repetition(keys.loc[place, UNIT_ID], first_places[place], id_column, catalogue, problems.place)
        problems.add(Kind.REPEATED, place, message)


def _repetition(unit: str, first: int, id_column: str | None, catalogue: Catalogue, place: str) -> str:
    words = catalogue.words
    if id_column:
        return f"the {words.unit} {unit!r} with this date is on {place} {first} already"
    return (
        f"date and answers repeat {place} {first}; if these are different {words.units}, add a column "
        f"{catalogue.columns.id!r} that tells them apart"
    )
