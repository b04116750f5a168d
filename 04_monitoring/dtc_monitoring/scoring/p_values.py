"""A score test and its p-values: by the chi-square distribution for each part, and overall by drawing the labels again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

FloatArray = npt.NDArray[np.float64]
SingleArray = npt.NDArray[np.float32]

MOST_REDRAWS: Final = 1_999
ENOUGH: Final = 20
"""Redraws at least as extreme as the observed labels after which no more are made."""
_AT_A_TIME: Final = 2_000_000
"""Labels drawn at a time, so that large waves need little memory."""
_TIE: Final = 1.001
"""Ratio of p-values that count as the same. Redraws are summed in single precision, and in a wave of few respondents many redraws are
the observed labels once more: taken for less extreme, they would make a shift out of two waves of one respondent each."""
_RARE: Final = 0.15
"""Up to this share of respondents whose label is not the more probable one, only those are drawn. Both ways draw from the same
distribution; beside a large wave this one is many times as fast."""
_CLEARLY_CHANCE: Final = 0.15
"""A p-value by random signs above this, beyond all settings of false alarms, needs no second look."""


@dataclass(frozen=True, eq=False)
class ScoreTest:
    """Scores of some directions, free of the nuisance parameters, and how they vary under the null hypothesis."""

    scores: FloatArray
    """``(n_directions,)``."""
    spreads: FloatArray
    """Their standard deviations; 0 for a direction that the nuisance parameters explain."""
    influence: FloatArray
    """What a respondent's columns add to the scores per residual, ``(n_columns, n_directions)``."""
    model_noise: FloatArray
    """What standard normal errors of the reference model add to the scores, ``(n_errors, n_directions)``."""
    families: tuple[slice, ...]
    roots: tuple[FloatArray, ...]
    """Per family the matrix that makes its scores independent with variance 1, ``(n_directions, rank)``."""

    sharpest: tuple[slice, ...]
    """Directions of which the sharpest single one counts: a change of one feature would drown in the sum of squares of many."""
    weights: FloatArray
    """How much each of `p_values` counts, ``(n_tests,)``."""
    n_groups: int = 0
    """How many of the last directions are new groups, of which only the one that grew most clearly counts."""

    @cached_property
    def z(self) -> FloatArray:
        """Scores in standard deviations, 0 where a direction says nothing, ``(n_directions,)``."""
        return self.scores * self.inverse_spreads

    @cached_property
    def inverse_spreads(self) -> FloatArray:
        """1 / spreads, 0 for a direction that says nothing."""
        return np.divide(1.0, self.spreads, out=np.zeros_like(self.spreads), where=self.spreads > 0)

    def statistics(self, scores: FloatArray) -> FloatArray:
        """Return each family's sum of squares, ``(..., n_families)``, for scores ``(..., n_directions)``."""
        pairs = zip(self.families, self.roots, strict=True)
        return np.stack([((scores[..., family] @ root) ** 2).sum(axis=-1) for family, root in pairs], axis=-1)

    def tested(self) -> list[tuple[float, float]]:
        """Return each family's statistic and p-value."""
        statistics = self.statistics(self.scores).tolist()
        return list(zip(statistics, self.p_values(self.scores).tolist(), strict=False))  # families come first

    def smallest(self, scores: FloatArray) -> FloatArray:
        """Return the smallest of the weighted p-values, ``(...)``: one that counts twice may be twice as large."""
        smallest: FloatArray = (self.p_values(scores) / self.weights).min(axis=-1)
        return smallest

    def p_values(self, scores: FloatArray) -> FloatArray:
        """Return p-values by the chi-square distribution, ``(..., n_tests)``: of the families, then of the sharpest, then of new groups.

        Those of single directions are multiplied by how many there are (Bonferroni).
        """
        ranks = np.array([root.shape[1] for root in self.roots])
        found = np.where(ranks > 0, special.chdtrc(np.maximum(ranks, 1), self.statistics(scores)), 1.0)
        z = scores * self.inverse_spreads
        parts = [found]
        for directions in self.sharpest:
            singles = special.chdtrc(1, (z[..., directions] ** 2).max(axis=-1))
            parts.append((singles * np.count_nonzero(self.spreads[directions]))[..., None])
        if self.n_groups:
            parts.append((special.ndtr(-z[..., -self.n_groups :].max(axis=-1)) * self.n_groups)[..., None])
        p_values: FloatArray = np.minimum(1.0, np.concatenate(parts, axis=-1))
        return p_values


