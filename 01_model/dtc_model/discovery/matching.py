"""Which cluster is which persona: an optimal assignment of centroids, so that ids and names never move."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import MIXTURE, Catalogue
from scipy.optimize import linear_sum_assignment

from dtc_model.discovery.stability import contingency
from dtc_model.discovery.sweep import SweepEntry
from dtc_model.rule import Encoder, FloatArray, IndexArray, IntArray, SegmentMixture, SegmentModel


@dataclass(frozen=True)
class Match:
    """One persona of the retrained model."""

    segment_id: int
    segment: str
    centroid: tuple[float, ...]
    """In the unit of the answers, with the share of each value of a category."""
    moved: float | None
    """Scaled distance from the catalogue's centroid; None for a segment that is not a persona of the catalogue."""
    share: float | None = None
    """Of the units; only a mixture needs it."""
    spreads: tuple[float, ...] | None = None
    """Of a mixture, by feature."""


@dataclass(frozen=True)
class Matching:
    """Clusters with the personas they stand for: the catalogue's in its order, then the unnamed segments."""

    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    """Names of the personas that no cluster stands for."""

    @property
    def complete(self) -> bool:
        """Whether clusters and personas are in one-to-one correspondence."""
        return not self.missing and all(match.moved is not None for match in self.matches)

    def to_list(self) -> list[dict[str, Any]]:
        """Return the matches as plain dictionaries, without the numbers of the model."""
        told = ("segment_id", "segment", "moved")
        return [{name: value for name, value in asdict(match).items() if name in told} for match in self.matches]

    def to_model(self, catalogue: Catalogue, provenance: dict[str, str]) -> SegmentModel:
        """Make the persona model with the matched ids and names, of the kind of the catalogue's rule."""
        parts: dict[str, Any] = {
            "encoder": Encoder.of_catalogue(catalogue),
            "centroids": np.array([match.centroid for match in self.matches]),
            "segment_ids": tuple(match.segment_id for match in self.matches),
            "segment_names": tuple(match.segment for match in self.matches),
            "provenance": provenance,
        }
        if catalogue.rule != MIXTURE:
            return SegmentModel(**parts)
        shares = np.array([match.share for match in self.matches], dtype=np.float64)
        return SegmentMixture(**parts, shares=shares, spreads=np.array([match.spreads for match in self.matches]))


def match_entry(entry: SweepEntry, catalogue: Catalogue) -> Matching:
    """Match the clusters of one k; see `match_segments`."""
    return match_segments(entry.centroids, catalogue, entry.shares, entry.spreads)


def match_segments(
    centroids: npt.ArrayLike,
    catalogue: Catalogue,
    shares: npt.ArrayLike | None = None,
    spreads: npt.ArrayLike | None = None,
) -> Matching:
    """Match cluster centroids to the catalogue's personas, such that the sum of their scaled distances is least.

    The order of the clusters has no influence. With more clusters than personas the others become unnamed segments with
    ids above the catalogue's; with fewer, some personas go missing.

    Parameters
    ----------
    centroids : array_like of shape (n_clusters, n_columns)
        In the unit of the answers, with the share of each value of a category.
    catalogue : Catalogue
        The personas that keep their ids and names.
    shares : array_like of shape (n_clusters,), optional
    spreads : array_like of shape (n_clusters, n_features), optional
        What a mixture has beside its centroids.
    """
    given = np.asarray(centroids, dtype=np.float64)
    order = _order(given)
    ordered = given[order]
    beside = _beside(order, shares, spreads)
    own = SegmentModel.from_catalogue(catalogue)
    distances = np.linalg.norm(own.encoder.encode_centroids(ordered)[:, None] - own.coordinates, axis=2)
    # Kuhn, Naval Research Logistics Quarterly 2 (1955), as scipy implements it for rectangular costs.
    clusters, segments = (found.tolist() for found in linear_sum_assignment(distances))
    cluster_of = dict(zip(segments, clusters, strict=True))
    named = [
        Match(
            segment.id,
            segment.name,
            tuple(ordered[cluster].tolist()),
            float(distances[cluster, position]),
            *beside[cluster],
        )
        for position, segment in enumerate(catalogue.segments)
        if (cluster := cluster_of.get(position)) is not None
    ]
    unmatched = [row for row in range(len(ordered)) if row not in clusters]
    segment_changes = [
        Match(
            max(catalogue.segment_ids) + number,
            f"unnamed segment {number}",
            tuple(ordered[row].tolist()),
            None,
            *beside[row],
        )
        for number, row in enumerate(unmatched, start=1)
    ]
    missing = [name for position, name in enumerate(catalogue.segment_names) if position not in cluster_of]
    return Matching((*named, *segment_changes), tuple(missing))


def match_labels(before: IntArray, after: IndexArray, ids: Sequence[int], k: int) -> tuple[int | None, ...]:
    """Match new segments to old ones, such that as many units as possible keep theirs.

    Parameters
    ----------
    before : ndarray of shape (n_units,)
        Id of each unit's old segment, below 0 for none.
    after : ndarray of shape (n_units,)
        Position of its new one, below 0 for none.
    ids : sequence of int
        Of the old segments.
    k : int
        Number of new segments.

    Returns
    -------
    tuple of int or None
        Per new segment, the old id that it keeps; None if it has no units in common with one that is left.
    """
    position_of = {id_: position for position, id_ in enumerate(ids)}
    old = np.array([position_of.get(int(id_), -1) for id_ in before], dtype=np.intp)
    both = (old >= 0) & (after >= 0)
    shared = contingency(after[both], old[both], (k, len(ids)))
    kept: list[int | None] = [None] * k
    for new, position in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[new, position] > 0:
            kept[new] = ids[position]
    return tuple(kept)


def _order(centroids: FloatArray) -> IndexArray:
    """Sort centroids by their first feature, then the second and so on, so that ties are always broken alike."""
    order: IndexArray = np.lexsort(centroids.T[::-1])
    return order


def _beside(
    order: IndexArray, shares: npt.ArrayLike | None, spreads: npt.ArrayLike | None
) -> list[tuple[float | None, tuple[float, ...] | None]]:
    """Return share and spreads of each cluster in this order, None for what is not given."""
    by_row = [None] * len(order) if shares is None else np.asarray(shares)[order].tolist()
    by_feature = [None] * len(order) if spreads is None else list(map(tuple, np.asarray(spreads)[order].tolist()))
    return list(zip(by_row, by_feature, strict=True))
