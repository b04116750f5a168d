"""The figures by which a solution is judged."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from dtc_model.clustering import NO_SEGMENT, Solution, density_validity
from dtc_model.discovery.stability import resampled_stability
from dtc_model.rule import FloatArray, IndexArray

SILHOUETTE_UNITS: Final = 10_000
"""Units the silhouette is computed on at most; its cost grows with their square."""
STABLE: Final = 0.75
"""Jaccard similarity below which a segment should not be relied upon (see `resampled_stability`)."""
SMALLEST_SHARE: Final = 0.05
"""Share of the units below which a segment is too small to do something for."""


@dataclass(frozen=True, eq=False)
class MeasuredSolution:
    """A solution with its figures."""

    solution: Solution
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    dbcv: float
    """NaN but for methods on the axes of mixed features, for which it is meant."""
    jaccard: FloatArray
    """Per segment, how well it comes back in resamples, ``(k,)``."""
    shares: FloatArray
    """Of all units, ``(k,)``."""

    @property
    def name(self) -> str:
        """What it is called among the others."""
        return f"{self.solution.method} {self.solution.encoding} k = {self.solution.k}"

    @property
    def weakest(self) -> float:
        """Jaccard similarity of the segment that comes back worst."""
        return float(self.jaccard.min())

    @property
    def is_sound(self) -> bool:
        """Whether every segment comes back and has enough units."""
        return self.weakest >= STABLE and float(self.shares.min()) >= SMALLEST_SHARE

    @property
    def row(self) -> dict[str, Any]:
        """The figures by name."""
        solution = self.solution
        return {
            "method": solution.method,
            "encoding": solution.encoding,
            "k": solution.k,
            "silhouette": self.silhouette,
            "calinski_harabasz": self.calinski_harabasz,
            "davies_bouldin": self.davies_bouldin,
            "bic": solution.bic,
            "log_evidence": solution.log_evidence,
            "dbcv": self.dbcv,
            "units": tuple(int(count) for count in np.round(self.shares * len(solution.labels))),
            "jaccard": tuple(round(float(value), 4) for value in self.jaccard),
            "jaccard_min": self.weakest,
            "smallest_share": float(self.shares.min()),
            "share_without": float((solution.labels == NO_SEGMENT).mean()),
            "settings": solution.settings,
        }


def measure(solution: Solution, *, n_bootstraps: int, seed: int) -> MeasuredSolution:
    """Return a solution with its figures; those of distances are of units with a segment and without gaps."""
    solution = solution.largest_first()
    labels, k = solution.labels, solution.k
    known = (labels != NO_SEGMENT) & ~np.isnan(solution.coordinates).any(axis=1)
    silhouette, calinski_harabasz, davies_bouldin = _of_distances(solution.coordinates[known], labels[known], seed)
    jaccard = resampled_stability(
        labels,
        k,
        solution.recluster,
        n_bootstraps=n_bootstraps,
        seed=seed,
        with_replacement=solution.method != "famd_hdbscan",
    )
    has_density = solution.method != "kmeans" and k > 1
    return MeasuredSolution(
        solution,
        silhouette=silhouette,
        calinski_harabasz=calinski_harabasz,
        davies_bouldin=davies_bouldin,
        dbcv=density_validity(solution.coordinates, labels) if has_density else float("nan"),
        jaccard=jaccard,
        shares=np.bincount(labels[labels != NO_SEGMENT], minlength=k) / len(labels),
    )


def _of_distances(coordinates: FloatArray, labels: IndexArray, seed: int) -> tuple[float, float, float]:
    n_found = len(np.unique(labels))
    if not 1 < n_found < len(labels):
        return float("nan"), float("nan"), float("nan")
    rows = np.arange(len(labels))
    if len(rows) > SILHOUETTE_UNITS:
        _, first_of_each = np.unique(labels, return_index=True)
        drawn = np.random.default_rng(seed).choice(len(labels), SILHOUETTE_UNITS, replace=False)
        rows = np.union1d(drawn, first_of_each)
    return (
        float(silhouette_score(coordinates[rows], labels[rows])),
        float(calinski_harabasz_score(coordinates, labels)),
        float(davies_bouldin_score(coordinates, labels)),
    )
