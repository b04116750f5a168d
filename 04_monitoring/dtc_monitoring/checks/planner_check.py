"""Units that people moved to another segment, and the waves in which the units' own features contradict that."""

from collections.abc import Callable
from typing import Any

from dtc_data.catalogue import MIXTURE, Catalogue
from dtc_data.core import Wave
from dtc_data.tables import UnitTable, counts_of_wave, moved_units, moves_of
from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_model.profiles import PlannerMove, review_moves
from dtc_model.registry import RegistryReader
from dtc_model.rule import SegmentMixture, SegmentModel, as_search_start
from sqlalchemy import Connection

ModelOf = Callable[[str | None], SegmentModel | None]
"""Returns the model of a version, that of production for a wave without labels; None where it cannot be had."""


def planner_moves(
    connection: Connection, table: UnitTable, model_of: ModelOf, last: Wave | None = None
) -> list[PlannerMove]:
    """Return the moves that hold in a wave, with the waves up to it in which a unit's features contradict its move.

    Each wave is seen by the version that labelled most of it. Only a mixture says how probable a segment is; under another
    rule, and where a model cannot be had, nothing contradicts a move.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    table : UnitTable
    model_of : callable
    last : Wave, optional
        The last one in the table by default.
    """
    if not moves_of(connection, table.name):
        return []
    waves = [wave for wave in table.waves(connection) if last is None or wave <= last]
    held = moved_units(connection, table.name, waves[-1]) if waves else {}
    moves = [PlannerMove(unit, int(one.segment or 0), one.why, one.by, str(one.since)) for unit, one in held.items()]
    for wave in waves:
        if table.catalogue.rule == MIXTURE and any(str(wave) > move.since for move in moves):
            moves = _reviewed(connection, table, model_of, moves, wave)
    return moves


def moves_beside(connection: Connection, catalogue: Catalogue, wave: Wave, tracking_uri: str) -> dict[str, Any]:
    """Return what is to be told next to a verdict: the moves that a wave is the second in a row to contradict; empty without any."""

    def model_of(version: str | None) -> SegmentModel | None:
        try:
            return reader.fetch(version or reader.production_version()).model
        except (ModelUnavailableError, ModelBrokenError):
            return None

    with RegistryReader(tracking_uri, catalogue.registered_model) as reader:
        moves = planner_moves(connection, UnitTable(catalogue), model_of, wave)
    flagged = [move for move in moves if move.is_flagged]
    if not flagged:
        return {}
    words = " ".join(f"{move_words(move, catalogue)}." for move in flagged)
    return {"moves": {"units": [move.unit_id for move in flagged], "words": words}}


def move_words(move: PlannerMove, catalogue: Catalogue) -> str:
    """Say who moved a unit to which segment and why, and in which waves its features contradict that."""
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    name = names.get(move.segment_id, str(move.segment_id))
    said = f"{move.unit_id} was moved to {name} in {move.since} by {move.by} ({move.reason})"
    if not move.is_flagged:
        return said
    return f"{said}, but its features contradict that in {', '.join(move.contradicted_in)}: confirm the move, or take it back"


def _reviewed(
    connection: Connection, table: UnitTable, model_of: ModelOf, moves: list[PlannerMove], wave: Wave
) -> list[PlannerMove]:
    units = table.load_units(connection, wave, [move.unit_id for move in moves])
    versions = [version for version in counts_of_wave(connection, table, wave).by_version if version is not None]
    model = model_of(versions[0] if versions else None)
    if units.empty or not isinstance(model, SegmentMixture):
        return moves
    features = units.set_index(units["unit_id"].astype(str))[list(table.catalogue.feature_names)]
    return review_moves(moves, as_search_start(model), features, str(wave))
