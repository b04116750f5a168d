"""The sweep: KMeans once for each k, and the figures to choose by.

KMeans works on the encoded answers. Silhouette, stability and the figures beside them need every answer, and are measured on
whoever left nothing out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.discovery.clusters import Clusters, Labels, find_clusters
from dtc_model.discovery.stability import cluster_stability
from dtc_model.errors import TrainingError
from dtc_model.rule import Encoder, FloatArray, as_answers, missing_answers

SILHOUETTE_UNITS: Final = 10_000
"""Respondents the silhouette is computed on at most; its cost grows with their square (about a second for these)."""


@dataclass(frozen=True, eq=False)
class SweepEntry:
    """What KMeans found for one k."""

    k: int
    silhouette: float
    """Rousseeuw, Journal of Computational and Applied Mathematics 20 (1987); of a sample in a large wave."""
    inertia: float
    """Sum of squared scaled distances to the own centroid, over the answered features."""
    calinski_harabasz: float
    """Caliński and Harabasz, Communications in Statistics 3 (1974)."""
    davies_bouldin: float
    """Davies and Bouldin, IEEE Transactions on Pattern Analysis and Machine Intelligence 1 (1979)."""
    centroids: FloatArray
    """In the unit of the answers, with the share of each value of a category, ``(k, n_columns)``."""
    stabilities: FloatArray
    """Per cluster, ``(k,)``; see `dtc_model.discovery.stability.cluster_stability`."""
    shares: FloatArray
    """Share of the respondents in each cluster, ``(k,)``."""

    @property
    def silhouette_inertia_ratio(self) -> float:
        """Silhouette x 1000 / inertia: rewards separation and tightness together.

        It depends on the number of respondents and on the scales: compare it within one sweep only.
        """
        return self.silhouette * 1000 / self.inertia

    @property
    def metrics(self) -> dict[str, float]:
        """All figures by name."""
        return {
            "silhouette": self.silhouette,
            "inertia": self.inertia,
            "silhouette_inertia_ratio": self.silhouette_inertia_ratio,
            "calinski_harabasz": self.calinski_harabasz,
            "davies_bouldin": self.davies_bouldin,
            "stability": float(self.stabilities.min()),
            "smallest_share": float(self.shares.min()),
        }


@dataclass(frozen=True, eq=False)
class Sweep:
    """The entries of one sweep, in ascending k."""

    entries: tuple[SweepEntry, ...]
    n_units: int
    """Those that the clusters were fitted to."""

    @property
    def best(self) -> SweepEntry:
        """The entry with the largest silhouette-inertia ratio of this sweep."""
        return max(self.entries, key=lambda entry: entry.silhouette_inertia_ratio)

    def entry(self, k: int) -> SweepEntry:
        """Give the entry of one k."""
        return next(entry for entry in self.entries if entry.k == k)


def run_sweep(  # noqa: PLR0913 - options with defaults, by keyword
    answers: npt.ArrayLike,
    catalogue: Catalogue,
    *,
    ks: Iterable[int] = range(2, 11),
    seed: int = 42,
    n_init: int = 10,
    n_bootstraps: int = 20,
    report_progress: Callable[[SweepEntry], None] = lambda _: None,
) -> Sweep:
    """Cluster the respondents for each k.

    Parameters
    ----------
    answers : array_like of shape (n_units, n_features)
        In the unit of the survey and the order of the catalogue's features; NaN where an answer is missing. Of respondents
        who answered enough for a label.
    catalogue : Catalogue
        Gives the features and their scales, and says whether answers may be missing.
    ks : iterable of int
        Numbers of clusters to try.
    seed : int
        Of KMeans' starts and of the silhouette's sample; the same seed gives the same sweep.
    n_init : int
        Starts of KMeans per k.
    n_bootstraps : int
        Resamples per k for the stability of the clusters.
    report_progress : callable
        Called with each entry when it is there.

    Raises
    ------
    TrainingError
        If a k is below 2, or there are not more distinct complete respondents than the largest k.
    AnswersError
        If an answer is missing and may not be, not finite or too large.
    """
    checked = as_answers(answers, catalogue.feature_names)
    missing = missing_answers(checked, catalogue.missing_answers.minimum_answered)
    encoder = Encoder.of_catalogue(catalogue)
    scaled = encoder.encode(checked, missing)
    complete = ~np.isnan(scaled).any(axis=1)
    wanted = sorted(set(ks))
    _check_enough(scaled[complete], wanted, catalogue.words.units)
    entries = []
    with threadpool_limits(1):  # threads add in any order, which changes the last digits of the centroids
        for k in wanted:
            found = find_clusters(scaled, k, n_init=n_init, seed=seed)
            labels = found.labels[complete]
            stabilities = cluster_stability(scaled[complete], labels, k, n_bootstraps=n_bootstraps, seed=seed)
            centroids = _decoded(found, encoder, checked)
            entries.append(_measure(found, scaled[complete], labels, centroids, stabilities, seed))
            report_progress(entries[-1])
    return Sweep(tuple(entries), len(scaled))


def _check_enough(scaled: FloatArray, ks: list[int], units: str) -> None:
    if not ks or ks[0] < 2:  # noqa: PLR2004 - one cluster has no neighbour to be compared with
        raise TrainingError(f"cannot try k = {ks}: every k must be at least 2")
    n_distinct = len(np.unique(scaled, axis=0))
    if n_distinct <= ks[-1]:
        raise TrainingError(
            f"{len(scaled)} complete {units} with {n_distinct} distinct answers are too few for k = {ks[-1]}: "
            f"more distinct {units} than clusters are needed; lower TRAIN_K_MAX or train on a larger wave"
        )


def _decoded(found: Clusters, encoder: Encoder, answers: FloatArray) -> FloatArray:
    """Return centroids in the unit of the answers; what a projection leaves out is the mean of each cluster's columns."""
    if encoder.projection is None:
        return encoder.decode(found.centroids)
    columns = encoder.columns(answers).T
    means = [columns[found.labels == cluster].mean(axis=0) for cluster in range(len(found.centroids))]
    return encoder.decode(np.array(means))


def _measure(  # noqa: PLR0913, PLR0917 - what was found, and those on whom it is measured
    found: Clusters, complete: FloatArray, labels: Labels, centroids: FloatArray, stabilities: FloatArray, seed: int
) -> SweepEntry:
    rows = _silhouette_rows(labels, seed)
    k = len(stabilities)
    return SweepEntry(
        k=k,
        silhouette=float(silhouette_score(complete[rows], labels[rows])),
        inertia=found.inertia,
        calinski_harabasz=float(calinski_harabasz_score(complete, labels)),
        davies_bouldin=float(davies_bouldin_score(complete, labels)),
        centroids=centroids,
        stabilities=stabilities,
        shares=np.bincount(found.labels, minlength=k) / len(found.labels),
    )


def _silhouette_rows(labels: Labels, seed: int) -> npt.NDArray[np.intp]:
    """Choose the respondents for the silhouette: the same for every k, and one of each cluster at least."""
    if len(labels) <= SILHOUETTE_UNITS:
        return np.arange(len(labels))
    sample = np.random.default_rng(seed).choice(len(labels), SILHOUETTE_UNITS, replace=False)
    _, first_of_each = np.unique(labels, return_index=True)
    return np.union1d(sample, first_of_each)
