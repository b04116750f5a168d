"""A wave is one month of respondents."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from dtc_data.errors import WaveError

_PATTERN = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Wave:
    """One calendar month, in UTC."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a wave written like ``2025-01``.

        Raises
        ------
        WaveError
            If the text is not a four-digit year, a hyphen and a month from 01 to 12.
        """
        match = _PATTERN.fullmatch(text)
        if match is None or match["year"] == "0000":
            raise WaveError(f"{text!r} is not a wave: write the year and the month like 2025-01")
        return cls(int(match["year"]), int(match["month"]))

    @property
    def start(self) -> datetime:
        """First moment that belongs to the wave."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """First moment that no longer belongs to the wave."""
        return self.next().start

    def next(self) -> Self:
        """Give the month that follows."""
        return type(self)(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> Self:
        """Give the month before."""
        return type(self)(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
