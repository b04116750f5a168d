"""How stable the clusters of a wave are: whether they come back when other respondents of the same kind had answered."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

from dtc_model.rule import FloatArray

RESAMPLED_UNITS: Final = 5_000
"""Respondents of a resample at most: enough to tell a stable cluster from another, and a large wave stays fast."""

Labels = npt.NDArray[np.integer[Any]]


def cluster_stability(scaled: FloatArray, labels: Labels, k: int, *, n_bootstraps: int, seed: int) -> FloatArray:
    """Give each cluster's mean Jaccard similarity to its counterpart over bootstrap resamples, ``(k,)``.

    Each resample is clustered anew, and each original cluster, reduced to the resampled respondents, is compared with the
    new cluster that it shares most with. 1: the cluster always comes back. Below 0.75 it should not be relied upon; below
    0.5 it dissolves (Hennig, Computational Statistics & Data Analysis 52 (2007) 258-271; the bounds: Hennig, Journal of
    Multivariate Analysis 99 (2008) 1154-1176). KMeans starts once, at random and not from the centroids found before: from
    there it would seldom leave them, and every cluster would look stable.

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

    Returns
    -------
    ndarray
        0 for a cluster of which nobody was ever drawn.
    """
    rng = np.random.default_rng(seed)
    size = min(len(scaled), RESAMPLED_UNITS)
    total, counted = np.zeros(k), np.zeros(k)
    for _ in range(n_bootstraps):
        drawn = rng.integers(len(scaled), size=size)
        resample = scaled[drawn]
        again = KMeans(
            n_clusters=min(k, len(np.unique(resample, axis=0))), n_init=1, random_state=int(rng.integers(2**31))
        )
        both = contingency(labels[drawn], again.fit(resample).labels_, (k, k))
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
        total += (both / np.maximum(either, 1)).max(axis=1)
        counted += both.sum(axis=1) > 0
    stability: FloatArray = total / np.maximum(counted, 1)
    return stability


def contingency(rows: Labels, columns: Labels, shape: tuple[int, int]) -> FloatArray:
    """Count how many respondents have each pair of labels, ``shape``."""
    counts = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)
