"""What a discovery gives back: labels, the document that labels new units, the figures, and the proposal in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dtc_model.clustering import NO_SEGMENT, FeatureColumns, MixedTable, Solution, one_segment
from dtc_model.discovery.measured_solution import MeasuredSolution
from dtc_model.discovery.proposal import Proposal
from dtc_model.discovery.warm_start import METHOD, MatchedSegments, match_to_production
from dtc_model.rule import IntArray, MixtureModel, measure_surprises, read_units


@dataclass(frozen=True, eq=False)
class Discovery:
    """What was found in a feature table."""

    labels: IntArray
    """Id of each unit's segment, -1 for none, in the order of the table, ``(n_units,)``."""
    document: MixtureModel
    """Labels new units."""
    figures: pd.DataFrame
    """One row per method, encoding and number of segments; ``proposed`` where it is the proposal."""
    members: pd.DataFrame
    """Segment of each unit by its position, -1 for none, in every row of the figures: a column each, named like
    "mixture mixed k = 6"."""
    proposal: Proposal
    notes: tuple[str, ...] = ()
    """What was left out of the table or not tried, and why."""
    matched: MatchedSegments | None = None
    """What became of production's segments, where there is a production."""

    @property
    def words(self) -> str:
        """All that a reader should know: reasons, caveats and notes, one a line."""
        caveats = [f"Caveat: {caveat}." for caveat in self.proposal.caveats]
        notes = [f"Note: {note}." for note in self.notes]
        return "\n".join([*self.proposal.reasons, *caveats, *notes])


@dataclass(frozen=True, eq=False)
class Origin:
    """What the search began from."""

    production: MixtureModel | None
    held: Mapping[Any, int]
    seed: int


def conclude(
    columns: FeatureColumns,
    measured: Sequence[MeasuredSolution],
    proposal: Proposal,
    notes: tuple[str, ...],
    origin: Origin,
) -> Discovery:
    """Return the proposed solution as labels and a document, beside all figures; one segment if none is proposed."""
    features, chosen = columns.frame, proposal.chosen
    figures = pd.DataFrame([one.row | {"proposed": one is chosen} for one in measured])
    members = pd.DataFrame({one.name: one.solution.labels for one in measured}, index=features.index)
    matched = None
    if chosen is None:
        document = _of_one(columns)
        labels = document.label(features)
    else:
        if origin.production is not None:
            matched = match_to_production(origin.production, features, chosen.solution)
        document = _document(chosen.solution, features, matched, origin.seed)
        labels = np.array([*document.segment_ids, NO_SEGMENT], dtype=np.int64)[chosen.solution.labels]
    present = read_units(features, document.features).present
    if gone := int((present == 0).sum()):
        notes = (*notes, f"{gone:,} of the units have no feature at all, and no segment")
    labels = np.where(present > 0, labels, NO_SEGMENT)
    held = np.array([origin.held.get(unit, label) for unit, label in zip(features.index, labels, strict=True)])
    return Discovery(held.astype(np.int64), document, figures, members, proposal, notes, matched)


def _document(solution: Solution, features: pd.DataFrame, matched: MatchedSegments | None, seed: int) -> MixtureModel:
    ids = matched.ids if matched else tuple(range(solution.k))
    names = matched.names if matched else tuple(f"segment {id_}" for id_ in ids)
    provenance = {
        METHOD: solution.method,
        "encoding": solution.encoding,
        "settings": solution.settings,
        "seed": str(seed),
        "n_units": str(len(features)),
    }
    return measure_surprises(solution.rule.model(ids, names, provenance), features)


def _of_one(columns: FeatureColumns) -> MixtureModel:
    rule = one_segment(MixedTable.prepare(columns.frame, columns.features()))
    provenance = {METHOD: "one segment", "n_units": str(len(columns.frame))}
    return measure_surprises(rule.model((0,), ("all units",), provenance), columns.frame)
