"""Score tests of the labels "reference" and "current" given the answers.

Rao's test (Proc. Cambridge Phil. Soc. 1948) with the nuisance parameters projected out: it asks whether the labels
go along with some directions of the answers beyond what the probabilities under the null hypothesis allow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference import FEATURES, Directions, Family, FamilyKind
from dtc_monitoring.scoring.p_values import ScoreTest
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
    n_segments, model, silent = len(directions.present), directions.model, directions.silent
    families, n_groups = directions.families, directions.n_groups
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
    spoken = np.where(silent, 0.0, 1.0)
    sharpest = (families[FEATURES], slice(0, n_directions - n_groups))
    test = _test(scores * spoken, sums.variance, influence * spoken, noise * spoken, list(families.values()), sharpest)
    smallest = np.zeros_like(test.spreads)
    smallest[n_directions - n_groups :] = SMALLEST_GROUP
    spreads = np.where(test.spreads >= smallest, test.spreads, 0.0)
    return replace(test, spreads=spreads, n_groups=n_groups, weights=_weights(families, n_groups))


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


def _weights(families: Iterable[Family], n_groups: int) -> FloatArray:
    of_segment = FamilyKind.FEATURES_OF_SEGMENT
    counts = [SEGMENT_COUNTS if family.kind is of_segment else 1.0 for family in families]
    return np.array([*counts, SHARPEST_FEATURE_COUNTS, 1.0, *([NEW_GROUP_COUNTS] if n_groups else [])])


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
