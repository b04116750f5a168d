"""The tests that compare one column of two waves, and the choice between them.

The choice is explicit because a default that depends on the number of rows changes the verdict when nothing but the
number of rows changed.
"""

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from dtc_data import Feature
from scipy import stats

from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.reference import FloatArray, WaveAnswers, effective_size

UNITS_PER_VALUE = 5
"""Fewest respondents per distinct value, on average, for which counts are compared (Cochran's rule of thumb, Biometrics
1954): below it the answers are numbers that hardly repeat, and z and chi-square see nothing in them."""

_LOOKED_AT_FIRST = 1_000
_THREADS: Final = 2
"""Columns that are tested at a time."""


class ColumnTest(StrEnum):
    """How a column is tested."""

    KS = "ks"
    """Two-sample Kolmogorov-Smirnov test, for numbers."""
    Z = "z"
    """z test of two proportions with pooled variance, for two values."""
    CHI_SQUARE = "chi_square"
    """Pearson's chi-square test of homogeneity, for a few values."""


class ComparedColumn(NamedTuple):
    """What the test of one column says."""

    name: str
    test: ColumnTest
    statistic: float
    p_value: float


def compare_columns(
    reference: WaveAnswers, current: WaveAnswers, features: Sequence[Feature], few_values: int
) -> list[ComparedColumn]:
    """Choose and make the test of each column; see `choose_test` and `compare_column`.

    Raises
    ------
    DriftCheckError
        If a test gives no p-value; the message names the column.
    """
    compared = partial(_compared, reference, current, features, few_values)
    with warnings.catch_warnings(), ThreadPoolExecutor(_THREADS) as pool:
        # Where SciPy cannot count exactly it says so and takes the asymptotic p-value. (Filters hold for all threads.)
        warnings.simplefilter("ignore", RuntimeWarning)
        return list(pool.map(compared, range(len(features))))


def _compared(
    reference: WaveAnswers, current: WaveAnswers, features: Sequence[Feature], few_values: int, position: int
) -> ComparedColumn:
    feature = features[position]
    (before, old_weights), (after, new_weights) = reference.given(position), current.given(position)
    test = choose_test(before, after, few_values, is_category=feature.type == "category")
    statistic, p_value = compare_column(test, before, after, (old_weights, new_weights))
    if not 0 <= p_value <= 1:  # false for NaN, too
        raise DriftCheckError(
            f"column {feature.name!r}: its test gives {p_value} for a p-value, so the check cannot be made"
        )
    return ComparedColumn(feature.name, test, statistic, p_value)


def choose_test(
    reference: FloatArray, current: FloatArray, few_values: int, *, is_category: bool = False
) -> ColumnTest:
    """Choose the test of a column by the distinct values of both waves together.

    Categories have no order, so they are compared by their counts however many values there are.

    Parameters
    ----------
    reference, current : ndarray of shape (n_answers,)
        The answers that were given, without NaN.
    few_values : int
        Most distinct values that are compared by their counts.
    is_category : bool
        Whether the numbers are codes of a category.
    """
    if is_category:
        return _by_counts(np.union1d(reference, current).size)
    first = slice(_LOOKED_AT_FIRST)
    if np.union1d(reference[first], current[first]).size > few_values:  # spares sorting a million answers
        return ColumnTest.KS
    values = np.union1d(reference, current).size
    if values > few_values or len(reference) + len(current) < UNITS_PER_VALUE * values:
        return ColumnTest.KS
    return _by_counts(values)


def _by_counts(n_values: int) -> ColumnTest:
    return ColumnTest.CHI_SQUARE if n_values > 2 else ColumnTest.Z  # noqa: PLR2004 - a proportion is of two values


Weights = tuple[FloatArray | None, FloatArray | None]
"""Of those who answered in the reference and in the current wave; None if all count alike."""


