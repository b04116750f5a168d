"""Units as the search for segments sees them: standardised numbers, and categories as indicators."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from dtc_model.rule import UNKNOWN, FloatArray, IndexArray, MixedUnits, MixtureParameters


@dataclass(frozen=True, eq=False)
class TrainingUnits:
    """Numbers with mean 0 and variance 1, and what is needed to go back to their units."""

    units: MixedUnits
    """Standardised, NaN and `UNKNOWN` where a value is missing."""
    n_levels: tuple[int, ...]
    """Per category."""
    centres: FloatArray
    """Means of the encoded numbers, ``(n_numbers,)``."""
    spreads: FloatArray
    """Standard deviations of the encoded numbers, ``(n_numbers,)``."""

    @classmethod
    def standardise(cls, units: MixedUnits, n_levels: tuple[int, ...]) -> Self:
        """Standardise encoded units; a number without values or that does not vary stays as it is."""
        present = ~np.isnan(units.numbers)
        counts = np.maximum(present.sum(axis=0), 1)
        centres = np.where(present, units.numbers, 0.0).sum(axis=0) / counts
        squares = np.where(present, units.numbers - centres, 0.0) ** 2
        spreads = np.sqrt(squares.sum(axis=0) / counts)
        spreads[spreads == 0] = 1.0
        return cls(MixedUnits((units.numbers - centres) / spreads, units.codes), n_levels, centres, spreads)

    def __len__(self) -> int:
        return len(self.units.numbers)

    @property
    def present(self) -> FloatArray:
        """1 where a number is there and 0 where it is missing, ``(n_units, n_numbers)``."""
        return (~np.isnan(self.units.numbers)).astype(np.float64)

    @property
    def complete(self) -> bool:
        """Whether no number is missing."""
        return not np.isnan(self.units.numbers).any()

    @property
    def filled(self) -> FloatArray:
        """The numbers with 0, their mean, where one is missing, ``(n_units, n_numbers)``."""
        return np.nan_to_num(self.units.numbers, nan=0.0)

    @property
    def indicators(self) -> tuple[FloatArray, ...]:
        """Per category, 1 for the unit's level and else 0, ``(n_units, n_levels)``."""
        columns = zip(self.units.codes.T, self.n_levels, strict=True)
        return tuple((codes[:, None] == np.arange(n)).astype(np.float64) for codes, n in columns)

    @property
    def level_shares(self) -> tuple[FloatArray, ...]:
        """Per category, the share of each level, with one unit added that is shared out evenly: none is 0."""
        columns = zip(self.units.codes.T, self.n_levels, strict=True)
        counted = (np.bincount(codes[codes != UNKNOWN], minlength=n) + 1 / n for codes, n in columns)
        return tuple(counts / counts.sum() for counts in counted)

    def rows(self, rows: IndexArray) -> Self:
        """Return some of the units, on the same scales."""
        return replace(self, units=self.units.rows(rows))

    def original(self, parameters: MixtureParameters) -> MixtureParameters:
        """Return parameters of standardised numbers in the units of the encoded ones."""
        by = np.outer(self.spreads, self.spreads) if parameters.spread == "tied" else self.spreads**2
        return replace(
            parameters, means=parameters.means * self.spreads + self.centres, covariance=parameters.covariance * by
        )

    def standardised(self, parameters: MixtureParameters) -> MixtureParameters:
        """Return parameters of encoded numbers as parameters of the standardised ones."""
        by = np.outer(self.spreads, self.spreads) if parameters.spread == "tied" else self.spreads**2
        return replace(
            parameters, means=(parameters.means - self.centres) / self.spreads, covariance=parameters.covariance / by
        )
