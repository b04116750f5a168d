"""Groups of respondents that no persona describes, looked for around what respondents answered.

The search follows scan statistics (Kulldorff, A spatial scan statistic, Communications in Statistics 1997): a group is assumed
around one respondent's answers, others belong to it the more their answers are like these and unlike every persona, and the
score test asks whether the current wave has more of them. It is done for many respondents; the clearest group counts.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from dtc_monitoring.reference.segment_shapes import SegmentShapes

FloatArray = npt.NDArray[np.float64]

CENTRES: Final = 120
"""Respondents, of both waves together and the least expected first, around whose answers a group is looked for."""
CANDIDATES: Final = 300
"""Respondents among whom these are found; the others lie apart, with hardly anybody near them."""
FEWEST_NEAR: Final = 7.0
"""Respondents of both waves that a group must have: with fewer, the score is no longer normal."""
SHARE: Final = 0.1
"""Part of all respondents that a group is taken to have when somebody's membership is weighed."""
_SEED: Final = 20_250_301
"""Of missing answers: the same respondents always belong to a group alike."""


@dataclass(frozen=True, eq=False)
class NewGroups:
    """One group for each centre, beside the personas as both waves together have them."""

    shapes: SegmentShapes
    """Learned from both waves. The personas of the reference wave alone fit its own respondents too well: all others would look
    like a new group."""
    coefficients: FloatArray
    """Log density per answer column, ``(n_columns, n_groups)``."""

    @classmethod
    def around(cls, shapes: SegmentShapes, answers: FloatArray) -> Self:
        """Choose the centres.

        Parameters
        ----------
        shapes : SegmentShapes
            Learned from both waves.
        answers : ndarray of shape (n_units, n_features)
            Of both waves, whichever wave they are from, so that redrawn labels would give the same centres.
        """
        distinct = np.unique(answers[~np.isnan(answers).any(axis=1)], axis=0)
        expected = shapes.log_density(shapes.columns.expand(distinct))
        unexpected = distinct[np.argsort(expected, kind="stable")[:CANDIDATES]]
        candidates = cls(shapes, _densities(shapes, unexpected))
        near = candidates.measure(answers).sum(axis=0)
        return cls(shapes, candidates.coefficients[:, np.flatnonzero(near >= FEWEST_NEAR)[:CENTRES]])

    def measure(self, answers: FloatArray) -> FloatArray:
        """Return how probably each respondent would belong to each group if it were there, ``(n_units, n_groups)``."""
        expanded = self.shapes.columns.expand(_completed(self.shapes, answers))
        against = self.shapes.log_density(expanded)[:, None] - expanded @ self.coefficients
        members: FloatArray = expit(np.log(SHARE / (1 - SHARE)) - against)
        return members


def _completed(shapes: SegmentShapes, answers: FloatArray) -> FloatArray:
    """Draw missing answers as the personas give them: whoever answers little would seem to belong to a group a little more."""
    missing = np.isnan(answers)
    if not missing.any():
        return answers
    random = np.random.default_rng(_SEED)
    chances = random.random((len(answers), 1))
    cumulative = shapes.memberships(answers).cumsum(axis=1)
    segments = np.minimum((chances > cumulative).sum(axis=1), len(shapes.shares) - 1)
    completed = answers.copy()
    for feature, (block, estimate) in enumerate(zip(shapes.columns.blocks, shapes.estimates, strict=True)):
        rows = missing[:, feature]
        completed[rows, feature] = block.draw(estimate, segments[rows], random)
    return completed


def _densities(shapes: SegmentShapes, centres: FloatArray) -> FloatArray:
    """Return log densities of groups that are as wide as the segments are on average, ``(n_columns, n_groups)``."""
    parts = zip(shapes.columns.blocks, shapes.estimates, centres.T, strict=True)
    return np.vstack([block.around(centre, estimate, shapes.shares) for block, estimate, centre in parts])
