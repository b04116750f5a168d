"""Segments by a method that somebody tries, with the figures of a sweep."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.catalogue import MIXTURE, Catalogue, answer_columns
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import Clusters, MixedTable, clusters_around, mixture_of_clusters
from dtc_model.discovery.stability import Labels, resampled_stability
from dtc_model.discovery.sweep import Sweep, SweepEntry, decoded, measure_entry
from dtc_model.errors import TrainingError
from dtc_model.rule import (
    Encoder,
    FloatArray,
    SegmentMixture,
    as_answers,
    as_search_start,
    from_search,
    missing_answers,
)

OwnMethod = Callable[[FloatArray, int], Labels]
"""Takes encoded answers without gaps ``(n_units, n_columns)`` and a seed, and returns the cluster of each unit, below 0 for
none, ``(n_units,)``."""

_FEWEST_CLUSTERS = 2


def sweep_by(
    method: OwnMethod, answers: npt.ArrayLike, catalogue: Catalogue, *, seed: int = 42, n_bootstraps: int = 20
) -> Sweep:
    """Return what a method finds, as a sweep with one entry.

    Whatever the method, units are labelled by the rule of the catalogue afterwards, by the nearest centroid of its clusters
    or by the mixture that they are: the figures are those of that rule, and only the stability is that of the method,
    found again in subsets of the units.

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
            words, units = ("one cluster" if k else "no cluster"), catalogue.words.units
            raise TrainingError(
                f"the method found {words} among {len(labels):,} {units}: there is nothing to register. Let it find two or more"
            )
        stabilities = resampled_stability(
            labels,
            k,
            lambda drawn, start: _found(method, scaled[complete][drawn], start),
            n_bootstraps=n_bootstraps,
            seed=seed,
            with_replacement=False,
        )
        if catalogue.rule == MIXTURE:
            entry = _as_mixture(labels, checked, scaled, catalogue, stabilities, seed)
        else:
            centroids = np.array([scaled[complete][labels == cluster].mean(axis=0) for cluster in range(k)])
            found = clusters_around(scaled, centroids)
            named = decoded(found, encoder, checked)
            entry = measure_entry(found, scaled[complete], found.labels[complete], named, stabilities, seed)
    return Sweep((entry,), len(scaled), n_distinct=len(np.unique(scaled[complete], axis=0)))


def _as_mixture(  # noqa: PLR0913, PLR0917 - clusters, the units they are of, and how they are measured
    labels: Labels, checked: FloatArray, scaled: FloatArray, catalogue: Catalogue, stabilities: FloatArray, seed: int
) -> SweepEntry:
    """Return the clusters of the complete units as the mixture that labels by them."""
    complete = ~np.isnan(scaled).any(axis=1)
    of_all = np.full(len(checked), -1, dtype=np.intp)
    of_all[complete] = labels
    features = as_search_start(SegmentMixture.from_catalogue(catalogue)).features
    table = MixedTable.prepare(pd.DataFrame(answer_columns(checked, catalogue.features)), features)
    ids = tuple(range(len(stabilities)))
    rule = mixture_of_clusters(table, of_all).model(ids, tuple(map(str, ids)), {})
    model = from_search(rule, Encoder.of_catalogue(catalogue), {})
    squares = np.concatenate([part for _, part in model.squares(checked, np.isnan(checked))], axis=1)
    found = Clusters(squares.argmin(axis=0), model.coordinates, float(squares.min(axis=0).sum()))
    entry = measure_entry(found, scaled[complete], found.labels[complete], model.centroids, stabilities, seed)
    return replace(entry, shares=model.shares, spreads=model.spreads)


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
