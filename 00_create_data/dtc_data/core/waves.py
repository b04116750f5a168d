"""A wave is one month of respondents."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from dtc_data.core.errors import WaveError

MONTH_NAMES: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
"""In English whatever the machine's language is, which ``calendar.month_name`` would follow."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
"""Years that a wave can lie in: any other is a mistake, and pandas cannot count its nanoseconds."""

_WAVE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})")
_MONTH_NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, order=True)
class Wave:
    """One calendar month, in UTC.

    Raises
    ------
    WaveError
        If there is no such month.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= len(MONTH_NAMES):
            raise WaveError(f"'{self}' is not a wave: write the year and the month like 2025-01")
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise WaveError(f"'{self}' is not a wave: the year must lie between {FIRST_YEAR} and {LAST_YEAR}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a wave written like ``2025-01``.

        Raises
        ------
        WaveError
            If the text is not a four-digit year, a hyphen and a month from 01 to 12.
        """
        if not text.strip():  # make hands on an empty text where its variable is not typed
            raise WaveError(
                "no wave is named: write its year and month like 2025-01; `make help` says by which variable"
            )
        match = _WAVE.fullmatch(text)
        if match is None:
            raise WaveError(f"{text!r} is not a wave: write the year and the month like 2025-01")
        return cls(int(match["year"]), int(match["month"]))

    @classmethod
    def parse_month(cls, text: str, default_year: int) -> Self:
        """Read a month as a person writes it: ``3``, ``03``, ``March``, ``mar`` or ``2025-03``.

        Parameters
        ----------
        text : str
            The month.
        default_year : int
            The year of a month that is written without one.

        Raises
        ------
        WaveError
            If the text is none of these.
        """
        if _MONTH_NUMBER.fullmatch(text) and 1 <= int(text) <= len(MONTH_NAMES):
            return cls(default_year, int(text))
        for number, name in enumerate(MONTH_NAMES, start=1):
            if text.lower() in {name, name[:3]}:
                return cls(default_year, number)
        if _WAVE.fullmatch(text):
            return cls.parse(text)
        raise WaveError(f"{text!r} is not a month: write it like 3, March or 2025-03")

    @property
    def start(self) -> datetime:
        """First moment that belongs to the wave."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """First moment that no longer belongs to the wave."""
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC)

    def next(self) -> Self:
        """Return the month that follows."""
        return type(self)(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> Self:
        """Return the month before."""
        return type(self)(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
