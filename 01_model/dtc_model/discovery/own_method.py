"""Segments by a method that somebody tries, with the figures of a sweep."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import clusters_around
from dtc_model.discovery.stability import Labels, resampled_stability
from dtc_model.discovery.sweep import Sweep, decoded, measure_entry
from dtc_model.errors import TrainingError
from dtc_model.rule import Encoder, FloatArray, as_answers, missing_answers

OwnMethod = Callable[[FloatArray, int], Labels]
"""Takes encoded answers without gaps ``(n_units, n_columns)`` and a seed, and returns the cluster of each unit, below 0 for
none, ``(n_units,)``."""

_FEWEST_CLUSTERS = 2


def sweep_by(
    method: OwnMethod, answers: npt.ArrayLike, catalogue: Catalogue, *, seed: int = 42, n_bootstraps: int = 20
) -> Sweep:
    """Return what a method finds, as a sweep with one entry.

    Whatever the method, units are labelled by the nearest centroid afterwards, as the rule of the catalogue does it: the
    figures are those of that rule, and only the stability is that of the method, found again in subsets of the units.

    Parameters
    ----------
    method : callable
        See `OwnMethod`; it sees who left nothing out.
    answers : array_like of shape (n_units, n_features)
        As `run_sweep` takes them.
    catalogue : Catalogue
        Gives the features and their scales.
    seed : int
        Given to the method, and of the subsets.
    n_bootstraps : int
        Subsets for the stability.

    Raises
    ------
    TrainingError
        If the method does not return a cluster for each unit, or finds fewer than two.
    """
    checked = as_answers(answers, catalogue.feature_names)
    encoder = Encoder.of_catalogue(catalogue)
    scaled = encoder.encode(checked, missing_answers(checked, catalogue.missing_answers.minimum_answered))
    complete = ~np.isnan(scaled).any(axis=1)
    with threadpool_limits(1):  # as in `run_sweep`
        labels = _found(method, scaled[complete], seed)
        k = int(labels.max()) + 1
        if k < _FEWEST_CLUSTERS:
            found, units = ("one cluster" if k else "no cluster"), catalogue.words.units
            raise TrainingError(
                f"the method found {found} among {len(labels):,} {units}: there is nothing to register. Let it find two or more"
            )
        centroids = np.array([scaled[complete][labels == cluster].mean(axis=0) for cluster in range(k)])
        found_clusters = clusters_around(scaled, centroids)
        stabilities = resampled_stability(
            labels,
            k,
            lambda drawn, start: _found(method, scaled[complete][drawn], start),
            n_bootstraps=n_bootstraps,
            seed=seed,
            with_replacement=False,
        )
        entry = measure_entry(
            found_clusters,
            scaled[complete],
            found_clusters.labels[complete],
            decoded(found_clusters, encoder, checked),
            stabilities,
            seed,
        )
    return Sweep((entry,), len(scaled), n_distinct=len(np.unique(scaled[complete], axis=0)))


def _found(method: OwnMethod, complete: FloatArray, seed: int) -> Labels:
    """Return the clusters counted from 0 without gaps, below 0 for none."""
    labels = np.asarray(method(complete, seed))
    if labels.shape != (len(complete),) or not np.issubdtype(labels.dtype, np.integer):
        raise TrainingError(
            f"the method returned {labels.dtype} of shape {labels.shape}: it must return a whole number for each of the "
            f"{len(complete):,} units"
        )
    _, positions = np.unique(labels[labels >= 0], return_inverse=True)
    counted = np.full(len(labels), -1, dtype=np.intp)
    counted[labels >= 0] = positions
    return counted
