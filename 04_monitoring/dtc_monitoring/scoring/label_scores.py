"""Score tests of the labels "reference" and "current" given the answers.

Rao's test (Proc. Cambridge Phil. Soc. 1948) with the nuisance parameters projected out: it asks whether the labels
go along with some directions of the answers beyond what the probabilities under the null hypothesis allow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from dtc_monitoring.reference import FEATURES, Directions, FamilyKind
from dtc_monitoring.scoring.wave_sums import WaveSums

FloatArray = npt.NDArray[np.float64]

_NOTHING_LEFT: Final = 1e-8
"""A direction with a smaller part of its variance left, once the others are known, says nothing of its own."""
_NOBODY: Final = 1e-14
"""With a smaller part of the largest direction's variance, one is that of a persona to which nobody belongs, and rounding all it says."""
_NOTHING_SHARED: Final = 1e-5
"""The same for a combination of directions, as a part of what they all have."""
_PRIOR: Final = 1.0
"""Respondents' worth of information that is added about each mean of the reference model, so that it can be inverted."""
SMALLEST_GROUP: Final = 0.7
"""Smallest standard deviation of the score of a new group: with less, that is about 4 respondents, its score is far from normal, and
the reference model does not know well how probable such answers are."""
SEGMENT_COUNTS: Final = 2.0
SHARPEST_FEATURE_COUNTS: Final = 5.0
NEW_GROUP_COUNTS: Final = 2.0
"""Weights of some tests, where each of the others counts 1. One persona's features together, the sharpest feature over everybody and new
groups each find changes that no other test finds as well; several of the others see the same ones."""


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


def within_segments(sums: WaveSums, directions: Directions) -> ScoreTest:
    """Test the directions with the mix of personas as nuisance.

    The reference model is an estimate, too. If the mix changed, its errors move the probabilities; to first order they
    move the scores by ``slopes`` times the errors, and the reference wave itself shows how large those are. Its means are
    estimates as well: where one wave has more missing answers than the other, their errors would not cancel, and look like a shift.

    Parameters
    ----------
    sums : WaveSums
    directions : Directions
    """
    n_segments, model = len(directions.present), directions.model
    mix, tested = slice(None, n_segments), slice(n_segments * (2 + len(directions.gaps)), None)
    influence = _centred(sums.information, directions)
    projection = _solve(sums.information[mix, mix], sums.information[mix] @ influence)
    n_directions = projection.shape[1]
    slopes = influence.T @ sums.slopes - projection.T @ sums.slopes[mix]
    n_errors = slopes.shape[1]
    errors = np.linalg.solve(sums.model_information + _PRIOR * np.eye(n_errors), slopes.T)
    influence[mix] = -projection
    # One more step of EM, for what the rounds and the sample that the shapes were learned from have left.
    scores = sums.scores @ influence - sums.model_scores[n_segments:] @ errors[n_segments:]
    influence[n_segments : 2 * n_segments] += errors[:n_segments]
    influence[tested][model] += errors[n_segments:]
    noise = _square_root(sums.model_variance) @ errors
    spoken = np.where(directions.silent, 0.0, 1.0)
    families = list(directions.families.values())
    sharpest = (directions.families[FEATURES], slice(0, n_directions - directions.n_groups))
    test = _test(scores * spoken, sums.variance, influence * spoken, noise * spoken, families, sharpest)
    smallest = np.zeros_like(test.spreads)
    smallest[n_directions - directions.n_groups :] = SMALLEST_GROUP
    spreads = np.where(test.spreads >= smallest, test.spreads, 0.0)
    return replace(test, spreads=spreads, n_groups=directions.n_groups, weights=_weights(directions))


def _centred(information: FloatArray, directions: Directions) -> FloatArray:
    """Return the columns' part in the directions, the residuals of features with missing answers around the mean of both waves.

    ``(n_columns, n_directions)``.
    """
    n_segments, n_scores = directions.shapes.means.shape
    first = 2 * n_segments
    tested = first + n_segments * len(directions.gaps)
    everybody = information[n_segments:first].sum(axis=0)  # everybody's memberships sum to 1
    influence = np.vstack([np.zeros((tested, len(information) - tested)), np.eye(len(information) - tested)])
    for segment in np.flatnonzero(directions.present):
        for gap, score in enumerate(directions.gaps):
            answered = first + segment * len(directions.gaps) + gap
            own = n_scores * (1 + segment) + score
            if everybody[answered] > 0:
                influence[answered, [own, score]] = -everybody[tested + own] / everybody[answered]
    return influence


def _weights(directions: Directions) -> FloatArray:
    of_segment = FamilyKind.FEATURES_OF_SEGMENT
    families = [SEGMENT_COUNTS if family.kind is of_segment else 1.0 for family in directions.families]
    groups = [NEW_GROUP_COUNTS] if directions.n_groups else []
    return np.array([*families, SHARPEST_FEATURE_COUNTS, 1.0, *groups])


def of_mix(sums: WaveSums, n_segments: int) -> ScoreTest:
    """Test the memberships against labels that depend on nothing; ``sums`` are those of equal shares in both waves."""
    members = slice(n_segments, 2 * n_segments)
    # With equal shares the scores of the mix are the memberships, and sum to the constant.
    constant = sums.information[:n_segments, members].sum(axis=0) / sums.information[:n_segments, :n_segments].sum()
    influence = np.zeros((len(sums.scores), n_segments))
    influence[:n_segments] = -constant
    influence[members] = np.eye(n_segments)
    noise = np.zeros((0, n_segments))
    everybody = slice(0, n_segments)
    return _test(sums.scores @ influence, sums.variance, influence, noise, [everybody], [everybody])


def _test(  # noqa: PLR0913, PLR0917 - the parts of a test
    scores: FloatArray,
    variance: FloatArray,
    influence: FloatArray,
    noise: FloatArray,
    families: Sequence[slice],
    sharpest: Sequence[slice],
) -> ScoreTest:
    covariance = influence.T @ variance @ influence + noise.T @ noise
    before = (np.abs(influence).T @ np.sqrt(np.maximum(variance.diagonal(), 0))) ** 2
    left = covariance.diagonal() > np.maximum(_NOTHING_LEFT * before, _NOBODY * before.max())
    spreads = np.sqrt(np.where(left, covariance.diagonal(), 0.0))
    roots = tuple(_root(covariance[family, family], spreads[family]) for family in families)
    weights = np.ones(len(families) + len(sharpest))
    return ScoreTest(scores, spreads, influence, noise, tuple(families), roots, tuple(sharpest), weights)


def _solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    solution: FloatArray = np.linalg.lstsq(matrix, right, rcond=_NOTHING_LEFT)[0]
    return solution


def _square_root(covariance: FloatArray) -> FloatArray:
    """Return R with R' R = C."""
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    return root


def _root(covariance: FloatArray, spreads: FloatArray) -> FloatArray:
    """Return R with R' C R = 1 on all that varies (the root of the pseudo-inverse)."""
    inverse = np.divide(1.0, spreads, out=np.zeros_like(spreads), where=spreads > 0)
    values, vectors = np.linalg.eigh(covariance * np.outer(inverse, inverse))
    kept = values > _NOTHING_SHARED * len(spreads)
    root: FloatArray = inverse[:, None] * vectors[:, kept] / np.sqrt(values[kept])
    return root
