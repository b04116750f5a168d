"""How far respondents lie from the personas of the catalogue, compared with what is usual in the reference wave."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from dtc_model.rule import SegmentModel

FloatArray = npt.NDArray[np.float64]

MOST_UNUSUAL: Final = 10.0
"""Whoever lies further away counts as this many spreads away, so that single wild answers do not drown the others."""
PRIOR: Final = 10.0
"""Respondents with the deviations of all personas together that are added to each persona."""


@dataclass(frozen=True, eq=False)
class SegmentDistances:
    """Distances to the catalogue's centroids on the scale of the reference wave.

    A squared distance is a sum over the answered features. From it is taken what the same features give on average to a
    respondent of that persona in the reference wave, and the rest is divided by its standard deviation. So a missing
    answer makes nobody look nearer.
    """

    model: SegmentModel
    expected: FloatArray
    """Squared scaled deviations from the centroid on average, ``(n_segments, n_features)``."""
    variances: FloatArray
    """Their variances, ``(n_segments, n_features)``."""
    spread: FloatArray
    """Standard deviation of what comes out, per persona; features that go together make it differ from 1."""

    @classmethod
    def measure(cls, model: SegmentModel, answers: FloatArray, squares: FloatArray, memberships: FloatArray) -> Self:
        """Learn what is usual from respondents of the reference wave.

        Parameters
        ----------
        model : SegmentModel
            The catalogue's centroids.
        answers : ndarray of shape (n_units, n_features)
            In the unit of the survey, NaN where one is missing.
        squares : ndarray of shape (n_units, n_segments)
            Their `squared_distances`.
        memberships : ndarray of shape (n_units, n_segments)
            How probably each belongs to each persona, times the respondent's weight.
        """
        given = ~np.isnan(answers)
        weight = memberships.T @ given + PRIOR
        expected, variances = np.empty(weight.shape), np.empty(weight.shape)
        parts = _by_feature(model, answers)
        for target, values in ((expected, parts), (variances, [part**2 for part in parts])):
            sums = np.stack([members @ value for members, value in zip(memberships.T, values, strict=True)])
            pooled = sums.sum(axis=0) / np.maximum((memberships.T @ given).sum(axis=0), 1e-300)
            target[:] = (sums + PRIOR * pooled) / weight
        variances -= expected**2
        rough = cls(model, expected, np.maximum(variances, 0.0), np.ones(len(expected)))
        unusual = rough.unusualness(answers, squares)
        total = memberships.sum(axis=0) + PRIOR
        spread = np.sqrt(((memberships * unusual**2).sum(axis=0) + PRIOR) / total)
        return cls(model, rough.expected, rough.variances, spread)

    def unusualness(self, answers: FloatArray, squares: FloatArray) -> FloatArray:
        """Return how much further than usual each respondent lies from each persona, ``(n_units, n_segments)``.

        Parameters
        ----------
        answers : ndarray of shape (n_units, n_features)
        squares : ndarray of shape (n_units, n_segments)
            Their `squared_distances`.
        """
        given = (~np.isnan(answers)).astype(float)
        usual, variance = given @ self.expected.T, given @ self.variances.T
        excess = squares - usual
        scaled = np.divide(excess, np.sqrt(variance), out=np.zeros_like(excess), where=variance > 0)
        return np.clip(scaled / self.spread, -MOST_UNUSUAL, MOST_UNUSUAL)


def _by_feature(model: SegmentModel, answers: FloatArray) -> list[FloatArray]:
    """Return per segment what each feature adds to the squared distances, ``(n_units, n_features)``."""
    missing = np.isnan(answers)
    result = np.empty((len(model.segment_ids), *answers.shape))
    for rows, squares in model.squares_by_feature(answers, missing if missing.any() else None):
        result[:, rows] = squares.transpose(1, 2, 0)
    return list(result)


def squared_distances(model: SegmentModel, answers: FloatArray) -> FloatArray:
    """Return squared distances over the answered features, ``(n_units, n_segments)``."""
    missing = np.isnan(answers)
    result = np.empty((len(answers), len(model.segment_ids)))
    for rows, squares in model.squares(answers, missing if missing.any() else None):
        result[rows] = squares.T
    return result
