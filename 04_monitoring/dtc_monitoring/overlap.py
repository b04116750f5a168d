"""How large differences between the waves are, where both have respondents like that."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from dtc_monitoring.directions import Directions
from dtc_monitoring.wave_sums import Chunk

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Sums over the respondents of each wave, first the reference wave.

    For effects a respondent counts by the probability of being from the other wave (Li, Morgan & Zaslavsky, Balancing
    covariates via propensity score weighting, JASA 2018). Then both waves have the same mix, and their means can be
    subtracted: if only the mix changed, nothing is left.
    """

    counts: FloatArray
    """Per direction the weight of those whom it is about, ``(2, n_directions)``."""
    sums: FloatArray
    """Of the directions, ``(2, n_directions)``."""
    nearest: FloatArray
    """Respondents by nearest persona, ``(2, n_personas)``."""
    fit: FloatArray
    """Sum of their distances, ``(2,)``."""
    persona_of: npt.NDArray[np.intp]
    """Per direction the persona that it is about, or the number of personas if it is about all."""

    @classmethod
    def empty(cls, directions: Directions) -> Self:
        """Start before the first respondent."""
        persona_of = directions.persona_of
        size = (2, len(persona_of))
        nearest = np.zeros((2, len(directions.present)))
        return cls(np.zeros(size), np.zeros(size), nearest, np.zeros(2), persona_of)

    def take(self, chunk: Chunk) -> None:
        """Add respondents of one wave."""
        wave = int(chunk.is_current)
        weights = np.abs(chunk.residuals)
        of_personas = weights @ chunk.measured.memberships
        self.counts[wave] += np.append(of_personas, weights.sum())[self.persona_of]
        self.sums[wave] += weights @ chunk.measured.directions
        answered = ~np.isnan(chunk.measured.fit)
        given = chunk.weights[answered]
        self.nearest[wave] += np.bincount(
            chunk.measured.nearest[answered], weights=given, minlength=self.nearest.shape[1]
        )
        self.fit[wave] += given @ chunk.measured.fit[answered]

    def effects(self) -> FloatArray:
        """Give mean of the current wave minus mean of the reference wave, ``(n_directions,)``."""
        means = np.divide(self.sums, self.counts, out=np.zeros_like(self.sums), where=self.counts > 0)
        difference: FloatArray = means[1] - means[0]
        return difference

    def shares(self) -> FloatArray:
        """Give the shares by nearest persona, ``(2, n_personas)``."""
        shares: FloatArray = self.nearest / self.nearest.sum(axis=1, keepdims=True)
        return shares

    def mean_fit(self) -> FloatArray:
        """Give the mean distance to the nearest persona, ``(2,)``."""
        means: FloatArray = self.fit / self.nearest.sum(axis=1)
        return means
