"""Whether the segments of a wave are still the personas: new, split, merged and vanished ones, named in words.

What counts is a gap. Respondents scatter around the centre of their segment, so between the centres of two segments there
are fewer of them than at the centres; a segment cut in two by an algorithm has most of its respondents where it was cut.
"""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import PLAIN_WORDS, Words
from dtc_data.tables import CURRENT, REFERENCE
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.discovery.stability import Labels, cluster_stability, contingency
from dtc_model.rule import BoolArray, FloatArray, SegmentModel

SEARCHED_UNITS: Final = 10_000
"""Respondents of each wave that are searched for segments at most."""
MOST_NEW: Final = 3
"""Segments beyond the personas that are looked for."""
GAP: Final = 0.5
"""Two segments are apart if there are at most this many respondents between their centres for each at a centre."""
NO_GAP: Final = 1.0
"""Two segments are one if there are at least as many respondents between their centres as at a centre."""
OWN_SHARE: Final = 2 / 3
"""A segment was one persona's if at least this share of its respondents were."""
STAYED_SPREADS: Final = 1.3
"""A persona has split only if its centre moved by more spreads than this: a normal distribution cut in half moves by 0.8,
two equal groups with a gap between them by 1.6."""

_WINDOW: Final = 0.125
"""Half the width of the places where respondents are counted, in distances between the two centres."""
_STARTS: Final = 10
_SEED: Final = 42


@dataclass(frozen=True)
class SegmentChange:
    """A change in which segments there are."""

    kind: Literal["new", "split", "merged", "vanished"]
    segments: tuple[str, ...]
    """Affected personas: for a new segment the persona that its respondents get today."""
    share: float
    """Of the current wave's respondents."""
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self) | {"personas": list(self.segments)}


def find_segment_changes(  # noqa: PLR0913 - two waves and the limits, by keyword
    production: SegmentModel,
    reference: FloatArray,
    current: FloatArray,
    *,
    spread: float,
    smallest_share: float,
    stability: float,
    n_bootstraps: int,
    words: Words = PLAIN_WORDS,
) -> list[SegmentChange]:
    """Compare the segments of a wave with the personas.

    Parameters
    ----------
    production : SegmentModel
        The personas as they are in production.
    reference, current : ndarray of shape (n_units, n_features)
        Complete answers of both waves. What was in the reference wave already is not a change.
    spread : float
        Spread of the reference wave's respondents about their personas, in scaled units per feature.
    smallest_share : float
        Share of the wave below which a group counts as nobody.
    stability : float
        Smallest mean Jaccard similarity of a new segment over resamples.
    n_bootstraps : int
        Number of resamples.
    words : Words
        What the changes call units and segments.
    """
    waves = {name: _sample(answers) for name, answers in ((REFERENCE, reference), (CURRENT, current))}
    scaled = {name: production.encoder.encode(answers) for name, answers in waves.items()}
    labels = {name: production.nearest(answers) for name, answers in waves.items()}
    shares = {name: np.bincount(own, minlength=len(production.segment_ids)) / len(own) for name, own in labels.items()}
    vanished = [
        SegmentChange(
            "vanished",
            (name,),
            float(now),
            f"{name} has vanished: {now:.1%} of {words.units} are left, {before:.1%} were",
        )
        for name, before, now in zip(production.segment_names, shares[REFERENCE], shares[CURRENT], strict=True)
        if now < smallest_share <= before
    ]
    search = _Search(production, scaled, labels, spread, smallest_share, stability, n_bootstraps, words)
    with threadpool_limits(1):  # as in the sweep: the same figures each time
        beyond, members = search.beyond_the_segments()
    return [*beyond, *search.merged(~members), *vanished]


