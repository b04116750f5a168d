"""How well clusters of any shape are separated, for the density they have: DBCV."""

from typing import Final

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from dtc_model.rule import FloatArray, IndexArray

MEASURED_UNITS: Final = 2_000
"""Units on which it is measured at most; its cost grows with their square."""
_SMALLEST: Final = 1e-12
_FEWEST: Final = 2


def density_validity(coordinates: FloatArray, labels: IndexArray) -> float:
    """Return the density-based validity of clusters, from -1 to 1 (Moulavi and others, SIAM SDM (2014) 839-847).

    Each cluster's sparsest link within is held against its densest link to another cluster, weighted by the cluster's share
    of all units; units without a cluster count in the shares only. It rewards few, far clusters, and leaving the others out.

    Parameters
    ----------
    coordinates : ndarray of shape (n_units, n_components)
    labels : ndarray of shape (n_units,)
        The cluster of each, below 0 for none.

    Returns
    -------
    float
        NaN with fewer than two clusters of two units.
    """
    rows = _sample(len(labels))
    coordinates, labels = coordinates[rows], labels[rows]
    members = [np.flatnonzero(labels == cluster) for cluster in np.unique(labels[labels >= 0])]
    members = [own for own in members if len(own) >= _FEWEST]
    if len(members) < _FEWEST:
        return float("nan")
    parts = [_inside(coordinates[own]) for own in members]
    validity = 0.0
    for position, (own, (_, sparsest, inner)) in enumerate(zip(members, parts, strict=True)):
        densest = min(
            _between(
                coordinates,
                (own[inner], parts[position][0][inner]),
                (other[parts[number][2]], parts[number][0][parts[number][2]]),
            )
            for number, other in enumerate(members)
            if number != position
        )
        validity += len(own) / len(labels) * (densest - sparsest) / max(densest, sparsest, _SMALLEST)
    return validity


def _inside(coordinates: FloatArray) -> tuple[FloatArray, float, IndexArray]:
    """Return the core distances of a cluster's units, its sparsest link between inner units, and which units are inner."""
    n_units, n_components = coordinates.shape
    distances = np.maximum(cdist(coordinates, coordinates), _SMALLEST)
    np.fill_diagonal(distances, np.inf)
    # The mean of (1 / distance) to the power of the components, in logs since it overflows with many of them.
    logs = -n_components * np.log(distances)
    largest = logs.max(axis=1)
    means = largest + np.log(np.exp(logs - largest[:, None]).sum(axis=1) / (n_units - 1))
    cores: FloatArray = np.exp(-means / n_components)
    reachable = np.maximum(np.maximum(cores[:, None], cores), distances)
    np.fill_diagonal(reachable, 0.0)
    tree = minimum_spanning_tree(reachable).tocoo()
    is_inner = np.bincount(np.concatenate([tree.row, tree.col]), minlength=n_units) > 1
    between_inner = is_inner[tree.row] & is_inner[tree.col]
    sparsest = float(tree.data[between_inner].max() if between_inner.any() else tree.data.max())
    inner: IndexArray = np.flatnonzero(is_inner) if is_inner.any() else np.arange(n_units)
    return cores, sparsest, inner


def _between(
    coordinates: FloatArray, one: tuple[IndexArray, FloatArray], other: tuple[IndexArray, FloatArray]
) -> float:
    """Return the densest link between the inner units of two clusters, given with their core distances."""
    distances = cdist(coordinates[one[0]], coordinates[other[0]])
    return float(np.maximum(np.maximum(one[1][:, None], other[1]), distances).min())


def _sample(n_units: int) -> IndexArray:
    if n_units <= MEASURED_UNITS:
        return np.arange(n_units)
    return np.random.default_rng(n_units).choice(n_units, MEASURED_UNITS, replace=False)
