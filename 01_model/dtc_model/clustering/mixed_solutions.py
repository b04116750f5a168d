"""Segments of mixed features: our mixture, StepMix's, and clusters on the axes of a factor analysis."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self, get_args

import numpy as np
import pandas as pd

from dtc_model.clustering.clusters import find_clusters
from dtc_model.clustering.density_clusters import DensityClusters, search_density
from dtc_model.clustering.evidence import bic, log_evidence
from dtc_model.clustering.expectation import FoundMixture, mixture_of_labels
from dtc_model.clustering.famd import learn_projection
from dtc_model.clustering.kmeans_search import STARTS, kmeans_rule
from dtc_model.clustering.mixture_search import Mixture, recluster_mixture, search_mixtures
from dtc_model.clustering.solution import SegmentRule, Solution
from dtc_model.clustering.stepmix_peer import recluster_stepmix, search_stepmix
from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import (
    CategoryFeature,
    FloatArray,
    IndexArray,
    MixedFeature,
    MixedUnits,
    Projection,
    Spread,
    read_units,
)

ENCODING = "mixed"
"""Encoding that is shown for methods that take numbers and categories together."""


@dataclass(frozen=True, eq=False)
class MixedTable:
    """A table of mixed features, ready for all methods."""

    features: tuple[MixedFeature, ...]
    encoded: MixedUnits
    units: TrainingUnits
    projection: Projection
    coordinates: FloatArray
    """On the axes of a factor analysis, ``(n_units, n_components)``."""

    @classmethod
    def prepare(cls, frame: pd.DataFrame, features: tuple[MixedFeature, ...]) -> Self:
        """Read the units in these features."""
        encoded = read_units(frame, features)
        n_levels = tuple(len(feature.levels) for feature in features if isinstance(feature, CategoryFeature))
        units = TrainingUnits.standardise(encoded, n_levels)
        projection = learn_projection(units, encoded)
        return cls(features, encoded, units, projection, projection.project(encoded))


def mixture_solutions(
    table: MixedTable, ks: Iterable[int], *, seed: int, spreads: Iterable[Spread] = get_args(Spread)
) -> Iterator[Solution]:
    """Yield our mixture for each number of segments, from 1."""
    for mixture in search_mixtures(table.units, ks, table.coordinates, seed=seed, spreads=spreads).values():
        yield mixture_solution(table, mixture)


def mixture_solution(table: MixedTable, mixture: Mixture) -> Solution:
    """Return one mixture as a solution."""
    spread, k = mixture.found.parameters.spread, mixture.k

    def again(drawn: IndexArray, start: int) -> IndexArray:
        return recluster_mixture(table.units.rows(drawn), k, table.coordinates[drawn], spread, seed=start)

    return Solution(
        "mixture",
        ENCODING,
        mixture.found.labels,
        table.coordinates,
        _rule(table, mixture.found),
        again,
        bic=mixture.bic,
        log_evidence=mixture.log_evidence,
        settings=f"{spread} spreads",
    )


def stepmix_solutions(table: MixedTable, ks: Iterable[int], *, seed: int) -> Iterator[Solution]:
    """Yield StepMix's mixture for each number of segments, with the criteria worked out as for ours."""
    for k in sorted(set(ks)):
        found = search_stepmix(table.units, k, seed=seed)

        def again(drawn: IndexArray, start: int, k: int = k) -> IndexArray:
            return recluster_stepmix(table.units.rows(drawn), k, seed=start)

        yield Solution(
            "stepmix",
            ENCODING,
            found.labels,
            table.coordinates,
            _rule(table, found),
            again,
            bic=bic(found, len(table.units)),
            log_evidence=log_evidence(found, table.units),
            settings="own spreads",
        )


def famd_kmeans_solutions(table: MixedTable, ks: Iterable[int], *, seed: int) -> Iterator[Solution]:
    """Yield KMeans' clusters on the axes for each number of segments from 2."""
    n_distinct = len(np.unique(table.coordinates, axis=0))
    scales = np.ones(table.coordinates.shape[1])
    for k in sorted(k for k in set(ks) if k < n_distinct):

        def again(drawn: IndexArray, start: int, k: int = k) -> IndexArray:
            resample = table.coordinates[drawn]
            n_clusters = min(k, len(np.unique(resample, axis=0)))
            return find_clusters(resample, n_clusters, n_init=STARTS, seed=start).labels

        found = find_clusters(table.coordinates, k, n_init=STARTS, seed=seed)
        rule = kmeans_rule(table.features, found, scales, table.coordinates.size)
        projected = SegmentRule(table.features, rule.parameters, table.projection)
        components = f"{table.coordinates.shape[1]} components"
        yield Solution("famd_kmeans", ENCODING, found.labels, table.coordinates, projected, again, settings=components)


def famd_hdbscan_solutions(table: MixedTable) -> Iterator[Solution]:
    """Yield the best clusters of a grid for each number of them that it finds; none where all is noise.

    New units are labelled by the mixture of these clusters, which gives a segment to those as well whom HDBSCAN leaves out.
    """
    for clusters in search_density(table.coordinates):
        yield _density_solution(table, clusters)


def _density_solution(table: MixedTable, clusters: DensityClusters) -> Solution:
    def again(drawn: IndexArray, _start: int) -> IndexArray:
        return clusters.settings.cluster(table.coordinates[drawn])

    used = table.coordinates[:, : clusters.settings.n_components]
    rule = _rule(table, mixture_of_labels(table.units, clusters.labels))
    settings = clusters.settings.words
    return Solution("famd_hdbscan", ENCODING, clusters.labels, used, rule, again, settings=settings)


def _rule(table: MixedTable, found: FoundMixture) -> SegmentRule:
    return SegmentRule(table.features, table.units.original(found.parameters))


def mixture_of_clusters(table: MixedTable, labels: IndexArray) -> SegmentRule:
    """Return the mixture of given clusters; ``labels`` count from 0, and a unit below 0 shapes none of them."""
    return _rule(table, mixture_of_labels(table.units, labels))


def one_segment(table: MixedTable) -> SegmentRule:
    """Return the rule by which all units belong together."""
    return mixture_of_clusters(table, np.zeros(len(table.units), dtype=np.intp))
