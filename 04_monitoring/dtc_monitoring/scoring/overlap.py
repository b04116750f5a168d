"""How large differences between the waves are, where both have respondents like that."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference import Directions
from dtc_monitoring.scoring.wave_sums import Chunk

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Sums over the respondents of each wave, first the reference wave.

    For effects a respondent counts by the probability of being from the other wave (Li, Morgan & Zaslavsky, Balancing
    covariates via propensity score weighting, JASA 2018). Then both waves have the same mix, and their means can be
    subtracted: if only the mix changed, nothing is left.
    """

    counts: FloatArray
    """Weight of the respondents per persona, then of all, ``(2, n_segments + 1)``."""
    sums: FloatArray
    """Of the directions, ``(2, n_directions)``."""
    nearest: FloatArray
    """Respondents by nearest persona, ``(2, n_segments)``."""
    fit: FloatArray
    """Sum of their distances, ``(2,)``."""

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        """Sum over respondents of one wave."""
        wave, weights = int(chunk.is_current), np.abs(chunk.residuals)
        memberships, directions, _, nearest, fit = chunk.measured
        n_segments = memberships.shape[1]
        answered = ~np.isnan(fit)
        given = chunk.weights[answered]
        counts, sums = np.zeros((2, n_segments + 1)), np.zeros((2, directions.shape[1]))
        of_nearest, of_fit = np.zeros((2, n_segments)), np.zeros(2)
        counts[wave] = np.append(weights @ memberships, weights.sum())
        sums[wave] = weights @ directions
        of_nearest[wave] = np.bincount(nearest[answered], weights=given, minlength=n_segments)
        of_fit[wave] = given @ fit[answered]
        return cls(counts, sums, of_nearest, of_fit)

    def __add__(self, other: "Overlap") -> "Overlap":
        """Add other respondents."""
        return Overlap(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(self)))

    def effects(self, directions: Directions) -> FloatArray:
        """Give mean of the current wave minus mean of the reference wave, ``(n_directions,)``."""
        counts = self.counts[:, directions.segment_of]
        means = np.divide(self.sums, counts, out=np.zeros_like(self.sums), where=counts > 0)
        difference: FloatArray = means[1] - means[0]
        return difference

    def shares(self) -> FloatArray:
        """Give the shares by nearest persona, ``(2, n_segments)``."""
        shares: FloatArray = self.nearest / self.nearest.sum(axis=1, keepdims=True)
        return shares

    def mean_fit(self) -> FloatArray:
        """Give the mean distance to the nearest persona, ``(2,)``."""
        means: FloatArray = self.fit / self.nearest.sum(axis=1)
        return means
