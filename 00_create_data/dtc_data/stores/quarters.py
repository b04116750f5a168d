"""A quarter is the wave of a store: three calendar months."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Final, Self

from dtc_data.core import Wave, WaveError

MONTHS_PER_QUARTER: Final = 3
QUARTERS_PER_YEAR: Final = 4

_QUARTER = re.compile(r"(?P<year>[0-9]{4})-?Q(?P<number>[1-4])", re.IGNORECASE)
_HINT: Final = "write the year and the quarter like 2025Q1"


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a calendar year.

    Raises
    ------
    WaveError
        If there is no such quarter.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.year < MAXYEAR and 1 <= self.number <= QUARTERS_PER_YEAR):
            raise WaveError(f"'{self}' is not a quarter: {_HINT}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a quarter written like ``2025Q1`` or ``2025-Q1``.

        Raises
        ------
        WaveError
            If the text is something else.
        """
        match = _QUARTER.fullmatch(text.strip())
        if match is None:
            raise WaveError(f"{text!r} is not a quarter: {_HINT}")
        return cls(int(match["year"]), int(match["number"]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter that a day belongs to."""
        return cls(day.year, (day.month - 1) // MONTHS_PER_QUARTER + 1)

    @classmethod
    def from_index(cls, index: int) -> Self:
        """Return the quarter with this number of quarters since the year 0."""
        return cls(index // QUARTERS_PER_YEAR, index % QUARTERS_PER_YEAR + 1)

    @property
    def index(self) -> int:
        """Quarters since the year 0, so that the quarter before has one less."""
        return self.year * QUARTERS_PER_YEAR + self.number - 1

    @property
    def first_day(self) -> date:
        """First day that belongs to the quarter."""
        return date(self.year, (self.number - 1) * MONTHS_PER_QUARTER + 1, 1)

    @property
    def last_day(self) -> date:
        """Last day that belongs to the quarter, which dates its rows of features."""
        return type(self).from_index(self.index + 1).first_day - timedelta(days=1)

    @property
    def wave(self) -> Wave:
        """The month with which the quarter ends, as the rest of the house dates it."""
        return Wave(self.year, self.number * MONTHS_PER_QUARTER)

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"
