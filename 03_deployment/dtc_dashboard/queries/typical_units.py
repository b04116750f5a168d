"""The units that are most like their segment, as its centroid in the catalogue has it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import Catalogue, Segment, answer_matrix
from dtc_data.core import UNIT_ID, Wave
from dtc_data.tables import transaction, units_of_segment
from dtc_model.rule import SegmentModel, describe
from sqlalchemy import Engine

SHOWN: Final = 5
"""Units that are shown."""
LOOKED_AT: Final = 2_000
"""Units among which the most typical are looked for, whatever the wave's size."""


@dataclass(frozen=True)
class TypicalUnit:
    """One unit with its answers."""

    unit_id: str
    answers: dict[str, Any]
    """By feature, as the table has them."""
    distance: float
    """From the centroid, in scaled units."""


def typical_units(engine: Engine, catalogue: Catalogue, segment: Segment, wave: Wave) -> tuple[TypicalUnit, ...]:
    """Return the units of a segment in a wave that lie nearest to its centroid, the nearest first."""
    with transaction(engine) as connection:
        units = units_of_segment(connection, catalogue, wave, segment.id, LOOKED_AT)
    if units.empty:
        return ()
    model = SegmentModel.from_catalogue(catalogue)
    position = catalogue.segment_ids.index(segment.id)
    answers = answer_matrix(units, catalogue.features)
    detail = describe(model, answers, catalogue.minimum_answered)
    distances = np.where(detail.positions == position, detail.distances, np.inf)
    nearest = np.argsort(distances, kind="stable")[:SHOWN]
    names = list(catalogue.feature_names)
    return tuple(
        TypicalUnit(str(units[UNIT_ID].iloc[row]), dict(units[names].iloc[row]), float(distances[row]))
        for row in nearest.tolist()
        if np.isfinite(distances[row])
    )
