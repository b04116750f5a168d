"""KMeans on numbers alone, as they are, by their logarithms and by their ranks."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from dtc_model.clustering.clusters import Clusters, find_clusters
from dtc_model.clustering.feature_columns import FeatureColumns
from dtc_model.clustering.solution import SegmentRule, Solution
from dtc_model.rule import EncodingKind, FloatArray, IndexArray, MixedFeature, MixtureParameters

ENCODINGS: Final[tuple[EncodingKind, ...]] = ("raw", "log1p", "quantile")
STARTS: Final = 10
"""Starts of KMeans, in resamples too."""
_SMALLEST_VARIANCE: Final = 1e-12


def kmeans_solutions(
    columns: FeatureColumns, ks: Iterable[int], encodings: Iterable[EncodingKind], *, seed: int
) -> Iterator[Solution]:
    """Yield KMeans' solution for each encoding and number of segments.

    Numbers as they are and logarithms are divided by their standard deviations; quantiles all run from 0 to 1 already. The
    search starts from the units without gaps: more of them must differ than there are segments.
    """
    for encoding in encodings:
        features = columns.features(encoding)
        encoded = columns.units(features).numbers
        scales = np.ones(encoded.shape[1]) if encoding == "quantile" else np.nanstd(encoded, axis=0)
        scaled = encoded / scales
        n_distinct = len(np.unique(scaled[~np.isnan(scaled).any(axis=1)], axis=0))
        for k in sorted(k for k in set(ks) if k < n_distinct):
            found = find_clusters(scaled, k, n_init=STARTS, seed=seed)
            yield _solution(features, encoding, (scaled, scales), found)


def kmeans_rule(features: tuple[MixedFeature, ...], found: Clusters, scales: FloatArray, n_values: int) -> SegmentRule:
    """Return the rule of the nearest centroid as a mixture: segments of equal share that spread alike in all directions.

    With them the most probable segment is the one with the nearest centroid, and its probability is that of the rule for
    personas (see `dtc_model.rule.describe`).
    """
    variance = max(found.inertia / n_values, _SMALLEST_VARIANCE)
    k = len(found.centroids)
    parameters = MixtureParameters(
        spread="pooled",
        shares=np.full(k, 1 / k),
        means=found.centroids * scales,
        covariance=variance * scales**2,
        probabilities=(),
    )
    return SegmentRule(features, parameters)


def _solution(
    features: tuple[MixedFeature, ...],
    encoding: EncodingKind,
    of_units: tuple[FloatArray, FloatArray],
    found: Clusters,
) -> Solution:
    scaled, scales = of_units
    k = len(found.centroids)

    def recluster(drawn: IndexArray, start: int) -> IndexArray:
        resample = scaled[drawn]
        n_distinct = len(np.unique(resample[~np.isnan(resample).any(axis=1)], axis=0))
        return find_clusters(resample, min(k, n_distinct), n_init=STARTS, seed=start).labels

    n_values = int((~np.isnan(scaled)).sum())
    rule = kmeans_rule(features, found, scales, n_values)
    return Solution("kmeans", encoding, found.labels, scaled, rule, recluster)