@dataclass(frozen=True)
class _Search:
    production: SegmentModel
    scaled: dict[str, FloatArray]
    labels: dict[str, npt.NDArray[np.intp]]
    spread: float
    smallest_share: float
    stability: float
    n_bootstraps: int
    said: Words

    def merged(self, rows: BoolArray) -> list[SegmentChange]:
        """Find pairs of personas that were apart in the reference wave and are one among these respondents now."""
        now_scaled, now_labels = self.scaled[CURRENT][rows], self.labels[CURRENT][rows]
        found = []
        for pair in combinations(range(len(self.production.segment_ids)), 2):
            before = between(self.scaled[REFERENCE], self.labels[REFERENCE], pair)
            shares = [float((now_labels == position).sum() / len(rows)) for position in pair]
            if before <= GAP and min(shares) >= self.smallest_share and between(now_scaled, now_labels, pair) >= NO_GAP:
                first, second = names = tuple(self.production.segment_names[position] for position in pair)
                both = f"their {sum(shares):.0%} of {self.said.units}"
                words = f"{first} and {second} have merged: nothing separates {both} any more"
                found.append(SegmentChange("merged", names, sum(shares), words))
        return found

    def beyond_the_segments(self) -> tuple[list[SegmentChange], BoolArray]:
        """Cluster the wave into more clusters than personas; give those that are segments of their own, and their members."""
        n_segments = len(self.production.segment_ids)
        enough = len(np.unique(self.scaled[CURRENT], axis=0)) - 1
        most: list[SegmentChange] = []
        members = np.zeros(len(self.scaled[CURRENT]), dtype=bool)
        for k in range(n_segments + 1, min(n_segments + MOST_NEW, enough) + 1):
            clusters = KMeans(n_clusters=k, n_init=_STARTS, random_state=_SEED).fit(self.scaled[CURRENT])
            found = self._in_clusters(clusters)
            if len(found) > len(most):  # of equally many those of the smaller k
                most, members = list(found.values()), np.isin(clusters.labels_, list(found))
        return most, members

    def _in_clusters(self, clusters: KMeans) -> dict[int, SegmentChange]:
        """Return the clusters that stand for no persona, are apart from all others, stable, and were not there before."""
        k, labels = len(clusters.cluster_centers_), clusters.labels_
        centres = clusters.cluster_centers_
        distances = np.linalg.norm(centres[:, None] - self.production.coordinates, axis=2)
        matched = [found.tolist() for found in linear_sum_assignment(distances)]
        moved = {segment: float(distances[row, segment]) / self.spread for row, segment in zip(*matched, strict=True)}
        before = clusters.predict(self.scaled[REFERENCE])
        new = [
            cluster
            for cluster in set(range(k)).difference(matched[0])
            if self._is_apart(CURRENT, labels, cluster) and not self._is_apart(REFERENCE, before, cluster)
        ]
        if not new:
            return {}
        current = self.scaled[CURRENT]
        stable = cluster_stability(current, labels, k, n_bootstraps=self.n_bootstraps, seed=_SEED)
        overlap = contingency(labels, self.labels[CURRENT], (k, len(self.production.segment_ids))) / len(labels)
        return {
            cluster: self._describe(overlap[cluster], moved) for cluster in new if stable[cluster] >= self.stability
        }

    def _is_apart(self, wave: str, labels: Labels, cluster: int) -> bool:
        sizes = np.bincount(labels, minlength=cluster + 1) / len(labels)
        others = [other for other in range(len(sizes)) if other != cluster and sizes[other] >= self.smallest_share]
        return bool(sizes[cluster] >= self.smallest_share) and all(
            between(self.scaled[wave], labels, (cluster, other)) <= GAP for other in others
        )

    def _describe(self, origins: FloatArray, moved: dict[int, float]) -> SegmentChange:
        """Name a segment; ``origins`` are the shares of the wave that are in it, by the persona that they get today."""
        main, share = int(origins.argmax()), float(origins.sum())
        name = self.production.segment_names[main]
        if origins[main] >= OWN_SHARE * share and moved.get(main, 0.0) > STAYED_SPREADS:
            return SegmentChange(
                "split", (name,), share, f"{name} has split into two groups; one is {share:.0%} of {self.said.units}"
            )
        words = f"{share:.0%} of {self.said.units} form a group that no {self.said.segment} describes; today they are labelled {name}"
        return SegmentChange("new", (name,), share, words)


def between(scaled: FloatArray, labels: Labels, pair: tuple[int, int]) -> float:
    """Count respondents halfway between the centres of two groups, for each one at the emptier of the two centres.

    Respondents of both are projected on the line through the centres. About 0 for groups that are far apart, 1.4 for a
    normal distribution cut in half, infinite if a group is empty.

    Parameters
    ----------
    scaled : ndarray of shape (n_units, n_coordinates)
        Encoded answers.
    labels : ndarray of shape (n_units,)
        The group of each.
    pair : tuple of int
        Labels of the two groups.
    """
    first, second = (scaled[labels == position] for position in pair)
    if not len(first) or not len(second):
        return float("inf")
    origin = first.mean(axis=0)
    way = second.mean(axis=0) - origin
    length = float(way @ way)
    if length == 0:
        return float("inf")
    along = (np.vstack([first, second]) - origin) @ way / length
    here, halfway, there = (int((np.abs(along - place) <= _WINDOW).sum()) for place in (0.0, 0.5, 1.0))
    emptier = min(here, there)
    return halfway / emptier if emptier else float("inf")


def _sample(answers: FloatArray) -> FloatArray:
    if len(answers) <= SEARCHED_UNITS:
        return answers
    sample: FloatArray = answers[np.random.default_rng(_SEED).choice(len(answers), SEARCHED_UNITS, replace=False)]
    return sample
