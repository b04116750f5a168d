"""The segments in production, found again in another wave: from where they are, with the ids and names that they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_model.clustering import (
    FREE,
    NO_SEGMENT,
    STARTS,
    Memory,
    Method,
    MixedTable,
    Mixture,
    SegmentRule,
    Solution,
    find_clusters,
    find_mixture,
    kmeans_rule,
    mixture_solution,
)
from dtc_model.discovery.matching import match_labels
from dtc_model.errors import TrainingError
from dtc_model.rule import IndexArray, MixtureModel, posteriors

METHOD = "method"
"""Key of the provenance under which a model document says how its segments were found."""
MEMORY: Final = 1.0
"""Weight of production's mixture in a refit, in units for each unit of the wave: segments move half way to where a wave alone
would have them, and units between two segments are not relabelled by the chance of a wave."""


@dataclass(frozen=True, eq=False)
class MatchedSegments:
    """Ids and names of new segments, and what became of the units."""

    ids: tuple[int, ...]
    """Per new segment, in order."""
    names: tuple[str, ...]
    relabelled_share: float
    """Share of the units that production and the new segments label differently."""
    missing: tuple[str, ...]
    """Names of the segments of production that no new one stands for."""


def warm_solution(
    production: MixtureModel, features: pd.DataFrame, *, seed: int, held: Mapping[Any, int] | None = None
) -> Solution:
    """Return production's segments as these units have them: the search begins where they are and goes no further.

    Parameters
    ----------
    production : MixtureModel
        Its encodings stay as they are.
    features : DataFrame
        One row per unit, with production's features.
    seed : int
    held : mapping of unit ids to segment ids, optional
        Units that stay in a segment whatever their features say.

    Raises
    ------
    AnswersError
        If the units lack a feature.
    TrainingError
        If a unit is held in a segment that production does not have.
    """
    table = MixedTable.prepare(features, production.features)
    kept = held_positions(held or {}, features.index, production.segment_ids)
    if production.provenance.get(METHOD) in {"kmeans", "famd_kmeans"}:
        return _warm_kmeans(production, table, seed)
    parameters, _ = posteriors(production.joint(table.encoded))
    start = parameters.copy()
    start[kept != FREE] = np.eye(len(production.segment_ids))[kept[kept != FREE]]
    spread = production.parameters.spread
    if spread == "tied" and not table.units.complete:
        spread = "pooled"
    memory = Memory(table.units.standardised(production.parameters), MEMORY * len(table.units))
    found = find_mixture(table.units, start, spread, held=kept, memory=memory)
    return mixture_solution(table, Mixture.measure(found, table.units))


def match_to_production(production: MixtureModel, features: pd.DataFrame, solution: Solution) -> MatchedSegments:
    """Return the ids and names that new segments keep; those that stand for none of production's get new ids."""
    before = production.label(features)
    kept = match_labels(before, solution.labels, production.segment_ids, solution.k)
    names = dict(zip(production.segment_ids, production.segment_names, strict=True))
    next_id, ids, found_names, unnamed = max(production.segment_ids) + 1, [], [], 0
    for id_ in kept:
        if id_ is None:
            unnamed += 1
            ids.append(next_id + unnamed - 1)
            found_names.append(f"unnamed segment {unnamed}")
        else:
            ids.append(id_)
            found_names.append(names[id_])
    after = np.array([*ids, NO_SEGMENT], dtype=np.int64)[solution.labels]
    missing = tuple(name for id_, name in names.items() if id_ not in ids)
    return MatchedSegments(tuple(ids), tuple(found_names), float(np.mean(before != after)), missing)


def held_positions(held: Mapping[Any, int], index: "pd.Index[Any]", ids: tuple[int, ...]) -> IndexArray:
    """Return the position of the segment that each unit is held in, `FREE` for the others, ``(n_units,)``.

    Raises
    ------
    TrainingError
        If a segment does not exist. A unit that is not in this wave is not an error: it may come back.
    """
    if unknown := sorted({id_ for id_ in held.values() if id_ not in ids}):
        raise TrainingError(f"units are held in segment {unknown[0]}, which there is not: the segments are {ids}")
    position_of = {id_: position for position, id_ in enumerate(ids)}
    return np.array([position_of[held[unit]] if unit in held else FREE for unit in index], dtype=np.intp)


def _warm_kmeans(production: MixtureModel, table: MixedTable, seed: int) -> Solution:
    parameters, projection = production.parameters, production.projection
    numbers = production.projected(table.encoded).numbers
    scales = np.sqrt(parameters.covariance)  # up to a factor, which the rule works out again
    scaled, k = numbers / scales, len(production.segment_ids)
    found = find_clusters(scaled, k, n_init=1, seed=seed, start=parameters.means / scales)

    def recluster(drawn: IndexArray, start: int) -> IndexArray:
        n_clusters = min(k, len(np.unique(scaled[drawn], axis=0)))
        return find_clusters(scaled[drawn], n_clusters, n_init=STARTS, seed=start).labels

    rule = kmeans_rule(production.features, found, scales, int((~np.isnan(scaled)).sum()))
    method: Method = "kmeans" if projection is None else "famd_kmeans"
    encoding = getattr(production.features[0], "encoding", "mixed") if projection is None else "mixed"
    return Solution(
        method, encoding, found.labels, scaled, SegmentRule(rule.features, rule.parameters, projection), recluster
    )
