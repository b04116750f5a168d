"""A catalogue held against the answers of its first wave, before anything is registered: what looks wrong, and what it may be.

Typed in as they are, a vendor's z-scores, centroids on another scale or an item that runs the other way give labels without an
error, and most of them are wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue

from dtc_model.rule import INCOMPLETE, FloatArray, SegmentModel

FEWEST_UNITS: Final = 30
"""Below so many units nothing is suspected: an empty segment is no news among few."""
FAR: Final = 1.5
"""Mean squared distance to the nearest centroid, in variances of the answers, from which centroids do not lie among the answers.
Centroids that are the means of their segments stay below 1, and so does one centroid at the mean of all."""
MUCH_NEARER: Final = 0.75
"""Part of that distance below which another reading of the centroids explains them better."""
RUNS_THE_OTHER_WAY: Final = -0.5
"""Correlation between the means of a feature by segment and its centroids from which the feature looks reversed."""
CLEAR: Final = 5.0
"""Standard errors by which segments must differ in that feature before it is looked at."""


@dataclass(frozen=True, eq=False)
class _Numbers:
    """The features that are numbers, in the variances of their answers."""

    names: tuple[str, ...]
    answers: FloatArray
    """``(n_units, n_numbers)``, NaN where one is missing."""
    centroids: FloatArray
    """``(n_segments, n_numbers)``."""
    means: FloatArray
    spreads: FloatArray

    @classmethod
    def of(cls, catalogue: Catalogue, answers: FloatArray) -> "_Numbers":
        """Take those whose answers differ at all."""
        columns = np.cumsum([0, *(feature.width for feature in catalogue.features)])[:-1]
        with np.errstate(invalid="ignore"):
            spreads = np.array([np.nanstd(column) if np.isfinite(column).any() else 0.0 for column in answers.T])
        kept = [
            position
            for position, feature in enumerate(catalogue.features)
            if feature.type != "category" and spreads[position] > 0
        ]
        chosen = answers[:, kept]
        return cls(
            names=tuple(catalogue.features[position].title for position in kept),
            answers=chosen,
            centroids=catalogue.centroids[:, columns[kept]],
            means=np.nanmean(chosen, axis=0) if kept else np.empty(0),
            spreads=spreads[kept],
        )

    def distances(self, centroids: FloatArray) -> FloatArray:
        """Return the mean squared distance to the nearest of some centroids by feature, in variances, ``(n_numbers,)``."""
        squares = np.stack([((self.answers - one) / self.spreads) ** 2 for one in centroids])
        answered = ~np.isnan(squares).all(axis=(0, 2))
        nearest = np.nanmean(squares[:, answered], axis=2).argmin(axis=0)
        own: FloatArray = np.nanmean(squares[:, answered][nearest, np.arange(len(nearest))], axis=0)
        return own


def suspicions(catalogue: Catalogue, answers: FloatArray) -> list[str]:
    """Return what looks wrong with a catalogue beside the answers of a wave, a sentence each; nothing if all looks well.

    ``answers`` ``(n_units, n_features)`` are as `dtc_data.catalogue.answer_matrix` returns them.
    """
    labels = SegmentModel.from_catalogue(catalogue).label(answers, catalogue.minimum_answered)
    known = labels != INCOMPLETE
    if known.sum() < FEWEST_UNITS:
        return []
    numbers = _Numbers.of(catalogue, answers[known])
    found = list(_of_scale(numbers)) if numbers.names else []
    if not found and numbers.names:
        found = list(_of_direction(catalogue, numbers))
    return [*_of_empty_segments(catalogue, labels[known]), *found]


def _of_empty_segments(catalogue: Catalogue, labels: npt.NDArray[np.int64]) -> Iterator[str]:
    words = catalogue.words
    for id_, name in zip(catalogue.segment_ids, catalogue.segment_names, strict=True):
        if not (labels == id_).any():
            yield f"nobody of {words.units_counted(len(labels))} is nearest to the {words.segment} {name!r}"


def _of_scale(numbers: _Numbers) -> Iterator[str]:
    """Say that the centroids lie elsewhere than the answers, and which reading would explain it."""
    by_feature = numbers.distances(numbers.centroids)
    as_given = float(by_feature.mean())
    of_z_scores = numbers.distances(numbers.means + numbers.spreads * numbers.centroids)
    # By the median, so that one feature that is wrong in another way does not decide.
    nearer = np.median(of_z_scores) < MUCH_NEARER * np.median(by_feature)
    if nearer and as_given > 1 and of_z_scores.mean() < FAR:
        yield (
            f"the centroids look like z-scores: read as such they lie among the answers (mean squared distance "
            f"{of_z_scores.mean():.2f} variances), as they are they do not ({as_given:.2f}). Give each feature the vendor's mean "
            "and sd, and the catalogue centroid_units: z"
        )
    elif as_given > FAR:
        yield (
            f"the centroids do not lie among the answers: the mean squared distance to the nearest one is {as_given:.1f} variances, "
            f"and below 1 is usual.{_on_another_scale(numbers)}"
        )


def _on_another_scale(numbers: _Numbers) -> str:
    """Name the features whose centroids all lie beyond the answers, the farthest first."""
    low, high = np.nanmin(numbers.answers, axis=0), np.nanmax(numbers.answers, axis=0)
    least, most = numbers.centroids.min(axis=0), numbers.centroids.max(axis=0)
    gaps = np.maximum(least - high, low - most) / numbers.spreads
    beyond = [int(position) for position in np.argsort(-gaps) if gaps[position] > 0]
    if not beyond:
        return " Look for a feature in another order, or on another scale."
    first = beyond[0]
    more = f" (and {len(beyond) - 1} more)" if len(beyond) > 1 else ""
    return (
        f" Another scale? Answers to {numbers.names[first]}{more} lie between {low[first]:g} and {high[first]:g}, its centroids "
        f"between {least[first]:g} and {most[first]:g}"
    )


def _of_direction(catalogue: Catalogue, numbers: _Numbers) -> Iterator[str]:
    """Name the features that run against their centroids among units that the other features put together."""
    reversed_ = [name for position, name in enumerate(numbers.names) if _runs_against(numbers, position)]
    if reversed_:
        yield (
            f"{_listed(reversed_)} may be reversed: {catalogue.words.units} of a {catalogue.words.segment} by all other answers "
            "give high answers where its centroid is low. If so, write reversed: true for it, or reverse its centroids"
        )


def _runs_against(numbers: _Numbers, position: int) -> bool:
    others = [other for other in range(len(numbers.names)) if other != position]
    if not others:
        return False
    scaled = (numbers.answers[:, others] - numbers.centroids[:, None, others]) / numbers.spreads[others]
    answered = ~np.isnan(numbers.answers[:, position]) & ~np.isnan(scaled).all(axis=(0, 2))
    nearest = np.nanmean(scaled[:, answered] ** 2, axis=2).argmin(axis=0)
    own = numbers.answers[answered, position] / numbers.spreads[position]
    counts = np.bincount(nearest, minlength=len(numbers.centroids))
    present = counts > 1
    means = np.bincount(nearest, own, len(counts))[present] / counts[present]
    expected = numbers.centroids[present, position] / numbers.spreads[position]
    weights = counts[present] / counts[present].sum()
    observed_about, expected_about = means - weights @ means, expected - weights @ expected
    differs, told_apart = weights @ observed_about**2, weights @ expected_about**2
    if differs * len(own) < CLEAR**2 or told_apart == 0:
        return False
    return bool(weights @ (observed_about * expected_about) / np.sqrt(differs * told_apart) < RUNS_THE_OTHER_WAY)


def _listed(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
