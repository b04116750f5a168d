"""Stores that people moved: as of the last run, and what they have recorded since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dtc_data.catalogue import Catalogue
from dtc_data.tables import MovedUnit


@dataclass(frozen=True)
class StoreMove:
    """That a person put a store into an archetype, or took that back."""

    unit_id: str
    segment: str
    """Name of the archetype."""
    since: str
    by: str
    reason: str
    contradicted_in: tuple[str, ...] = ()
    """Quarters in a row in which the store's features contradict it, by the last run; empty before there are two."""
    is_new: bool = False
    """Whether it was recorded after the last run, which knew nothing of it."""
    is_taken_back: bool = False
    """Whether it was taken back after the last run, which still went by it."""


def store_moves(
    told: Iterable[Mapping[str, Any]], recorded: Iterable[MovedUnit], catalogue: Catalogue
) -> tuple[StoreMove, ...]:
    """Return the moves that hold, first those that the features contradict, then those that no run knows yet.

    Parameters
    ----------
    told : iterable of mapping
        What the last run said of the moves it knew.
    recorded : iterable of MovedUnit
        All moves up to now, the first one first.
    catalogue : Catalogue
    """
    names = dict(zip(catalogue.segment_ids, catalogue.segment_names, strict=True))
    known = {str(move["unit_id"]): move for move in told}
    newest = {move.unit_id: move for move in recorded}
    found = [_known(move, newest.get(unit), names) for unit, move in known.items()]
    for unit, move in newest.items():
        if move.segment is not None and not (unit in known and _is_same(known[unit], move)):
            found.append(StoreMove(unit, _name(names, move.segment), str(move.since), move.by, move.why, is_new=True))
    return tuple(sorted(found, key=lambda move: (not move.contradicted_in, not move.is_new)))


def _known(told: Mapping[str, Any], newest: MovedUnit | None, names: Mapping[int, str]) -> StoreMove:
    contradicted = tuple(map(str, told["contradicted_in"])) if told["flagged"] else ()
    replaced = newest is not None and not _is_same(told, newest)
    return StoreMove(
        str(told["unit_id"]),
        _name(names, int(told["segment_id"])),
        str(told["since"]),
        str(told["by"]),
        str(told["reason"]),
        contradicted_in=() if replaced else contradicted,
        is_taken_back=replaced,
    )


def _is_same(told: Mapping[str, Any], move: MovedUnit) -> bool:
    said = told["segment_id"], str(told["since"]), told["by"], told["reason"]
    return said == (move.segment, str(move.since), move.by, move.why)


def _name(names: Mapping[int, str], segment: int) -> str:
    return names.get(segment, str(segment))
