"""Answers as columns in which the log density of a persona is linear (an exponential family)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

PRIOR_SPREAD: Final = 10.0
"""Respondents with the spread of all personas together that are added to each persona, since some personas have few."""
PRIOR_MEAN: Final = 1.0
"""Respondents at the catalogue's centroid, or with everybody's answers, that are added to each persona."""
SMALLEST_VARIANCE: Final = 1e-4
"""Smallest variance within a persona, as a part of the variance of both waves."""
WIDEST: Final = 10.0
"""Both waves together count as at most this many times as wide as either. One wave in a wrong unit would make them so wide that every
persona of the other fell below `SMALLEST_VARIANCE` and anything seemed to fit."""
_FURTHEST: Final = 1e4
"""A number counts as at most so many widths away, since squares of more leave no digits to the other answers."""
_ANY_VALUE: Final = 0.1
"""Part of a persona's answers that follows everybody's, where only the centroid is known."""
_PER_NUMBER: Final = 3
"""Columns of a number: whether it was given, itself, its square."""


class Densities(NamedTuple):
    """Each persona's distribution of the answers."""

    coefficients: FloatArray
    """Log density per column, ``(n_columns, n_segments)``."""
    means: FloatArray
    """In the unit of the answers, ``(n_segments, n_features)``."""
    spreads: FloatArray
    """Standard deviations in the unit of the answers, ``(n_segments, n_features)``."""


@dataclass(frozen=True, eq=False)
class AnswerColumns:
    """Which features count as numbers and which have few values, and what both waves together look like."""

    levels: tuple[FloatArray | None, ...]
    """Per feature its distinct answers, or None if it counts as a number."""
    level_shares: tuple[FloatArray | None, ...]
    """How often each of them was given in both waves."""
    centres: FloatArray
    """Means of both waves, or of the narrower one where the other is far too wide, ``(n_features,)``."""
    widths: FloatArray
    """Their standard deviations, 1 where all gave the same answer, ``(n_features,)``."""
    starts: tuple[int, ...]
    """First column of each feature, and the number of columns."""

    @classmethod
    def of(cls, waves: Sequence[FloatArray], is_number: Sequence[bool]) -> Self:
        """Look at the answers of both waves, each ``(n_units, n_features)``, whichever wave they are from."""
        levels, shares, centres, widths = [], [], [], []
        for feature, number in enumerate(is_number):
            each = [wave[~np.isnan(wave[:, feature]), feature] for wave in waves]
            given = np.concatenate(each)
            centre, width = _centre_and_width(given, each) if number else (given.mean(), given.std())
            centres.append(centre)
            widths.append(width or 1.0)
            values, counts = (None, None) if number else np.unique(given, return_counts=True)
            levels.append(values)
            shares.append(None if counts is None else counts / counts.sum())
        sizes = [_PER_NUMBER if values is None else len(values) for values in levels]
        starts = (0, *np.cumsum(sizes).tolist())
        return cls(tuple(levels), tuple(shares), np.array(centres), np.array(widths), starts)

    def expand(self, answers: FloatArray) -> FloatArray:
        """Return the columns ``(n_units, n_columns)``; all of a missing answer are 0."""
        columns = np.empty((self.starts[-1], len(answers)))
        for feature, (levels, start) in enumerate(zip(self.levels, self.starts[:-1], strict=True)):
            values = answers[:, feature]
            if levels is None:
                scaled = (values - self.centres[feature]) / self.widths[feature]
                given = ~np.isnan(scaled)
                scaled = np.clip(np.where(given, scaled, 0.0), -_FURTHEST, _FURTHEST)
                columns[start : start + _PER_NUMBER] = given, scaled, scaled**2
            else:
                np.equal(values, levels[:, None], out=columns[start : start + len(levels)], casting="unsafe")
        return columns.T

    def densities(self, sums: FloatArray, centroids: FloatArray) -> Densities:
        """Estimate each persona's distribution from the sums of the columns over its respondents.

        Parameters
        ----------
        sums : ndarray of shape (n_columns, n_segments)
        centroids : ndarray of shape (n_segments, n_features)
            The catalogue's, to which a persona with few respondents is drawn.
        """
        coefficients = np.empty_like(sums)
        means, spreads = np.empty_like(centroids), np.empty_like(centroids)
        for feature, (levels, start) in enumerate(zip(self.levels, self.starts[:-1], strict=True)):
            rows = slice(start, self.starts[feature + 1])
            if levels is None:
                pulled = (centroids[:, feature] - self.centres[feature]) / self.widths[feature]
                coefficients[rows], mean, variance = _normal(sums[rows], pulled)
                means[:, feature] = self.centres[feature] + mean * self.widths[feature]
                spreads[:, feature] = np.sqrt(variance) * self.widths[feature]
            else:
                expected = self._expected(feature, levels, centroids[:, feature])
                shares = (sums[rows] + PRIOR_MEAN * expected) / (sums[rows].sum(axis=0) + PRIOR_MEAN)
                coefficients[rows] = np.log(shares)
                means[:, feature] = levels @ shares
                spreads[:, feature] = np.sqrt(
                    np.maximum((levels - means[:, feature, None]) ** 2 @ shares, 0).diagonal()
                )
        return Densities(coefficients, means, spreads)

    def _expected(self, feature: int, levels: FloatArray, centroids: FloatArray) -> FloatArray:
        """Return the shares of a few values that a persona would have by its centroid alone, ``(n_values, n_segments)``."""
        everybody = np.asarray(self.level_shares[feature])[:, None]
        distances = ((levels[:, None] - centroids) / self.widths[feature]) ** 2
        near: FloatArray = everybody * np.exp(-0.5 * (distances - distances.min(axis=0)))
        expected: FloatArray = (1 - _ANY_VALUE) * near / near.sum(axis=0) + _ANY_VALUE * everybody
        return expected


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
