"""What the score test needs of the respondents, as sums, so that any number of them can be ingested chunks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference import Measured

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some respondents of one wave compared with the null hypothesis that at most the mix of personas changed."""

    is_current: bool
    weights: FloatArray
    """``(n_units,)``."""
    weighted: bool
    """Whether weights differ at all, in either wave."""
    measured: Measured
    """Their memberships, with the reference wave's shares, and directions."""
    tilts: FloatArray
    """What turns them into memberships with the current wave's shares, ``(n_units, n_segments)``."""
    probabilities: FloatArray
    """Of being from the current wave, ``(n_units,)``."""
    learned: npt.NDArray[np.bool_]
    """Which personas the reference model has learned; the others have no errors, ``(n_segments,)``."""
    model: slice
    """The directions that are scores of the personas' means in the reference wave."""

    def with_equal_shares(self, probability: float) -> "Chunk":
        """Return the same respondents, by their memberships alone, compared with the null hypothesis that nothing changed at all."""
        return replace(
            self,
            measured=self.measured._replace(
                directions=self.measured.directions[:, :0], answered=self.measured.answered[:, :0]
            ),
            tilts=np.ones_like(self.tilts),
            probabilities=np.full_like(self.probabilities, probability),
            model=slice(0, 0),
        )

    @cached_property
    def residuals(self) -> FloatArray:
        """Weight times (label minus probability), ``(n_units,)``."""
        return self.weights * (self.is_current - self.probabilities)

    @cached_property
    def columns(self) -> FloatArray:
        """Scores of the mix, memberships, `Measured.answered`, then directions.

        ``(n_units, 2 * n_segments + n_answered + n_directions)``.
        """
        memberships, directions, answered = self.measured[:3]
        return np.hstack([memberships * self.tilts, memberships, answered, directions])

    @property
    def model_scores(self) -> FloatArray:
        """Scores of the reference wave's shares and means, ``(n_units, n_segments * (1 + n_features))``."""
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
        p, weights, columns, model = chunk.probabilities, chunk.weights, chunk.columns, chunk.model_scores
        root = np.sqrt(weights * p * (1 - p))
        scaled = columns * root[:, None]
        squares = scaled.T @ scaled
        slopes = chunk.model_slopes
        slopes *= root[:, None]
        size = model.shape[1]
        return cls(
            scores=chunk.residuals @ columns,
            information=squares,
            variance=_squares(columns, chunk.residuals) if chunk.weighted else squares,
            slopes=scaled.T @ slopes,
            model_scores=np.zeros(size) if chunk.is_current else weights @ model,
            model_information=np.zeros((size, size)) if chunk.is_current else _squares(model, np.sqrt(weights)),
            model_variance=_squares(model, weights * (1 - p)),
        )

    def __add__(self, other: "WaveSums") -> "WaveSums":
        """Add other respondents."""
        return WaveSums(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(self)))


def _squares(columns: FloatArray, factors: FloatArray) -> FloatArray:
    """Return the products of all columns, each row times its factor (NumPy sees a matrix times itself, half the work)."""
    scaled: FloatArray = columns * factors[:, None]
    products: FloatArray = scaled.T @ scaled
    return products


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
    """Respondents by nearest persona, ``(2, n_segments)``; whoever gave too few answers for one is left out."""
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

    def effects(self, segment_of: npt.NDArray[np.intp]) -> FloatArray:
        """Return mean of the current wave minus mean of the reference wave, ``(n_directions,)``; see `Directions.segment_of`."""
        counts = self.counts[:, segment_of]
        means = np.divide(self.sums, counts, out=np.zeros_like(self.sums), where=counts > 0)
        difference: FloatArray = means[1] - means[0]
        return difference

    def shares(self) -> FloatArray:
        """Return the shares by nearest persona, ``(2, n_segments)``."""
        counted = self.nearest.sum(axis=1, keepdims=True)
        return np.divide(self.nearest, counted, out=np.zeros_like(self.nearest), where=counted > 0)

    def mean_fit(self) -> FloatArray:
        """Return the mean distance to the nearest persona, ``(2,)``."""
        counted = self.nearest.sum(axis=1)
        return np.divide(self.fit, counted, out=np.zeros_like(self.fit), where=counted > 0)


@dataclass(frozen=True, eq=False)
class Totals:
    """What respondents add up to."""

    within: WaveSums
    """Beside the null hypothesis that at most the mix changed."""
    mix: WaveSums
    """Beside the null hypothesis that nothing changed."""
    overlap: Overlap
    kept: tuple[Chunk, ...]
    """The respondents themselves, if they are to be kept, beside the first of these hypotheses."""
    kept_mix: tuple[Chunk, ...]
    """And beside the second."""

    @classmethod
    def of(cls, chunk: Chunk, share: float, *, keep: bool) -> Self:
        """Sum over respondents of one wave; ``share`` is that of the current wave among all."""
        equal = chunk.with_equal_shares(share)
        kept, kept_mix = ((chunk,), (equal,)) if keep else ((), ())
        return cls(WaveSums.of(chunk), WaveSums.of(equal), Overlap.of(chunk), kept, kept_mix)

    def __add__(self, other: "Totals") -> "Totals":
        """Add other respondents."""
        return Totals(
            self.within + other.within,
            self.mix + other.mix,
            self.overlap + other.overlap,
            self.kept + other.kept,
            self.kept_mix + other.kept_mix,
        )


class Observed(NamedTuple):
    """Respondents whose labels can be drawn again."""

    columns: FloatArray
    """`Chunk.columns`."""
    probabilities: FloatArray
    weights: FloatArray
    residuals: FloatArray
    weighted: bool
    """Whether weights differ at all."""

    @classmethod
    def of(cls, kept: Sequence[Chunk]) -> Self | None:
        """Put chunks together; None if there are none."""
        if not kept:
            return None
        return cls(
            np.concatenate([chunk.columns for chunk in kept]),
            np.concatenate([chunk.probabilities for chunk in kept]),
            np.concatenate([chunk.weights for chunk in kept]),
            np.concatenate([chunk.residuals for chunk in kept]),
            kept[0].weighted,
        )
