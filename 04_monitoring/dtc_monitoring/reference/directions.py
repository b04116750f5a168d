"""The directions in which respondents can stop fitting the personas."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference.new_groups import NewGroups
from dtc_monitoring.reference.segment_distances import SegmentDistances, squared_distances
from dtc_monitoring.reference.segment_shapes import SegmentShapes

FloatArray = npt.NDArray[np.float64]

FURTHEST: Final = 5.0
"""An answer further from the persona's mean counts as this many spreads away."""
TAIL_PERCENTILES: Final = (90.0, 95.0, 99.0)
"""Respondents beyond these percentiles of the reference wave's distances are counted."""
FEWEST_COMPLETE: Final = 100
"""Respondents of the reference wave with all answers from whom tails are learned, if some left answers out."""
_ROUNDING: Final = 1e-9
"""Distances that differ less, relatively, are equal: grades lie at few distances, many of them exactly at a percentile."""


class FamilyKind(Enum):
    """What the directions of a family have in common."""

    FEATURES = "the features, over all segments"
    FEATURES_OF_SEGMENT = "the features within one segment"
    FEATURES_OF_EVERY_SEGMENT = "the features within each segment"
    FIT = "the distance to the segment, over all segments"
    FIT_BY_SEGMENT = "the distance to each segment"
    TAIL = "shares beyond percentiles of the distance"


@dataclass(frozen=True)
class Family:
    """Directions that are tested together."""

    kind: FamilyKind
    segment: int | None = None
    """Position of the segment, of `FamilyKind.FEATURES_OF_SEGMENT`."""


FEATURES: Final = Family(FamilyKind.FEATURES)
FEATURES_OF_EVERY_SEGMENT: Final = Family(FamilyKind.FEATURES_OF_EVERY_SEGMENT)
FIT: Final = Family(FamilyKind.FIT)
FIT_BY_SEGMENT: Final = Family(FamilyKind.FIT_BY_SEGMENT)
TAIL: Final = Family(FamilyKind.TAIL)


def features_of(segment: int) -> Family:
    """Return the family of one segment's features, by the segment's position."""
    return Family(FamilyKind.FEATURES_OF_SEGMENT, segment)


class Measured(NamedTuple):
    """Respondents in the directions."""

    memberships: FloatArray
    """``(n_units, n_segments)``."""
    directions: FloatArray
    """``(n_units, n_directions)``."""
    answered: FloatArray
    """Memberships of whoever answered, for each score that not everybody has, ``(n_units, n_segments * n_gaps)``."""
    nearest: npt.NDArray[np.intp]
    """Position of the nearest persona, ``(n_units,)``."""
    fit: FloatArray
    """Distance to it in scaled units, missing answers made up for; NaN for whoever answered nothing."""


class Tails(NamedTuple):
    """Who lies unusually far from the segments of the reference wave."""

    limits: FloatArray
    """Unusual distances of the reference wave at `TAIL_PERCENTILES`."""
    usual: FloatArray
    """Shares of the reference wave beyond them. They stand for whoever left an answer out, whose distances fall otherwise."""
    known: bool
    """Whether enough respondents of the reference wave answered everything; else the tails say nothing."""

    @classmethod
    def of(cls, unusual: FloatArray, complete: npt.NDArray[np.bool_], weights: FloatArray | None) -> Self:
        """Take them from the distances ``(n_units,)`` of the reference wave, of those with all answers if somebody left one out."""
        known = bool(complete.all() or complete.sum() >= FEWEST_COMPLETE)
        if known:
            unusual, weights = unusual[complete], None if weights is None else weights[complete]
        limits = _percentiles(unusual, weights) * (1 + _ROUNDING)
        return cls(limits, np.average(unusual[:, None] > limits, axis=0, weights=weights), known)


