"""Clusters as dense regions on the axes of a factor analysis: HDBSCAN over a small grid, judged by DBCV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

from dtc_model.clustering.density_index import density_validity
from dtc_model.rule import FloatArray, IndexArray

COMPONENTS: Final = (5, 6, 8)
"""Numbers of axes that are tried. DBCV prefers few of them, on which groups that differ fall together."""
SMALLEST_SHARES: Final = (0.02, 0.04, 0.06)
"""Shares of the units that a cluster must have, as they are tried."""
NEIGHBOURS: Final = (None, 5)
"""Neighbours by which a unit's density is told; None for as many as the smallest cluster has units."""
EPSILONS: Final = (0.0, 1.0)
"""Distances below which clusters are not split further, in median distances of a unit to its fifth neighbour."""
CLUSTERED_UNITS: Final = 5_000
"""Units that are clustered at most; each of the others gets what the nearest of these got."""

_FEWEST_UNITS: Final = 5
_FEWEST_CLUSTERS: Final = 2
_MEASURED_UNITS: Final = 5_000


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
    """DBCV, see `density_validity`; NaN with fewer than two clusters."""

    @property
    def k(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=-1)) + 1

    @property
    def share_without(self) -> float:
        """Share of the units without a cluster."""
        return float((self.labels < 0).mean())

    def row(self, coordinates: FloatArray) -> dict[str, Any]:
        """Return settings and figures by name; the silhouette is that of the units with a cluster."""
        inside = self.labels >= 0
        some = coordinates[inside, : self.settings.n_components][:_MEASURED_UNITS]
        labels = self.labels[inside][:_MEASURED_UNITS]
        is_measured = _FEWEST_CLUSTERS <= len(np.unique(labels)) < len(labels)
        return {
            "n_components": self.settings.n_components,
            "smallest_share": self.settings.smallest_share,
            "n_neighbours": self.settings.n_neighbours or 0,
            "epsilon": self.settings.epsilon,
            "k": self.k,
            "dbcv": self.validity,
            "silhouette": float(silhouette_score(some, labels)) if is_measured else float("nan"),
            "share_without": self.share_without,
        }


def search_density(coordinates: FloatArray) -> list[DensityClusters]:
    """Return, for each number of clusters that the grid finds, the clusters of the largest DBCV; none if all is noise."""
    best: dict[int, DensityClusters] = {}
    for found in density_grid(coordinates):
        if found.k >= _FEWEST_CLUSTERS and (found.k not in best or found.validity > best[found.k].validity):
            best[found.k] = found
    return [best[k] for k in sorted(best)]


def density_grid(
    coordinates: FloatArray,
    *,
    components: Iterable[int] = COMPONENTS,
    smallest_shares: Sequence[float] = SMALLEST_SHARES,
    neighbours: Sequence[int | None] = NEIGHBOURS,
    epsilons: Sequence[float] = EPSILONS,
) -> Iterator[DensityClusters]:
    """Yield the clusters of every point of a grid.

    Parameters
    ----------
    coordinates : ndarray of shape (n_units, n_components)
        On the axes of a factor analysis.
    components : iterable of int
        Numbers of axes; those beyond the axes that there are count as all of them.
    smallest_shares : sequence of float
        Shares of the units that a cluster must have.
    neighbours : sequence of int or None
        See `NEIGHBOURS`.
    epsilons : sequence of float
        See `EPSILONS`.
    """
    for n_components in sorted({min(n, coordinates.shape[1]) for n in components}):
        used = coordinates[:, :n_components]
        usual = _usual_distance(used)
        for share, near, epsilon in product(smallest_shares, neighbours, epsilons):
            settings = DensitySettings(n_components, share, near, epsilon * usual)
            labels = settings.cluster(coordinates)
            yield DensityClusters(settings, labels, density_validity(used, labels))


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
