"""What the score test needs of the respondents, as sums, so that any number of them can be taken in chunks."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from dtc_monitoring.directions import Measured

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some respondents of one wave beside the null hypothesis that at most the mix of personas changed."""

    is_current: bool
    weights: FloatArray
    """``(n_respondents,)``."""
    weighted: bool
    """Whether weights differ at all, in either wave."""
    measured: Measured
    """Their memberships, with the reference wave's shares, and directions."""
    tilts: FloatArray
    """What turns them into memberships with the current wave's shares, ``(n_respondents, n_personas)``."""
    probabilities: FloatArray
    """Of being from the current wave, ``(n_respondents,)``."""
    learned: npt.NDArray[np.bool_]
    """Which personas the reference model has learned; the others have no errors, ``(n_personas,)``."""
    model: slice
    """The directions that are scores of the personas' means in the reference wave."""

    def with_equal_shares(self, probability: float) -> "Chunk":
        """Give the same respondents, by their memberships alone, beside the null hypothesis that nothing changed at all."""
        return replace(
            self,
            measured=self.measured._replace(directions=self.measured.directions[:, :0]),
            tilts=np.ones_like(self.tilts),
            probabilities=np.full_like(self.probabilities, probability),
            model=slice(0, 0),
        )

    @property
    def residuals(self) -> FloatArray:
        """Weight times (label minus probability)."""
        return self.weights * (self.is_current - self.probabilities)

    @property
    def columns(self) -> FloatArray:
        """Scores of the mix, then memberships, then directions."""
        return np.hstack([self.measured.memberships * self.tilts, self.measured.memberships, self.measured.directions])

    @property
    def model_scores(self) -> FloatArray:
        """Scores of the reference wave's shares and means, ``(n_respondents, n_personas * (1 + n_features))``."""
        return np.hstack([self.measured.memberships, self.measured.directions[:, self.model]])

    @property
    def model_slopes(self) -> FloatArray:
        """How the log odds move with them (shape as `model_scores`)."""
        moved = self.measured.directions[:, self.model]
        n_features = moved.shape[1] // self.tilts.shape[1]
        slopes = np.hstack([self.measured.memberships, moved])
        tilted = (self.tilts - 1) * self.learned
        slopes *= np.hstack([tilted, np.repeat(tilted, n_features, axis=1)])
        return slopes


@dataclass(frozen=True, eq=False)
class WaveSums:
    """Sums over respondents of both waves."""

    scores: FloatArray
    """Residuals times `Chunk.columns`."""
    information: FloatArray
    """Columns by columns, weighted by p (1 - p)."""
    variance: FloatArray
    """Columns by columns, weighted by the variance of the residual."""
    slopes: FloatArray
    """Columns by `Chunk.model_slopes`, weighted by p (1 - p)."""
    model_scores: FloatArray
    """Over the reference wave: 0 once EM has come to rest."""
    model_information: FloatArray
    """Model scores by model scores, over the reference wave."""
    model_variance: FloatArray
    """The same over both waves, weighted by the squared probability of being from the reference wave."""

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        """Sum over some respondents."""
        p, weights, residuals, columns, model = (
            chunk.probabilities,
            chunk.weights,
            chunk.residuals,
            chunk.columns,
            chunk.model_scores,
        )
        information = weights * p * (1 - p)
        scaled = (columns * information[:, None]).T
        squares = scaled @ columns
        in_reference = np.zeros_like(weights) if chunk.is_current else weights
        return cls(
            scores=residuals @ columns,
            information=squares,
            variance=(columns * (residuals**2)[:, None]).T @ columns if chunk.weighted else squares,
            slopes=scaled @ chunk.model_slopes,
            model_scores=in_reference @ model,
            model_information=(model * in_reference[:, None]).T @ model,
            model_variance=(model * ((weights * (1 - p)) ** 2)[:, None]).T @ model,
        )

    def __add__(self, other: "WaveSums") -> "WaveSums":
        """Add other respondents."""
        return WaveSums(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(self)))
