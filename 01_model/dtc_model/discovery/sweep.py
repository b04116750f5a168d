"""The sweep: KMeans once for each k, and the figures to choose by.

KMeans works on the encoded answers. Silhouette, stability and the figures beside them need every answer, and are measured on
whoever left nothing out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue, Words
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import Clusters, find_clusters
from dtc_model.discovery.stability import Labels, cluster_stability
from dtc_model.errors import TrainingError
from dtc_model.rule import Encoder, FloatArray, as_answers, missing_answers

SILHOUETTE_UNITS: Final = 10_000
"""Respondents the silhouette is computed on at most; its cost grows with their square (about a second for these)."""
_ON_THE_CENTROIDS: Final = 1e-12
"""Share of the total squared deviation below which an inertia is what rounding left."""


@dataclass(frozen=True, eq=False)
class SweepEntry:
    """What KMeans found for one k."""

    k: int
    silhouette: float
    """Rousseeuw, Journal of Computational and Applied Mathematics 20 (1987); of a sample in a large wave."""
    inertia: float
    """Sum of squared scaled distances to the own centroid, over the answered features; 0 if all lie on centroids."""
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
    spreads: FloatArray | None = None
    """Of a mixture, standard deviations in scaled units, ``(k, n_features)``."""

    @property
    def silhouette_inertia_ratio(self) -> float:
        """Silhouette x 1000 / inertia: rewards separation and tightness together.

        It depends on the number of respondents and on the scales: compare it within one sweep only. 0 where the inertia
        is: a cluster for each distinct answer separates nothing from anything.
        """
        return self.silhouette * 1000 / self.inertia if self.inertia else 0.0

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
    left_out: tuple[int, ...] = ()
    """Each k that was asked for and not tried, since the wave has too few distinct answers for it."""
    n_distinct: int = 0
    """Distinct complete sets of answers in the wave."""

    @property
    def best(self) -> SweepEntry:
        """The entry with the largest silhouette-inertia ratio of this sweep."""
        return max(self.entries, key=lambda entry: entry.silhouette_inertia_ratio)

    @property
    def words(self) -> str:
        """Say how far the sweep went; nothing if it went all the way."""
        if not self.left_out:
            return ""
        return (
            f"the sweep ended at k = {self.entries[-1].k} instead of k = {self.left_out[-1]}, since the wave holds only "
            f"{self.n_distinct} distinct sets of answers"
        )

    def entry(self, k: int) -> SweepEntry:
        """Return the entry of one k."""
        return next(entry for entry in self.entries if entry.k == k)


def run_sweep(  # noqa: PLR0913 - options with defaults, by keyword
    answers: npt.ArrayLike,
    catalogue: Catalogue,
    *,
    ks: Iterable[int] = range(2, 11),
    candidate_k: int | None = None,
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
        Numbers of clusters to try; those for which there are too few distinct complete respondents are left out.
    candidate_k : int, optional
        The number that cannot be left out; the catalogue's number of personas if not given.
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
        If a k is below 2, or the complete respondents do not suffice for ``candidate_k``.
    AnswersError
        If an answer is missing and may not be, not finite or too large.
    """
    checked = as_answers(answers, catalogue.feature_names)
    missing = missing_answers(checked, catalogue.missing_answers.minimum_answered)
    encoder = Encoder.of_catalogue(catalogue)
    scaled = encoder.encode(checked, missing)
    complete = ~np.isnan(scaled).any(axis=1)
    wanted = sorted({*ks, candidate_k or len(catalogue.segments)})
    n_distinct = len(np.unique(scaled[complete], axis=0))
    tried = _possible(wanted, candidate_k or len(catalogue.segments), n_distinct, int(complete.sum()), catalogue.words)
    entries = []
    with threadpool_limits(1):  # threads add in any order, which changes the last digits of the centroids
        for k in tried:
            found = find_clusters(scaled, k, n_init=n_init, seed=seed)
            labels = found.labels[complete]
            stabilities = cluster_stability(scaled[complete], labels, k, n_bootstraps=n_bootstraps, seed=seed)
            centroids = decoded(found, encoder, checked)
            entries.append(measure_entry(found, scaled[complete], labels, centroids, stabilities, seed))
            report_progress(entries[-1])
    left_out = tuple(k for k in wanted if k not in tried)
    return Sweep(tuple(entries), len(scaled), left_out, n_distinct)


def _possible(ks: list[int], candidate_k: int, n_distinct: int, n_complete: int, words: Words) -> list[int]:
    """Return each k below the number of distinct answers, and the candidate's, which may be that number.

    The silhouette needs at least one unit more than clusters.
    """
    if ks[0] < 2:  # noqa: PLR2004 - one cluster has no neighbour to be compared with
        raise TrainingError(f"cannot try k = {ks}: every k must be at least 2")
    if candidate_k > min(n_distinct, n_complete - 1):
        raise TrainingError(
            f"{n_complete} complete {words.units} with {n_distinct} distinct sets of answers are too few for the "
            f"candidate's k = {candidate_k}: it needs as many distinct sets of answers as clusters, and one "
            f"{words.unit} more. Train on a larger wave"
        )
    return [k for k in ks if k < n_distinct or k == candidate_k]


def decoded(found: Clusters, encoder: Encoder, answers: FloatArray) -> FloatArray:
    """Return centroids in the unit of the answers; what a projection leaves out is the mean of each cluster's columns."""
    if encoder.projection is None:
        return encoder.decode(found.centroids)
    columns = encoder.columns(answers).T
    means = [columns[found.labels == cluster].mean(axis=0) for cluster in range(len(found.centroids))]
    return encoder.decode(np.array(means))


def measure_entry(  # noqa: PLR0913, PLR0917 - what was found, and those on whom it is measured
    found: Clusters, complete: FloatArray, labels: Labels, centroids: FloatArray, stabilities: FloatArray, seed: int
) -> SweepEntry:
    """Return the figures of one k, which are those of who left nothing out."""
    rows = _silhouette_rows(labels, seed)
    k = len(stabilities)
    deviation = float(((complete - complete.mean(axis=0)) ** 2).sum())
    return SweepEntry(
        k=k,
        silhouette=float(silhouette_score(complete[rows], labels[rows])),
        inertia=found.inertia if found.inertia > _ON_THE_CENTROIDS * deviation else 0.0,
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
