"""How stable the clusters of a wave are: whether they come back when other units of the same kind had been there."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

from dtc_model.clustering import Recluster
from dtc_model.rule import FloatArray

RESAMPLED_UNITS: Final = 5_000
"""Units of a resample at most: enough to tell a stable cluster from another, and a large wave stays fast."""
SUBSET_SHARE: Final = 0.8
"""Share of the units in a resample without replacement."""

Labels = npt.NDArray[np.integer[Any]]


def cluster_stability(  # noqa: PLR0913 - what is resampled and how, by keyword
    scaled: FloatArray, labels: Labels, k: int, *, n_bootstraps: int, seed: int, n_init: int = 1
) -> FloatArray:
    """Return each KMeans cluster's mean Jaccard similarity to its counterpart over bootstrap resamples, ``(k,)``.

    See `resampled_stability`. KMeans starts at random and not from the centroids found before: from there it would seldom
    leave them, and every cluster would look stable.

    Parameters
    ----------
    scaled : ndarray of shape (n_units, n_coordinates)
        Encoded answers.
    labels : ndarray of shape (n_units,)
        The cluster of each, from 0 to k - 1.
    k : int
        Number of clusters.
    n_bootstraps : int
        Number of resamples.
    seed : int
        Of the resamples and of KMeans.
    n_init : int
        Starts of KMeans. With one, where it ends by bad luck counts against a cluster; with as many as the clusters
        themselves were found with, only the units do.

    Returns
    -------
    ndarray
        0 for a cluster of which nobody was ever drawn.
    """

    def recluster(drawn: npt.NDArray[np.intp], start: int) -> Labels:
        resample = scaled[drawn]
        n_clusters = min(k, len(np.unique(resample, axis=0)))
        found: Labels = KMeans(n_clusters=n_clusters, n_init=n_init, random_state=start).fit(resample).labels_
        return found

    return resampled_stability(labels, k, recluster, n_bootstraps=n_bootstraps, seed=seed)


def resampled_stability(  # noqa: PLR0913 - what is resampled and how, by keyword
    labels: Labels, k: int, recluster: Recluster, *, n_bootstraps: int, seed: int, with_replacement: bool = True
) -> FloatArray:
    """Return each cluster's mean Jaccard similarity to its counterpart over resamples, ``(k,)``.

    Each resample is clustered again, and each original cluster, reduced to the resampled units, is compared with the new
    cluster that it shares most with. 1: the cluster always comes back. Below 0.75 it should not be relied upon; below 0.5
    it dissolves (Hennig, Computational Statistics & Data Analysis 52 (2007) 258-271; the bounds: Hennig, Journal of
    Multivariate Analysis 99 (2008) 1154-1176).

    Parameters
    ----------
    labels : ndarray of shape (n_units,)
        The cluster of each, from 0 to k - 1, and below 0 for none.
    k : int
    refit : callable
        Clusters resampled units.
    n_bootstraps, seed : int
    with_replacement : bool
        Bootstrap resamples, or else subsets of `SUBSET_SHARE`: the same unit drawn twice is a dense place of its own to a
        method that looks for density.

    Returns
    -------
    ndarray
        0 for a cluster of which nobody was ever drawn.
    """
    rng = np.random.default_rng(seed)
    share = 1.0 if with_replacement else SUBSET_SHARE
    size = min(round(share * len(labels)), RESAMPLED_UNITS)
    total, counted = np.zeros(k), np.zeros(k)
    for _ in range(n_bootstraps):
        if with_replacement:
            drawn = rng.integers(len(labels), size=size)
        else:
            drawn = rng.choice(len(labels), size, replace=False)
        again = recluster(drawn, int(rng.integers(2**31)))
        # Row and column 0 are for units without a cluster: they count in no cluster, but none is compared with them.
        whole = contingency(labels[drawn] + 1, again + 1, (k + 1, max(k, int(again.max(initial=-1)) + 1) + 1))
        before, after, both = whole.sum(axis=1)[1:], whole.sum(axis=0)[1:], whole[1:, 1:]
        either = before[:, None] + after - both
        total += (both / np.maximum(either, 1)).max(axis=1)
        counted += before > 0
    stability: FloatArray = total / np.maximum(counted, 1)
    return stability


def contingency(rows: Labels, columns: Labels, shape: tuple[int, int]) -> FloatArray:
    """Count how many units have each pair of labels, ``shape``."""
    counts = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)
