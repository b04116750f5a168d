"""The answers to one feature as columns in which the log density of a segment is linear (an exponential family).

A number is normal within a segment; a few values, grades or categories, have a probability each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import FeatureEncoding, NumberScale

FloatArray = npt.NDArray[np.float64]

PRIOR_SPREAD: Final = 10.0
"""Units with the spread of all segments together that are added to each segment, since some segments have few."""
PRIOR_MEAN: Final = 1.0
"""Units at the catalogue's centroid, or with everybody's answers, that are added to each segment."""
SMALLEST_VARIANCE: Final = 1e-4
"""Smallest variance within a segment, as a part of the variance of both waves."""
WIDEST: Final = 10.0
"""Both waves together count as at most this many times as wide as either. One wave in a wrong unit would make them so wide that every
segment of the other fell below `SMALLEST_VARIANCE` and anything seemed to fit."""
_FURTHEST: Final = 1e4
"""A number counts as at most so many widths away, since squares of more leave no digits to the other answers."""
_ANY_VALUE: Final = 0.1
"""Part of a segment's or a group's answers that follows everybody's, where only its centre is known."""
_NARROWEST: Final = 0.01
"""Smallest spread of a group, as a part of that of both waves."""
NOBODY: Final = 1e-60
"""Smaller probabilities of belonging to a persona are 0: products of them would leave the range of normal floating-point numbers, in
which processors multiply a hundred times as fast as below it."""


class Estimate(NamedTuple):
    """How each segment answers one feature."""

    coefficients: FloatArray
    """Log density per column, ``(n_columns, n_segments)``."""
    means: FloatArray
    """Per score, ``(n_scores, n_segments)``."""
    spreads: FloatArray
    """Standard deviations, ``(n_scores, n_segments)``."""


class Densities(NamedTuple):
    """Each segment's distribution of all answers."""

    coefficients: FloatArray
    """Log density per column, ``(n_columns, n_segments)``."""
    means: FloatArray
    """Of the scores, ``(n_segments, n_scores)``."""
    spreads: FloatArray
    """Their standard deviations, ``(n_segments, n_scores)``."""
    estimates: tuple[Estimate, ...]
    """The same, feature by feature."""


class Block(Protocol):
    """The columns of one feature, and its scores: what is compared within segments."""

    @property
    def n_columns(self) -> int:
        """Number of columns."""

    @property
    def score_levels(self) -> tuple[float | None, ...]:
        """Return per score the code of the value that it is about; None if the answer itself is compared."""

    def expand(self, answers: FloatArray) -> FloatArray:
        """Return the columns of answers ``(n_units,)``, ``(n_columns, n_units)``; all of a missing one are 0."""

    def scores(self, answers: FloatArray) -> FloatArray:
        """Return what is compared, ``(n_scores, n_units)``, NaN where the answer is missing."""

    def estimate(self, sums: FloatArray, centroids: FloatArray) -> Estimate:
        """Estimate each segment's distribution from the sums of the columns over its units, ``(n_columns, n_segments)``.

        ``centroids`` ``(n_segments, width)`` are the catalogue's, to which a segment with few units is drawn.
        """

    def draw(self, estimate: Estimate, segments: npt.NDArray[np.intp], random: np.random.Generator) -> FloatArray:
        """Draw answers as the segments ``(n_units,)`` give them."""

    def around(self, centres: FloatArray, estimate: Estimate, shares: FloatArray) -> FloatArray:
        """Return log densities of groups around answers ``(n_groups,)``, alike as segments are on average.

        ``(n_columns, n_groups)``; ``shares`` are the segments'.
        """