@dataclass(frozen=True, eq=False)
class Directions:
    """Features, fit and tails, over all personas and within each."""

    shapes: SegmentShapes
    distances: SegmentDistances
    tails: Tails
    gaps: npt.NDArray[np.intp]
    """Scores of features that somebody in either wave left out."""
    present: npt.NDArray[np.bool_]
    """Which personas the current wave has, too, ``(n_segments,)``; nothing can be said within the others."""

    new_groups: NewGroups | None = None
    """Groups that are looked for in small waves, which need the sharpest test."""

    @property
    def model(self) -> slice:
        """The directions that are scores of the personas' means in the reference wave."""
        n_segments, n_scores = self.shapes.means.shape
        return slice(n_scores, n_scores * (1 + n_segments))

    @property
    def share_steps(self) -> FloatArray:
        """By how much a value's share grows per spread of its direction, ``(n_segments, n_scores)``.

        The spread itself, unless a value is so rare or so frequent that `FURTHEST` cuts how far whoever gives it, or another, counts.
        """
        here = np.stack([np.zeros_like(self.shapes.means), np.ones_like(self.shapes.means)]) - self.shapes.means
        spreads = np.maximum(self.shapes.spreads, np.finfo(float).tiny)  # 0 where there is no effect either
        low, high = np.clip(here / spreads, -FURTHEST, FURTHEST)
        # A score that is not a share may lie so far from 0 and 1 that both are cut alike.
        steps: FloatArray = np.divide(1.0, high - low, out=np.zeros_like(low), where=high > low)
        return steps

    @property
    def segment_of(self) -> npt.NDArray[np.intp]:
        """Return per direction the segment that it is about, or the number of segments if it is about all."""
        n_segments, n_scores = self.shapes.means.shape
        each = np.arange(n_segments)
        everybody = np.full(n_scores, n_segments)
        tails = everybody[:1].repeat(len(TAIL_PERCENTILES))
        groups = everybody[:1].repeat(self.n_groups)
        return np.concatenate([everybody, each.repeat(n_scores), everybody[:1], each, tails, groups])

    @property
    def n_groups(self) -> int:
        """Count the directions that are new groups; they are the last."""
        return 0 if self.new_groups is None else self.new_groups.coefficients.shape[1]

    @property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Tell which directions are about a persona that the current wave lacks, ``(n_directions,)``."""
        return np.append(~self.present, False)[self.segment_of]

    @property
    def families(self) -> dict[Family, slice]:
        """Positions of the directions that are tested together."""
        n_segments, n_scores = self.shapes.means.shape
        sizes = {FEATURES: n_scores}
        sizes |= {features_of(segment): n_scores for segment in range(n_segments)}
        sizes |= {FIT: 1, FIT_BY_SEGMENT: n_segments, TAIL: len(TAIL_PERCENTILES)}
        ends = np.cumsum(list(sizes.values())).tolist()
        found = {family: slice(end - size, end) for (family, size), end in zip(sizes.items(), ends, strict=True)}
        return found | {FEATURES_OF_EVERY_SEGMENT: self.model}

    def measure(self, answers: FloatArray) -> Measured:
        """Put respondents into the directions."""
        memberships = self.shapes.memberships(answers)
        scores = self.shapes.columns.scored(answers)
        residuals = self._residuals(scores) * memberships[:, :, None]
        squares = squared_distances(self.distances.model, answers)
        unusual = memberships * self.distances.unusualness(answers, squares)
        overall = unusual @ self.present[:, None]
        given = ~np.isnan(answers)
        beyond = (overall > self.tails.limits).astype(float)
        beyond[~given.all(axis=1) | ~np.bool_(self.tails.known)] = self.tails.usual
        parts = [
            (residuals * self.present[:, None]).sum(axis=1),
            residuals.reshape(len(answers), -1),
            overall,
            unusual,
            beyond,
        ]
        if self.new_groups is not None:
            parts.append(self.new_groups.measure(answers))
        answered = (memberships[:, :, None] * ~np.isnan(scores[:, None, self.gaps])).reshape(len(answers), -1)
        encoder = self.distances.model.encoder
        with np.errstate(invalid="ignore"):  # 0 / 0 where nothing was answered
            fit = np.sqrt(squares.min(axis=1) * encoder.size / (given @ encoder.dimensions))
        return Measured(memberships, np.hstack(parts), answered, squares.argmin(axis=1), fit)

    def _residuals(self, scores: FloatArray) -> FloatArray:
        """Return scores less the segments' means in spreads, 0 if missing, ``(n_units, n_segments, n_scores)``."""
        spreads = self.shapes.spreads
        inverse = np.divide(1.0, spreads, out=np.zeros_like(spreads), where=spreads > 0)
        residuals = scores[:, None, :] - self.shapes.means
        residuals *= inverse
        np.clip(residuals, -FURTHEST, FURTHEST, out=residuals)
        residuals[np.isnan(residuals)] = 0.0
        return residuals


def _percentiles(values: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return the values at `TAIL_PERCENTILES`; with weights the smallest that so large a part of them does not exceed."""
    if weights is None:
        return np.percentile(values, TAIL_PERCENTILES)
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    rows = np.searchsorted(below, np.array(TAIL_PERCENTILES) / 100 * below[-1])
    found: FloatArray = values[order[np.minimum(rows, len(values) - 1)]]
    return found