def compare_column(
    test: ColumnTest, reference: FloatArray, current: FloatArray, weights: Weights = (None, None)
) -> tuple[float, float]:
    """Make the test, without weights as Evidently makes it.

    With weights, shares are weighted and a wave counts as many respondents as it is worth (`effective_size`): for counts
    the first-order correction of Rao and Scott, Journal of the American Statistical Association 76 (1981).

    Parameters
    ----------
    test : ColumnTest
    reference, current : ndarray of shape (n_answers,)
        The answers that were given, without NaN.
    weights : tuple of ndarray or None
        See `Weights`.

    Returns
    -------
    tuple of float
        The statistic and its p-value. The statistic is the largest distance of the distribution functions (K-S; the p-value
        is exact up to 10,000 respondents), the difference of the shares of the larger value in standard errors, positive if
        the share grew (z), or the sum of squared deviations (chi-square).
    """
    if any(own is not None for own in weights):
        return _compare_weighted(test, reference, current, weights)
    if test is ColumnTest.KS:
        result = stats.ks_2samp(reference, current)
        return float(result.statistic), float(result.pvalue)
    if test is ColumnTest.Z:
        z = _z(reference, current)
        return z, float(2 * stats.norm.sf(abs(z)))
    return chi_square(reference, current)


def _z(reference: FloatArray, current: FloatArray) -> float:
    larger = max(reference.max(), current.max())
    before, after = (float((wave == larger).mean()) for wave in (reference, current))
    return two_shares_z(before, after, len(reference), len(current))


def two_shares_z(before: float, after: float, n_before: float, n_after: float) -> float:
    """Return the difference of two shares in standard errors, with pooled variance; 0 where all answered alike.

    Parameters
    ----------
    before, after : float
        Shares of the respondents in the reference and in the current wave.
    n_before, n_after : float
        Respondents of each, or what they are worth, see `effective_size`.
    """
    pooled = (before * n_before + after * n_after) / (n_before + n_after)
    if pooled in {0.0, 1.0}:
        return 0.0
    return float((after - before) / np.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after)))


def chi_square(reference: FloatArray, current: FloatArray) -> tuple[float, float]:
    """Test whether the values of two waves have the same shares.

    Evidently's own ``chisquare`` takes the reference wave for the whole population. That calls a third of unchanged
    five-value columns drifted when both waves have 500 respondents, and every column in which the reference wave lacks a
    value. This test counts the chance in both waves: Pearson's test on the 2 x values table, without correction. Answers
    ``(n_answers,)`` as for `compare_column`.

    Returns
    -------
    tuple of float
        The statistic and its p-value.
    """
    values, codes = np.unique(np.concatenate([reference, current]), return_inverse=True)
    counts = [np.bincount(wave, minlength=values.size) for wave in np.split(codes, [len(reference)])]
    result = stats.chi2_contingency(np.array(counts), correction=False)
    return float(result.statistic), float(result.pvalue)


def _compare_weighted(
    test: ColumnTest, reference: FloatArray, current: FloatArray, weights: Weights
) -> tuple[float, float]:
    given = [
        np.ones(len(wave)) if own is None else own for wave, own in zip((reference, current), weights, strict=True)
    ]
    sizes = np.array([effective_size(own) for own in given])
    values, codes = np.unique(np.concatenate([reference, current]), return_inverse=True)
    waves = zip(np.split(codes, [len(reference)]), given, strict=True)
    shares = np.stack([np.bincount(wave, own, values.size) / own.sum() for wave, own in waves])
    if test is ColumnTest.KS:
        distance = float(np.abs(np.diff(np.cumsum(shares, axis=1), axis=0)).max())
        return distance, float(stats.kstwo.sf(distance, max(1, round(sizes.prod() / sizes.sum()))))
    if values.size == 1:  # everybody gave the same answer in both waves
        return 0.0, 1.0
    result = stats.chi2_contingency(shares * sizes[:, None], correction=False)
    if test is ColumnTest.CHI_SQUARE:
        return float(result.statistic), float(result.pvalue)
    growth = shares[1, -1] - shares[0, -1]
    return float(np.copysign(np.sqrt(result.statistic), growth)), float(result.pvalue)