@dataclass(frozen=True, eq=False)
class NumberBlock:
    """A number: whether it was given, itself, its square; in the units that its transformation leads to."""

    centre: float
    """Mean of both waves, or of the narrower one where the other is far too wide."""
    width: float
    """Their standard deviation, 1 where all gave the same answer."""
    bend: NumberScale | None = None
    """The transformation that makes the number more nearly normal, where the catalogue names one."""
    n_columns: int = 3
    score_levels: tuple[float | None, ...] = (None,)

    @classmethod
    def of(cls, feature: FeatureEncoding, waves: Sequence[FloatArray]) -> Self:
        """Look at the answers that were given in each wave, ``(n_answers,)``."""
        bend = NumberScale(transform=feature.transform, quantiles=feature.number_scale.quantiles)
        shown = [bend.scaled(wave) if feature.transform else wave for wave in waves]
        centre, width = _centre_and_width(np.concatenate(shown), shown)
        return cls(centre, width or 1.0, bend if feature.transform else None)

    def scores(self, answers: FloatArray) -> FloatArray:
        """See `Block`."""
        return (self.bend.scaled(answers) if self.bend else answers)[None]

    def expand(self, answers: FloatArray) -> FloatArray:
        """See `Block`."""
        scaled = (self.scores(answers)[0] - self.centre) / self.width
        given = ~np.isnan(scaled)
        scaled = np.clip(np.where(given, scaled, 0.0), -_FURTHEST, _FURTHEST)
        return np.stack([given, scaled, scaled**2])

    def estimate(self, sums: FloatArray, centroids: FloatArray) -> Estimate:
        """See `Block`."""
        pulled = (self.scores(centroids[:, 0])[0] - self.centre) / self.width
        coefficients, mean, variance = _normal(sums, pulled)
        return Estimate(coefficients, (self.centre + mean * self.width)[None], (np.sqrt(variance) * self.width)[None])

    def draw(self, estimate: Estimate, segments: npt.NDArray[np.intp], random: np.random.Generator) -> FloatArray:
        """See `Block`."""
        drawn: FloatArray = random.normal(estimate.means[0, segments], estimate.spreads[0, segments])
        return self.bend.answers(drawn) if self.bend else drawn

    def around(self, centres: FloatArray, estimate: Estimate, shares: FloatArray) -> FloatArray:
        """See `Block`."""
        variance = max(float(shares @ estimate.spreads[0] ** 2) / self.width**2, _NARROWEST**2)
        mean = (self.scores(centres)[0] - self.centre) / self.width
        constant = -0.5 * (np.log(variance) + mean**2 / variance)
        return np.stack([constant, mean / variance, np.full_like(mean, -0.5 / variance)])


@dataclass(frozen=True, eq=False)
class _ValueBlock:
    """An answer with few values: a column for each."""

    levels: FloatArray
    """The distinct answers of both waves; of a category the codes."""
    level_shares: FloatArray
    """How often each of them was given in both waves."""

    @property
    def n_columns(self) -> int:
        """See `Block`."""
        return len(self.levels)

    def expand(self, answers: FloatArray) -> FloatArray:
        """See `Block`."""
        return np.equal(answers, self.levels[:, None]).astype(np.float64)

    def draw(self, estimate: Estimate, segments: npt.NDArray[np.intp], random: np.random.Generator) -> FloatArray:
        """See `Block`."""
        cumulative = np.exp(estimate.coefficients).cumsum(axis=0)[:-1, segments]
        drawn: FloatArray = self.levels[(random.random(len(segments)) > cumulative).sum(axis=0)]
        return drawn


@dataclass(frozen=True, eq=False)
class GradeBlock(_ValueBlock):
    """An answer with few ordered values."""

    width: float
    """Standard deviation of both waves, 1 where all gave the same answer."""
    score_levels: tuple[float | None, ...] = (None,)

    @classmethod
    def of(cls, waves: Sequence[FloatArray]) -> Self:
        """Look at the answers that were given in each wave, ``(n_answers,)``."""
        given = np.concatenate(waves)
        levels, counts = np.unique(given, return_counts=True)
        return cls(levels, counts / counts.sum(), float(given.std()) or 1.0)

    def scores(self, answers: FloatArray) -> FloatArray:
        """See `Block`."""
        return answers[None]

    def estimate(self, sums: FloatArray, centroids: FloatArray) -> Estimate:
        """See `Block`."""
        expected = self._near(centroids[:, 0], 1.0)
        shares = (sums + PRIOR_MEAN * expected) / (sums.sum(axis=0) + PRIOR_MEAN)
        means = self.levels @ shares
        spreads = np.sqrt(np.maximum((self.levels - means[:, None]) ** 2 @ shares, 0).diagonal())
        return Estimate(np.log(shares), means[None], spreads[None])

    def around(self, centres: FloatArray, estimate: Estimate, shares: FloatArray) -> FloatArray:
        """See `Block`."""
        variance = max(float(shares @ estimate.spreads[0] ** 2) / self.width**2, _NARROWEST**2)
        return np.log(self._near(centres, variance))

    def _near(self, centres: FloatArray, variance: float) -> FloatArray:
        """Return shares of the values near some centres, with a part of everybody's, ``(n_values, n_centres)``."""
        everybody = self.level_shares[:, None]
        squares = ((self.levels[:, None] - centres) / self.width) ** 2 / variance
        near: FloatArray = everybody * np.exp(-0.5 * (squares - squares.min(axis=0)))
        expected: FloatArray = (1 - _ANY_VALUE) * near / near.sum(axis=0) + _ANY_VALUE * everybody
        return expected


