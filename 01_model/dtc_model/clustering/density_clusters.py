"""Clusters as dense regions on the axes of a factor analysis: HDBSCAN over a small grid, judged by DBCV."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors

from dtc_model.clustering.density_index import density_validity
from dtc_model.rule import FloatArray, IndexArray

COMPONENTS: Final = (5, 6, 8)
"""Numbers of axes that are tried. DBCV prefers few of them, on which groups that differ fall together."""
SMALLEST_SHARES: Final = (0.02, 0.04, 0.06)
"""Shares of the units that a cluster must have, as they are tried."""
NEIGHBOURS: Final = (None, 5)
"""Neighbours by which a unit's density is told; None for as many as the smallest cluster has units."""
CLUSTERED_UNITS: Final = 5_000
"""Units that are clustered at most; each of the others gets what the nearest of these got."""

_FEWEST_UNITS: Final = 5
_FEWEST_CLUSTERS: Final = 2


@dataclass(frozen=True)
class DensitySettings:
    """A point of the grid."""

    n_components: int
    smallest_share: float
    n_neighbours: int | None
    epsilon: float
    """Clusters closer than this are not split further, in units of the axes."""

    def cluster(self, coordinates: FloatArray) -> IndexArray:
        """Return the cluster of each unit, -1 for none, ``(n_units,)``."""
        used, rows = coordinates[:, : self.n_components], _sample(len(coordinates))
        smallest = max(_FEWEST_UNITS, round(self.smallest_share * len(rows)))
        found = HDBSCAN(
            min_cluster_size=smallest,
            min_samples=self.n_neighbours,
            cluster_selection_epsilon=self.epsilon,
            copy=True,
        ).fit(used[rows])
        labels: IndexArray = found.labels_.astype(np.intp)
        if len(rows) < len(used):
            nearest = NearestNeighbors(n_neighbors=1).fit(used[rows]).kneighbors(used, return_distance=False)
            labels = labels[nearest[:, 0]]
        return labels

    @property
    def words(self) -> str:
        """Say which settings these are."""
        neighbours = self.n_neighbours or "as many as that"
        return (
            f"{self.n_components} components, clusters of at least {self.smallest_share:.0%}, density by {neighbours} "
            f"neighbours, epsilon {self.epsilon:.2g}"
        )


@dataclass(frozen=True, eq=False)
class DensityClusters:
    """What one point of the grid found."""

    settings: DensitySettings
    labels: IndexArray
    """-1 for a unit without a cluster, ``(n_units,)``."""
    validity: float

    @property
    def k(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1


def search_density(coordinates: FloatArray) -> list[DensityClusters]:
    """Return, for each number of clusters that the grid finds, the clusters of the largest DBCV; none if all is noise."""
    best: dict[int, DensityClusters] = {}
    for settings in _grid(coordinates):
        labels = settings.cluster(coordinates)
        k = int(labels.max()) + 1
        if k < _FEWEST_CLUSTERS:
            continue
        validity = density_validity(coordinates[:, : settings.n_components], labels)
        if k not in best or validity > best[k].validity:
            best[k] = DensityClusters(settings, labels, validity)
    return [best[k] for k in sorted(best)]


def _grid(coordinates: FloatArray) -> Iterator[DensitySettings]:
    components = sorted({min(n, coordinates.shape[1]) for n in COMPONENTS})
    for n_components in components:
        epsilons = (0.0, _usual_distance(coordinates[:, :n_components]))
        for share, neighbours, epsilon in product(SMALLEST_SHARES, NEIGHBOURS, epsilons):
            yield DensitySettings(n_components, share, neighbours, epsilon)


def _usual_distance(coordinates: FloatArray) -> float:
    """Return the median distance of a unit to its fifth neighbour."""
    rows = _sample(len(coordinates))
    n_neighbours = min(_FEWEST_UNITS + 1, len(rows))  # the first is the unit itself
    distances, _ = NearestNeighbors(n_neighbors=n_neighbours).fit(coordinates[rows]).kneighbors()
    return float(np.median(distances[:, -1]))


def _sample(n_units: int) -> IndexArray:
    if n_units <= CLUSTERED_UNITS:
        return np.arange(n_units)
    return np.random.default_rng(n_units).choice(n_units, CLUSTERED_UNITS, replace=False)