def redrawn_p_value(
    test: ScoreTest,
    columns: FloatArray,
    probabilities: FloatArray,
    weighted: "Weighted | None",
    random: np.random.Generator,
) -> float:
    """Compare the smallest weighted p-value with those of redrawn labels.

    Labels are drawn as they would fall if nothing but the mix had changed. With weights the observed residuals get random
    signs instead, since weights may differ between the waves. The drawing ends early when the result is clear (Besag &
    Clifford, Biometrika 1991).

    Parameters
    ----------
    test : ScoreTest
    columns : ndarray of shape (n_units, n_columns)
        Those that `ScoreTest.influence` refers to.
    probabilities : ndarray of shape (n_units,)
        Of being from the current wave under the null hypothesis.
    weighted : Weighted, optional
        The weights, if they differ.
    random : Generator
    """
    influence = (columns @ test.influence).astype(np.float32)
    if weighted is not None:
        coins = _Coins(influence, probabilities.astype(np.float32), weighted.residuals)
        by_signs = _share_as_extreme(test, coins, random)
        if by_signs > _CLEARLY_CHANCE or not weighted.exchangeable:
            return by_signs
        return max(by_signs, _share_as_extreme(test, _Swaps.of(influence, weighted), random))
    unlikely = np.minimum(probabilities, 1 - probabilities)
    if unlikely.mean() <= _RARE:
        return _share_as_extreme(test, _Flips.of(influence, probabilities, unlikely), random)
    return _share_as_extreme(test, _Coins(influence, probabilities.astype(np.float32), None), random)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Units whose weights differ."""

    weights: FloatArray
    """``(n_units,)``."""
    residuals: FloatArray
    """Weighted residuals of the observed labels, ``(n_units,)``."""
    exchangeable: bool
    """Whether under the null hypothesis anybody's answers could be anybody else's. Then they are drawn, too, and the larger
    p-value counts: signs alone take it for a change that none of a few units with large weights belongs to a segment, which
    happens by chance. (That no answers changed within segments leaves the segments themselves as they are.)"""


class _Draw(Protocol):
    """A way to draw the scores again."""

    @property
    def most(self) -> int:
        """Redraws at a time."""
        ...

    def scores(self, size: int, random: np.random.Generator) -> FloatArray:
        """Return the scores of so many redraws, ``(size, n_directions)``."""
        ...


def _share_as_extreme(test: ScoreTest, draw: _Draw, random: np.random.Generator) -> float:
    """Return the share of redraws that are at least as extreme as what was observed."""
    observed = _TIE * test.smallest(test.scores)
    extreme, drawn, most = 0, 0, draw.most
    while drawn < MOST_REDRAWS and extreme < ENOUGH:
        size = min(MOST_REDRAWS - drawn, 50 + drawn, most)
        scores = draw.scores(size, random)
        scores = scores + random.normal(size=(size, len(test.model_noise))) @ test.model_noise
        extreme += int((test.smallest(scores) <= observed).sum())
        drawn += size
    return (extreme + 1) / (drawn + 1)


@dataclass(frozen=True, eq=False)
class _Coins:
    """A coin per respondent and redraw."""

    influence: SingleArray
    """Of each respondent on the scores, ``(n_units, n_directions)``."""
    probabilities: SingleArray
    residuals: FloatArray | None

    @property
    def most(self) -> int:
        """Redraws at a time."""
        return max(1, _AT_A_TIME // len(self.influence))

    def scores(self, size: int, random: np.random.Generator) -> FloatArray:
        """Return the scores of so many redraws, ``(size, n_directions)``."""
        uniform = random.random((size, len(self.influence)), dtype=np.float32)
        if self.residuals is None:
            labels = (uniform < self.probabilities).astype(np.float32)
            return labels @ self.influence - self.probabilities @ self.influence
        signs = np.where(uniform < 0.5, np.float32(1), np.float32(-1))  # noqa: PLR2004 - a coin
        return (signs * self.residuals.astype(np.float32)) @ self.influence


@dataclass(frozen=True, eq=False)
class _Swaps:
    """Answers that somebody of either wave gave, drawn for each respondent by the weights."""

    influence: SingleArray
    """Of each respondent on the scores, ``(n_units, n_directions)``."""
    residuals: FloatArray
    up_to: FloatArray
    """Cumulated shares of the weight, ``(n_units,)``."""

    @classmethod
    def of(cls, influence: SingleArray, weighted: Weighted) -> Self:
        """Take the respondents as they were weighted."""
        return cls(influence, weighted.residuals, np.cumsum(weighted.weights) / weighted.weights.sum())

    @property
    def most(self) -> int:
        """Redraws at a time."""
        return max(1, _AT_A_TIME // len(self.influence))

    def scores(self, size: int, random: np.random.Generator) -> FloatArray:
        """Return the scores of so many redraws, ``(size, n_directions)``."""
        n_units = len(self.influence)
        given_by = np.searchsorted(self.up_to, random.random((size, n_units)))
        places = np.minimum(given_by, n_units - 1) + n_units * np.arange(size)[:, None]
        residuals = np.bincount(places.ravel(), np.tile(self.residuals, size), size * n_units).reshape(size, n_units)
        return np.asarray(residuals.astype(np.float32) @ self.influence)


@dataclass(frozen=True, eq=False)
class _Flips:
    """Only those respondents whose label is not the more probable one.

    A respondent's label flips with probability q in each redraw. The same comes out if flips fall at random over the redraws,
    -log(1 - q) per redraw on average, and falling twice counts once (a Poisson process hits a redraw with probability q).
    """

    influence: SingleArray
    """Of a flip on the scores, ``(n_units, n_directions)``."""
    expected: FloatArray
    """Scores that flips add on average, ``(n_directions,)``."""
    rates: FloatArray
    """Flips per redraw, ``(n_units,)``."""

    @classmethod
    def of(cls, influence: SingleArray, probabilities: FloatArray, unlikely: FloatArray) -> Self:
        """Turn the influence of a label into that of a flip."""
        signs = np.where(probabilities == unlikely, np.float32(1), np.float32(-1))
        flipped = influence * signs[:, None]
        return cls(flipped, unlikely @ flipped, -np.log1p(-unlikely))

    @property
    def most(self) -> int:
        """Redraws at a time; the place of a flip must fit into 32 bits, too."""
        return max(1, min(int(_AT_A_TIME / (1 + self.rates.sum())), 2**31 // len(self.rates) - 1))

    def scores(self, size: int, random: np.random.Generator) -> FloatArray:
        """Return the scores of so many redraws, ``(size, n_directions)``."""
        places = np.arange(len(self.rates), dtype=np.int32) * np.int32(size)
        flips = np.repeat(places, random.poisson(self.rates * size))
        flips += random.integers(0, size, size=len(flips), dtype=np.int32)
        flips.sort()
        flips = flips[np.diff(flips, prepend=-1) > 0]
        starts = np.append(np.searchsorted(flips, places), len(flips))
        ones = np.ones(len(flips), dtype=np.float32)
        flipped = sparse.csc_array((ones, flips % size, starts), shape=(size, len(self.rates)))
        return np.asarray(flipped @ self.influence) - self.expected
