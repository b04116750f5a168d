"""Units that a planner moved to another segment: recorded constraints that survive refits, and are told when they do not hold."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_model.rule import MixtureModel

CONTRADICTED_BELOW: Final = 0.1
"""Probability of the planner's segment, by the unit's features alone, below which they contradict the move."""
WAVES_UNTIL_FLAGGED: Final = 2
"""Waves in a row that contradict a move before it is told."""


@dataclass(frozen=True)
class PlannerMove:
    """That a unit belongs to a segment, whatever its features say."""

    unit_id: str
    segment_id: int
    reason: str
    by: str
    since: str
    """The wave in which it was moved."""
    contradicted_in: tuple[str, ...] = ()
    """The latest waves in a row, after that one, in which its features contradict the move."""

    @property
    def is_flagged(self) -> bool:
        """Whether the planner should look at it again."""
        return len(self.contradicted_in) >= WAVES_UNTIL_FLAGGED

    @property
    def words(self) -> str:
        """Say what was moved and why, and since when the data contradict it."""
        said = f"{self.unit_id} is in segment {self.segment_id} since {self.since} by {self.by}: {self.reason}"
        if not self.is_flagged:
            return said
        waves = ", ".join(self.contradicted_in)
        return f"{said}. Its features contradict that in {waves}: confirm the move, or take it back"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types, for a record."""
        return asdict(self) | {"contradicted_in": list(self.contradicted_in)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "PlannerMove":
        """Read what `to_dict` returned."""
        return cls(**(record | {"contradicted_in": tuple(record["contradicted_in"])}))


def held_units(moves: Iterable[PlannerMove]) -> dict[str, int]:
    """Return the segment that each moved unit is held in, as `dtc_model.discovery.discover` takes it; the latest move counts."""
    return {move.unit_id: move.segment_id for move in sorted(moves, key=lambda move: move.since)}


def review_moves(
    moves: Iterable[PlannerMove], document: MixtureModel, features: pd.DataFrame, wave: str
) -> list[PlannerMove]:
    """Return the moves after another wave, with those waves in which a unit's features contradict its move.

    The probability is that of the document without the move. The wave of the move itself says nothing new, one that does
    not contradict it begins the count again, and a unit that is not in the wave is left as it was. The same wave again
    changes nothing.

    Parameters
    ----------
    moves : iterable of PlannerMove
    document : MixtureModel
        The segments of the wave.
    features : DataFrame
        The wave, unit ids in the index.
    wave : str
        Later ones sort after earlier ones, as in ``2025-03``.
    """
    moved = list(moves)
    present = features.loc[features.index.isin([move.unit_id for move in moved])]
    if present.empty:
        return moved
    probabilities = dict(zip(present.index, document.posterior(present), strict=True))
    return [_reviewed(move, document, probabilities.get(move.unit_id), wave) for move in moved]


def _reviewed(
    move: PlannerMove, document: MixtureModel, probabilities: "np.ndarray[Any, Any] | None", wave: str
) -> PlannerMove:
    if probabilities is None or wave <= move.since or wave in move.contradicted_in:
        return move
    known = move.segment_id in document.segment_ids
    probability = float(probabilities[document.segment_ids.index(move.segment_id)]) if known else 0.0
    if probability >= CONTRADICTED_BELOW:
        return replace(move, contradicted_in=())
    return replace(move, contradicted_in=(*move.contradicted_in, wave))
