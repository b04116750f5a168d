"""KMeans where answers may be missing."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

from dtc_model.rule import BoolArray, Encoder, FloatArray, squared_distances

MOST_STEPS: Final = 100
"""Steps after which the clusters count as found."""
TOLERANCE: Final = 1e-4
"""Squared movement of all centroids in a step, in mean variances of an answer, below which they have come to rest: that of
scikit-learn's KMeans."""

Labels = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of one k, in scaled units."""

    labels: Labels
    """The cluster of each unit, ``(n_units,)``."""
    centroids: FloatArray
    """``(k, n_coordinates)``."""
    inertia: float
    """Sum of squared distances to the own centroid, over the answered features."""


def find_clusters(scaled: FloatArray, k: int, *, n_init: int, seed: int, start: FloatArray | None = None) -> Clusters:
    """Find k clusters by the answers that were given.

    KMeans is fitted to whoever answered everything. If others left answers out, Lloyd's two steps go on from there with
    everybody: each unit goes to the nearest centroid by the distance over the answered features, which is the rule
    that gives labels, and each centroid to the means of the answers in its cluster. The sum of squared distances over the
    answered features cannot grow in either step. (It is the sum that k-POD minimises: Chi, Chi and Baraniuk, The American
    Statistician 70 (2016) 91-99.)

    Parameters
    ----------
    scaled : ndarray of shape (n_units, n_coordinates)
        Encoded answers, NaN where one is missing; more distinct complete rows than ``k``.
    k : int
    n_init, seed : int
        Starts of KMeans, and where they begin.
    start : ndarray of shape (k, n_features), optional
        Centroids to begin from, once and nowhere else.
    """
    missing = np.isnan(scaled)
    complete = ~missing.any(axis=1)
    if start is None:
        fitted = KMeans(n_clusters=k, n_init=n_init, random_state=seed).fit(scaled[complete])
    else:
        fitted = KMeans(n_clusters=k, init=start, n_init=1, random_state=seed).fit(scaled[complete])
    if complete.all():
        return Clusters(fitted.labels_.astype(np.intp), fitted.cluster_centers_, float(fitted.inertia_))
    centroids = fitted.cluster_centers_
    enough = TOLERANCE * float(np.nanvar(scaled, axis=0).mean())
    labels, inertia = _nearest(scaled, centroids, missing)
    for _ in range(MOST_STEPS):
        before, centroids = centroids, _means(scaled, labels, centroids, missing)
        labels, inertia = _nearest(scaled, centroids, missing)
        if float(((centroids - before) ** 2).sum()) <= enough:
            break
    return Clusters(labels, centroids, inertia)


def clusters_around(scaled: FloatArray, centroids: FloatArray) -> Clusters:
    """Return the clusters of given centroids: every unit belongs to the nearest, by the answers that it gave."""
    labels, inertia = _nearest(scaled, centroids, np.isnan(scaled))
    return Clusters(labels, centroids, inertia)


def _nearest(scaled: FloatArray, centroids: FloatArray, missing: BoolArray) -> tuple[Labels, float]:
    labels, inertia = np.empty(len(scaled), dtype=np.intp), 0.0
    as_they_are = Encoder.of_numbers([str(axis) for axis in range(scaled.shape[1])], np.ones(scaled.shape[1]))
    for rows, squares in squared_distances(scaled, as_they_are, np.ascontiguousarray(centroids.T), missing):
        squares.argmin(axis=0, out=labels[rows])
        inertia += float(squares.min(axis=0).sum())
    return labels, inertia


def _means(scaled: FloatArray, labels: Labels, centroids: FloatArray, missing: BoolArray) -> FloatArray:
    """Return each cluster's mean answers; where it has none the centroid stays."""
    means = centroids.copy()
    for cluster in range(len(centroids)):
        own = labels == cluster
        counts = (~missing[own]).sum(axis=0)
        np.divide(np.nansum(scaled[own], axis=0), counts, out=means[cluster], where=counts > 0)
    return means
