"""How probable a unit is in each segment of a mixture, from the features that it has."""

from dataclasses import dataclass, replace
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt

from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.mixture.mixed_features import UNKNOWN, MixedUnits

Spread = Literal["pooled", "own", "tied"]
"""pooled: each number varies alike in all segments; own: each segment has its own spreads; tied: numbers vary together, alike
in all segments."""

_LOG_2_PI: Final = float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class MixtureParameters:
    """Segments as distributions: normal in the numbers, multinomial in the categories, independent but for ``tied``."""

    spread: Spread
    shares: FloatArray
    """Of the units, ``(n_segments,)``."""
    means: FloatArray
    """Of the encoded numbers, ``(n_segments, n_numbers)``."""
    covariance: FloatArray
    """Variances ``(n_numbers,)`` if pooled, ``(n_segments, n_numbers)`` if each segment has its own, and the covariance
    matrix ``(n_numbers, n_numbers)`` if tied."""
    probabilities: tuple[FloatArray, ...]
    """Per category, the probability of each level, ``(n_segments, n_levels)``."""

    @property
    def variances(self) -> FloatArray:
        """Variance of each number in each segment, ``(n_segments, n_numbers)``."""
        alike = np.diag(self.covariance) if self.spread == "tied" else self.covariance
        return np.broadcast_to(alike, self.means.shape)

    def segments(self, positions: npt.ArrayLike) -> Self:
        """Return these segments only, in this order, with the shares that they had."""
        chosen = np.asarray(positions)
        return replace(
            self,
            shares=self.shares[chosen],
            means=self.means[chosen],
            covariance=self.covariance[chosen] if self.spread == "own" else self.covariance,
            probabilities=tuple(table[chosen] for table in self.probabilities),
        )


def log_joint(parameters: MixtureParameters, units: MixedUnits) -> FloatArray:
    """Return log(share x density) of each unit in each segment, ``(n_units, n_segments)``.

    A feature that a unit lacks is left out of its density, which is to integrate over it. Everything is added feature by
    feature and row by row, so that a unit's figures do not depend on the others.
    """
    total = np.tile(np.log(parameters.shares), (len(units.numbers), 1))
    total += log_densities_of_numbers(parameters, units.numbers)
    for codes, table in zip(units.codes.T, parameters.probabilities, strict=True):
        by_level = np.vstack([np.log(table).T, np.zeros(len(table))])  # the last row is that of UNKNOWN
        total += by_level[codes]
    return total


def posteriors(joint: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each unit's probability of each segment ``(n_units, n_segments)``, and the log of its density ``(n_units,)``."""
    largest = joint.max(axis=1, keepdims=True)
    shares = np.exp(joint - largest)
    sums = shares.sum(axis=1, keepdims=True)
    return shares / sums, (largest + np.log(sums))[:, 0]


def log_densities_of_numbers(parameters: MixtureParameters, numbers: FloatArray) -> FloatArray:
    """Return the log density of each unit's numbers in each segment, ``(n_units, n_segments)``."""
    if parameters.spread == "tied":
        return _tied(parameters, numbers)
    total = np.zeros((len(numbers), len(parameters.shares)))
    variances = parameters.variances
    for feature, column in enumerate(numbers.T):
        differences = column[:, None] - parameters.means[:, feature]
        differences *= differences
        differences /= variances[:, feature]
        differences += _LOG_2_PI + np.log(variances[:, feature])
        differences[np.isnan(column)] = 0.0
        total += differences
    total *= -0.5
    return total


def surprises(parameters: MixtureParameters, units: MixedUnits, positions: npt.NDArray[np.intp]) -> FloatArray:
    """Return how far each unit lies from what is usual in its segment, in standard deviations, ``(n_units,)``.

    It is -2 log density, less what that is on average in the segment over the features that the unit has, divided by its
    standard deviation there, so that units with few features can be compared with complete ones. NaN without a feature.
    """
    n_units = len(positions)
    unusual, expected, variance = np.zeros(n_units), np.zeros(n_units), np.zeros(n_units)
    present = ~np.isnan(units.numbers)
    if units.numbers.shape[1]:
        own = _of_own_segment(parameters, units.numbers, positions)
        unusual += own
        expected += present.sum(axis=1)  # the mean of a chi-squared variable; its variance is twice that
        variance += 2 * present.sum(axis=1)
    for codes, table in zip(units.codes.T, parameters.probabilities, strict=True):
        known = codes != UNKNOWN
        information = -2 * np.log(table)
        average = (table * information).sum(axis=1)
        unusual[known] += information[positions[known], codes[known]]
        expected[known] += average[positions[known]]
        variance[known] += ((table * information**2).sum(axis=1) - average**2)[positions[known]]
    deviations = np.full(n_units, np.nan)
    np.divide(unusual - expected, np.sqrt(variance), out=deviations, where=variance > 0)
    return deviations


def _of_own_segment(parameters: MixtureParameters, numbers: FloatArray, positions: npt.NDArray[np.intp]) -> FloatArray:
    """Return the squared Mahalanobis distance of each unit to its segment over the numbers that it has."""
    squares = np.zeros(len(numbers))
    differences = numbers - parameters.means[positions]
    if parameters.spread != "tied":
        squares += np.nansum(differences**2 / parameters.variances[positions], axis=1)
        return squares
    for rows, present, factor in _patterns(parameters.covariance, numbers):
        squares[rows] = (_solve_lower(factor, differences[np.ix_(rows, present)].T) ** 2).sum(axis=0)
    return squares


def _tied(parameters: MixtureParameters, numbers: FloatArray) -> FloatArray:
    total = np.zeros((len(numbers), len(parameters.shares)))
    for rows, present, factor in _patterns(parameters.covariance, numbers):
        constant = len(factor) * _LOG_2_PI + 2 * np.log(np.diag(factor)).sum()
        whitened = _solve_lower(factor, numbers[np.ix_(rows, present)].T)
        targets = _solve_lower(factor, parameters.means[:, present].T)
        squares = np.zeros((len(rows), len(parameters.shares)))
        for column, target in zip(whitened, targets, strict=True):
            squares += (column[:, None] - target) ** 2
        total[rows] = -0.5 * (squares + constant)
    return total


def _patterns(
    covariance: FloatArray, numbers: FloatArray
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]]:
    """Return rows that have the same numbers, which numbers those are, and the Cholesky factor of their covariance."""
    given = ~np.isnan(numbers)
    if given.all():
        return [(np.arange(len(numbers)), np.arange(numbers.shape[1]), np.linalg.cholesky(covariance))]
    patterns, which = np.unique(given, axis=0, return_inverse=True)
    found = []
    for position, pattern in enumerate(patterns):
        present = np.flatnonzero(pattern)
        factor = np.linalg.cholesky(covariance[np.ix_(present, present)])
        found.append((np.flatnonzero(which.ravel() == position), present, factor))
    return found


def _solve_lower(factor: FloatArray, values: FloatArray) -> FloatArray:
    """Solve factor x solved = values by forward substitution, ``(n_numbers, n_units)``, each unit by itself."""
    solved = np.array(values, dtype=np.float64)
    for row in range(len(factor)):
        for before in range(row):
            solved[row] -= factor[row, before] * solved[before]
        solved[row] /= factor[row, row]
    return solved
