"""A stated sample of a large wave: the same units every time, by a hash of their ids that Postgres, Python and Spark compute alike.

The hash has nothing to do with the order of the ids or with what units answered, so that the sample is a random one; whoever is
in it stays in it for as long as the wave has the same size, and a unit that comes back is in the samples of all waves of that size.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, Connection, Table, func, select

from dtc_data.core import UNIT_ID, Wave
from dtc_data.tables.statements import within

LARGEST_WHOLE: Final = 200_000
"""Units of a wave up to which all are looked at where nothing else is said; more would tell next to nothing more."""
HASH_DIGITS: Final = 8
"""Hexadecimal digits of a unit's hash that are looked at."""
CONFIDENCE_FACTOR: Final = 1.96
"""Standard errors of an estimate that 95 of 100 samples stay within."""

_EVERYBODY: Final = "g"
"""Sorts after all hexadecimal digits."""


@dataclass(frozen=True)
class WaveSample:
    """Which units of a wave are looked at."""

    units: int
    """Everybody in the wave."""
    below: str = _EVERYBODY
    """Units are taken whose hash sorts before this."""

    @classmethod
    def of(cls, units: int, most: int = LARGEST_WHOLE) -> Self:
        """Return a sample of about ``most`` of so many units; everybody if there are no more."""
        return cls(units) if units <= most else cls(units, f"{most * 16**HASH_DIGITS // units:0{HASH_DIGITS}x}")

    @property
    def is_part(self) -> bool:
        """Whether some of the units are left out."""
        return self.below != _EVERYBODY

    @property
    def share(self) -> float:
        """Share of the units that are looked at, from 0 to 1."""
        return int(self.below, 16) / 16**HASH_DIGITS if self.is_part else 1.0

    def expression(self, id_column: str) -> str:
        """Tell the same in the SQL of Spark, whose MD5 of a text is that of Postgres."""
        return f"left(md5(cast(`{id_column}` AS STRING)), {HASH_DIGITS}) < '{self.below}'"

    def condition(self, table: Table) -> ColumnElement[bool]:
        """Tell in SQL whether a unit is looked at."""
        return func.left(func.md5(table.c[UNIT_ID]), HASH_DIGITS).collate("C") < self.below


def share_error(taken: float, units: int) -> float:
    """Return by how much a share of a sample is off from that of the wave in 95 of 100 samples, at most, from 0 to 1.

    ``taken`` counts the sample, or says what it is worth where weights are unequal.

    Half the width of the usual interval at a share of one half, with the correction for a finite population (W. G. Cochran,
    Sampling Techniques, 1977, section 3.2).
    """
    left_out = max(units - taken, 0) / max(units - 1, 1)
    return CONFIDENCE_FACTOR * math.sqrt(0.25 / taken * left_out)


def mean_error(taken: float, units: int) -> float:
    """Return by how much a mean of a sample is off, likewise, in standard deviations of the units."""
    return 2 * share_error(taken, units)


def sample_of(connection: Connection, table: Table, wave: Wave, most: int) -> WaveSample:
    """Return a sample of about ``most`` units of a wave; everybody if the wave holds no more."""
    counted: Any = connection.scalar(select(func.count()).select_from(table).where(within(table, wave)))
    return WaveSample.of(int(counted), most)