@dataclass(frozen=True, eq=False)
class CategoryBlock(_ValueBlock):
    """An answer without an order, of which the share of each value is compared."""

    @classmethod
    def of(cls, waves: Sequence[FloatArray]) -> Self:
        """Look at the codes that were given in each wave, ``(n_answers,)``."""
        levels, counts = np.unique(np.concatenate(waves), return_counts=True)
        return cls(levels, counts / counts.sum())

    @property
    def score_levels(self) -> tuple[float | None, ...]:
        """See `Block`; of two values one says all."""
        own = self.levels[1:] if len(self.levels) == 2 else self.levels  # noqa: PLR2004 - see above
        return tuple(own.tolist())

    def scores(self, answers: FloatArray) -> FloatArray:
        """See `Block`."""
        given = np.equal(answers, np.array(self.score_levels)[:, None]).astype(np.float64)
        given[:, np.isnan(answers)] = np.nan
        return given

    def estimate(self, sums: FloatArray, centroids: FloatArray) -> Estimate:
        """See `Block`."""
        everybody, usual = self.level_shares[:, None], centroids[:, self.levels.astype(np.intp)].T
        expected = (1 - _ANY_VALUE) * usual + _ANY_VALUE * everybody
        shares = (sums + PRIOR_MEAN * expected / expected.sum(axis=0)) / (sums.sum(axis=0) + PRIOR_MEAN)
        means = shares[-len(self.score_levels) :]
        return Estimate(np.log(shares), means, np.sqrt(means * (1 - means)))

    def around(self, centres: FloatArray, estimate: Estimate, shares: FloatArray) -> FloatArray:
        """See `Block`: two of a group agree as often as two of the same segment do on average."""
        agree = float(shares @ (np.exp(estimate.coefficients) ** 2).sum(axis=0))
        everybody = self.level_shares[:, None]
        part = min(max(agree, _ANY_VALUE), 1 - _ANY_VALUE)
        return np.log(part * np.equal(self.levels[:, None], centres) + (1 - part) * everybody)


def estimate_densities(
    blocks: Sequence[Block], sums: Sequence[FloatArray], centroids: Sequence[FloatArray]
) -> Densities:
    """Estimate each segment's distribution from each block's part of the sums and of the centroids, see `Block.estimate`."""
    estimates = [block.estimate(own, usual) for block, own, usual in zip(blocks, sums, centroids, strict=True)]
    coefficients, means, spreads = map(np.concatenate, zip(*estimates, strict=True))
    return Densities(coefficients, np.ascontiguousarray(means.T), np.ascontiguousarray(spreads.T), tuple(estimates))


def probable_segments(columns: FloatArray, coefficients: FloatArray, shares: FloatArray) -> FloatArray:
    """Return how probably each unit belongs to each segment, ``(n_units, n_segments)``, by Bayes' rule.

    ``columns`` are ``(n_units, n_columns)``, ``coefficients`` as in `Densities`, and ``shares`` ``(n_segments,)``.
    """
    logs: FloatArray = coefficients.T @ columns.T  # segments in rows: sums over a few columns are slow
    logs += np.log(shares)[:, None]
    logs -= logs.max(axis=0)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=0)
    logs[logs < NOBODY] = 0.0
    return np.ascontiguousarray(logs.T)


def _centre_and_width(both: FloatArray, waves: Sequence[FloatArray]) -> tuple[float, float]:
    """Return mean and standard deviation of a number in both waves, or in the narrower one if both are wider beyond measure."""
    centre, width = float(both.mean()), float(both.std())
    narrow = [wave for wave in waves if len(wave) and 0 < WIDEST * wave.std() < width]
    if not narrow:
        return centre, width
    narrower = min(narrow, key=np.std)
    return float(narrower.mean()), float(narrower.std())


def _normal(sums: FloatArray, pulled: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log density coefficients ``(3, n_segments)``, means and variances of a scaled number."""
    n, total, squares = sums
    mean = (total + PRIOR_MEAN * pulled) / (n + PRIOR_MEAN)
    deviations = np.maximum(squares - 2 * mean * total + n * mean**2, 0)
    within = deviations.sum() / n.sum() if n.sum() > 0 else 1.0
    variance = np.maximum((deviations + PRIOR_SPREAD * within) / (n + PRIOR_SPREAD), SMALLEST_VARIANCE)
    constant = -0.5 * (np.log(variance) + mean**2 / variance)
    return np.stack([constant, mean / variance, -0.5 / variance]), mean, variance
