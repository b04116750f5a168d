"""The mixture in production, fitted to another wave from where it is: the candidate of a segmentation whose rule is a mixture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue, answer_columns
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import MixedTable, recluster_mixture
from dtc_model.discovery.run_discovery import discover
from dtc_model.discovery.stability import Labels, cluster_stability, resampled_stability
from dtc_model.discovery.sweep import Sweep, SweepEntry
from dtc_model.errors import TrainingError
from dtc_model.rule import Encoder, FloatArray, SegmentMixture, SegmentModel, as_search_start, from_search


def refit_mixture(  # noqa: PLR0913 - the wave, and how stability is measured, by keyword
    answers: FloatArray,
    catalogue: Catalogue,
    production: SegmentModel,
    *,
    units: Sequence[str],
    held: Mapping[str, int],
    seed: int,
    n_bootstraps: int,
) -> Sweep:
    """Return the segments of production as the units of a wave have them, as a sweep of one number of segments.

    The number stays what a person approved, and the search begins where production is, so that ids survive; see
    `dtc_model.discovery.warm_start`.

    Parameters
    ----------
    answers : ndarray of shape (n_units, n_features)
        In the order of the catalogue's features; categories as codes, NaN where a value is missing.
    catalogue : Catalogue
    production : SegmentModel
    units : sequence of str
        Their ids.
    held : mapping of unit ids to segment ids
        Units that a person has moved; segments that production does not have are passed over.
    seed, n_bootstraps : int

    Raises
    ------
    TrainingError
        If production is not a mixture, or the refit lost a segment for good.
    """
    if not isinstance(production, SegmentMixture):
        raise TrainingError(
            f"the catalogue {catalogue.name!r} is a mixture, but the version in production is not: promote one that is"
        )
    frame = pd.DataFrame(answer_columns(answers, catalogue.features), index=pd.Index(units))
    known = {unit: segment for unit, segment in held.items() if segment in production.segment_ids}
    found = discover(frame, seed=seed, n_bootstraps=n_bootstraps, production=as_search_start(production), held=known)
    if found.proposal.chosen is None:
        raise TrainingError(f"the mixture cannot be fitted to these {catalogue.words.units}: {found.words}")
    model = from_search(found.document, Encoder.of_catalogue(catalogue), {})
    measured = found.proposal.chosen
    squares = np.concatenate([part.min(axis=0) for _, part in model.squares(answers, np.isnan(answers))])
    entry = SweepEntry(
        k=len(model.segment_ids),
        silhouette=float(np.nan_to_num(measured.silhouette)),
        inertia=float(squares.sum()),
        calinski_harabasz=float(np.nan_to_num(measured.calinski_harabasz)),
        davies_bouldin=float(np.nan_to_num(measured.davies_bouldin)),
        centroids=model.centroids,
        stabilities=np.asarray(measured.jaccard, dtype=np.float64),
        shares=model.shares,
        spreads=model.spreads,
    )
    return Sweep((entry,), len(answers))


def model_stability(
    model: SegmentModel, answers: FloatArray, positions: Labels, *, n_bootstraps: int, seed: int
) -> FloatArray:
    """Return how well each segment comes back in resamples when it is looked for as it was found, ``(n_segments,)``.

    By KMeans for centroids, by a mixture for a mixture; see `dtc_model.discovery.stability`.

    Parameters
    ----------
    model : SegmentModel
    answers : ndarray of shape (n_units, n_features)
        Without gaps.
    positions : ndarray of shape (n_units,)
        The segment of each unit by the model.
    n_bootstraps, seed : int
    """
    k = len(model.segment_ids)
    with threadpool_limits(1):  # as in the sweep: the same figures each time
        if not isinstance(model, SegmentMixture):
            scaled = model.encoder.encode(answers)
            return cluster_stability(scaled, positions, k, n_bootstraps=n_bootstraps, seed=seed)
        start = as_search_start(model)
        frame = pd.DataFrame(answer_columns(answers, model.encoder.features))
        table = MixedTable.prepare(frame, start.features)

        def again(drawn: Any, seed_of_start: int) -> Labels:
            resample, coordinates = table.units.rows(drawn), table.coordinates[drawn]
            return recluster_mixture(resample, k, coordinates, start.parameters.spread, seed=seed_of_start)

        return resampled_stability(positions, k, again, n_bootstraps=n_bootstraps, seed=seed)
