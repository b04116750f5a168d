"""Candidate and production side by side, measured on the same respondents."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score

from dtc_model.discovery import contingency, model_stability
from dtc_model.rule import INCOMPLETE, Detail, FloatArray, SegmentModel, describe

_SMALLEST_SPREAD = 1e-9
"""Stands for the spread of respondents who all answered alike, so that a movement is still a number."""


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """What the gate judges. Arrays are by persona in the candidate's order; NaN where the other model lacks the persona."""

    moved: FloatArray
    """Distance of the centroid from production's, in spreads of the persona, beyond what chance explains."""
    crept: FloatArray
    """Distance from where a person last approved it, likewise."""
    stability: FloatArray
    """Mean Jaccard similarity over resamples, see `dtc_model.discovery.stability`."""
    shares: FloatArray
    """Share of the respondents that the candidate would give the persona."""
    relabelled_share: float
    """Share of respondents who would get another persona than production gives them."""
    rand_index: float
    """Agreement of the two labellings, 1 for the same and about 0 for chance (Hubert and Arabie, Journal of
    Classification 2 (1985) 193-218)."""
    fit: float
    """Mean distance to the candidate's persona, as a multiple of production's."""
    relabelled: FloatArray
    """Counts of respondents, ``(n_segments of production, n_segments of the candidate)``."""
    spread: float
    """Of all respondents of the reference wave about production's personas, in scaled units per feature."""


def compare_models(  # noqa: PLR0913 - three models, two waves, and how stability is measured
    candidate: SegmentModel,
    production: SegmentModel,
    approved: SegmentModel,
    reference: FloatArray,
    current: FloatArray,
    *,
    minimum_answered: int | None,
    n_bootstraps: int,
    seed: int,
) -> ModelComparison:
    """Score a candidate and production on one wave.

    Parameters
    ----------
    candidate, production : SegmentModel
        With the same features.
    approved : SegmentModel
        The model that a person put into production last; the catalogue's where nobody has.
    reference : ndarray of shape (n_reference, n_features)
        Answers of the reference wave: a persona's spread is that of its respondents there, about production's centroid.
    current : ndarray of shape (n_current, n_features)
        Answers that both models label. Whoever answered too little for a label counts in nothing.
    minimum_answered : int, optional
        See `SegmentModel.nearest`.
    n_bootstraps, seed : int
        See `dtc_model.discovery.stability.cluster_stability`, which is measured on the complete answers.
    """
    own_spreads, overall = _spreads(production, describe(production, reference, minimum_answered))
    spreads = dict(zip(production.segment_ids, own_spreads.tolist(), strict=True))
    before, after = (describe(model, current, minimum_answered) for model in (production, candidate))
    known = before.positions != INCOMPLETE  # by the number of answers, which is the same for both models
    old, new = before.positions[known], after.positions[known]
    complete = ~np.isnan(current).any(axis=1)
    k = len(candidate.segment_ids)
    chance = _chance(candidate, after)
    ids = np.array(production.segment_ids)[old], np.array(candidate.segment_ids)[new]
    stability = model_stability(
        candidate, current[complete], after.positions[complete], n_bootstraps=n_bootstraps, seed=seed
    )
    return ModelComparison(
        moved=_moved(candidate, production, spreads, chance),
        crept=_moved(candidate, approved, spreads, chance),
        stability=stability,
        shares=np.bincount(new, minlength=k) / max(len(new), 1),
        relabelled_share=float(np.mean(ids[0] != ids[1])),
        rand_index=float(adjusted_rand_score(old, new)),
        fit=float(after.distances[known].mean() / max(before.distances[known].mean(), _SMALLEST_SPREAD)),
        relabelled=contingency(old, new, (len(production.segment_ids), k)),
        spread=overall,
    )


def _spreads(model: SegmentModel, detail: Detail) -> tuple[FloatArray, float]:
    """Return the spread about each persona, and about all; a persona of fewer than two respondents gets the latter."""
    known = detail.positions != INCOMPLETE
    squares = np.where(known, detail.distances, 0.0) ** 2 / model.encoder.size
    overall = float(np.sqrt(squares[known].mean()))
    own = [squares[detail.positions == position] for position in range(len(model.segment_ids))]
    spreads = np.array([np.sqrt(part.mean()) if len(part) > 1 else overall for part in own])
    return np.maximum(spreads, _SMALLEST_SPREAD), max(overall, _SMALLEST_SPREAD)


def _chance(model: SegmentModel, detail: Detail) -> FloatArray:
    """Return the squared distance that a mean of so few respondents has from the true centre, on average, by persona.

    The variance of a mean of n respondents is theirs divided by n, and it adds up over the features.
    """
    spreads, _ = _spreads(model, detail)
    counts = np.bincount(detail.positions[detail.positions != INCOMPLETE], minlength=len(spreads))
    chance: FloatArray = model.encoder.size * spreads**2 / np.maximum(counts, 1)
    return chance


def _moved(candidate: SegmentModel, other: SegmentModel, spreads: dict[int, float], chance: FloatArray) -> FloatArray:
    """Return how far each persona's centroid lies from the other model's, in spreads, less what chance explains."""
    moved = np.full(len(candidate.segment_ids), np.nan)
    for position, segment in enumerate(candidate.segment_ids):
        if segment in other.segment_ids and segment in spreads:
            way = candidate.coordinates[position] - other.coordinates[other.segment_ids.index(segment)]
            moved[position] = np.sqrt(max(float(way @ way) - chance[position], 0.0)) / spreads[segment]
    return moved
