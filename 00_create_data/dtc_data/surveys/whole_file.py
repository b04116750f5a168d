"""What only a whole file shows, though one block at a time is held.

Who comes twice, waves in which nobody counts, a fieldwork that would be torn into two waves, and codes for don't know that no
range keeps out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.catalogue import Catalogue, Feature
from dtc_data.core import DATE, SURVEY_WEIGHT, UNIT_ID, unit_hashes
from dtc_data.surveys.survey_problems import Kind, SurveyProblems

Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

LONGEST_FIELDWORK: Final = pd.Timedelta(days=27)
"""Dates in two months that lie no further apart are taken for one fieldwork; waves of the same day each month lie 28 days apart."""

_CODES: Final = (9, 99, 999, 9999, 99999, 98, 998, 9998, 97, 997, 88, 888, 77, 777)
USUAL_CODES: Final = (*_CODES, *(-code for code in _CODES), -1, -2)
"""Numbers by which survey software writes that somebody did not know or refused."""
FAR_BEYOND: Final = 2.0
"""How many times the width of all other answers a code lies beyond them before it is suspected."""


class WholeFile:
    """Remembers eight bytes per unit, and for each month whether anybody counts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._hashes: list[Hashes] = []
        self._counts: dict[Any, bool] = {}
        self._first_place: dict[Any, int] = {}
        self._first_date = self._last_date = pd.NaT
        self._stray = _StrayCodes(catalogue.features)
        self.is_empty = True
        """Whether there was no unit at all."""

    def add(self, units: pd.DataFrame) -> None:
        """Take a block of units, complete; the index is the place in the file."""
        self.is_empty &= units.empty
        self._hashes.append(_hashes(units))
        self._stray.add(units)
        self._first_date = min(filter(pd.notna, (units[DATE].min(), self._first_date)), default=pd.NaT)
        self._last_date = max(filter(pd.notna, (units[DATE].max(), self._last_date)), default=pd.NaT)
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

    def find_torn_fieldwork(self, problems: SurveyProblems) -> None:
        """Add a problem if all dates lie within a month's length, and yet in two months."""
        first, last = self._first_date, self._last_date
        if pd.isna(first) or last - first > LONGEST_FIELDWORK:
            return
        months = [f"{date:%Y-%m}" for date in (first, last)]
        if months[0] != months[1]:
            problems.add(
                Kind.FIELDWORK,
                0,
                f"the dates run from {first:%Y-%m-%d} to {last:%Y-%m-%d}, which would make two waves, {months[0]} and {months[1]}. If "
                f"this is one fieldwork, name its wave: --wave {months[0]} --allow wave counts everybody in {months[0]}. Two "
                "waves are better ingested from a file each",
            )

    def find_stray_codes(self, problems: SurveyProblems) -> None:
        """Add a problem for each code for don't know that no range keeps out."""
        for column, count, first, message in self._stray.found():
            problems.add_many(Kind.CODE, count, first, message, column)


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


@dataclass
class _Seen:
    """What a file holds of one feature so far."""

    low: float = np.inf
    high: float = -np.inf
    """Smallest and largest answer that is not a usual code."""
    codes: dict[float, tuple[int, int]] = field(default_factory=dict)
    """By code how often it stands there, and at which place first."""

    def add(self, values: Floats, places: npt.NDArray[np.int64]) -> None:
        """Take a block of answers ``(n_units,)``, NaN where one is missing."""
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
        if not self.codes and low not in USUAL_CODES and high not in USUAL_CODES:
            self.low, self.high = min(self.low, float(low)), max(self.high, float(high))
            return
        is_code = np.isin(values, USUAL_CODES)
        others = values[~is_code & ~np.isnan(values)]
        if others.size:
            self.low, self.high = min(self.low, float(others.min())), max(self.high, float(others.max()))
        for code, count in zip(*np.unique(values[is_code], return_counts=True), strict=True):
            times, first = self.codes.get(float(code), (0, int(places[int(np.argmax(values == code))])))
            self.codes[float(code)] = times + int(count), first

    def stray(self, feature: Feature) -> Iterator[float]:
        """Yield the codes that lie far from all other answers, on a side where the feature has no limit."""
        width = self.high - self.low
        if not np.isfinite(width):
            return
        for code in self.codes:
            beyond = code - self.high if code > self.high else self.low - code
            is_open = feature.maximum is None if code > self.high else feature.minimum is None
            if is_open and beyond > FAR_BEYOND * max(width, 1.0):
                yield code


class _StrayCodes:
    """Codes for don't know that nothing keeps out: where a feature has no range, 99 passes for an answer and moves every mean."""

    def __init__(self, features: Sequence[Feature]) -> None:
        open_ended = (
            feature
            for feature in features
            if feature.type == "number" and (feature.minimum is None or feature.maximum is None)
        )
        self._seen = [(feature, _Seen()) for feature in open_ended]

    def add(self, units: pd.DataFrame) -> None:
        """Take a block of units; the index is the place in the file."""
        if units.empty:
            return
        places = units.index.to_numpy(dtype=np.int64)
        for feature, seen in self._seen:
            seen.add(units[feature.name].to_numpy(dtype=np.float64), places)

    def found(self) -> Iterator[tuple[str, int, int, str]]:
        """Return column, count, first place and what is wrong, for each code of each feature."""
        for feature, seen in self._seen:
            for code in seen.stray(feature):
                count, first = seen.codes[code]
                times = "once" if count == 1 else f"{count:,} times"
                message = (
                    f"{code:g} stands here {times}, and all other answers lie between {seen.low:g} and {seen.high:g}. If it means "
                    f"don't know, write missing: [{code:g}] for {feature.name!r} in the catalogue; if it is an answer, give the "
                    "feature its minimum and maximum"
                )
                yield feature.file_column, count, first, message
