"""Stores with their archetype: which lead it, which lag behind their potential, what to do, and which changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dtc_data.catalogue import Segmentation
from dtc_data.core import Wave
from dtc_data.tables import UnitMoment, WaveSheet, moves_of, newest_sheets, path_of_unit, transaction

from dtc_dashboard.queries.sources import SHEETS, Sources
from dtc_dashboard.queries.store_moves import StoreMove, store_moves

_RANKED_BY: Final = "revenue_per_m2"


@dataclass(frozen=True)
class StoreLine:
    """One store in its archetype."""

    rank: int | None
    """By revenue per square metre, 1 for the most; None where that is not known."""
    facts: Mapping[str, Any]
    """As the sheet of the quarter has them."""
    actions: tuple[Mapping[str, Any], ...]
    """What is recommended, each with its reason."""


@dataclass(frozen=True)
class MovedStore:
    """A store that has another archetype than in the quarter before."""

    unit_id: str
    before: str
    now: str
    probability: float | None
    why: str
    """Features that speak most for the new one."""


@dataclass(frozen=True)
class StoresPage:
    """The stores of the newest quarter that was worked out."""

    segmentation: Segmentation
    wave: Wave
    quarter: str
    archetypes: tuple[Mapping[str, Any], ...]
    """In the order of the catalogue."""
    stores: Mapping[str, tuple[StoreLine, ...]]
    """By archetype, the best first."""
    moved: tuple[MovedStore, ...]
    quarter_before: str
    """Empty if this is the first one."""
    tiers: str
    told_moves: tuple[Mapping[str, Any], ...]
    """What the last run said of stores that people moved."""
    quality: Mapping[str, Any]
    moves: tuple[StoreMove, ...] = field(default=(), kw_only=True)
    """Those that hold, what was recorded since the last run included."""

    def of_store(self, unit_id: str) -> StoreLine | None:
        """Return one store."""
        lines = (line for listed in self.stores.values() for line in listed)
        return next((line for line in lines if line.facts["unit_id"] == unit_id), None)


def read_stores(sources: Sources, segmentation: Segmentation) -> StoresPage | None:
    """Return the stores of the newest quarter; None before they were worked out.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """

    def read() -> StoresPage | None:
        with transaction(sources.engine) as connection:
            sheets = newest_sheets(connection, segmentation.catalogue.unit_table, 2)
        return _page(segmentation, sheets) if sheets else None

    catalogue = segmentation.catalogue
    page = sources.kept(SHEETS, (segmentation.name,), read, of=catalogue)
    if page is None:
        return None
    with transaction(sources.engine) as connection:
        recorded = moves_of(connection, catalogue.unit_table)
    return replace(page, moves=store_moves(page.told_moves, recorded, catalogue))


def read_store_path(sources: Sources, segmentation: Segmentation, unit_id: str) -> tuple[UnitMoment, ...]:
    """Return a store in every quarter that knows it, the latest first; errors as `read_stores`."""
    with transaction(sources.engine) as connection:
        return tuple(path_of_unit(connection, segmentation.catalogue, unit_id)[::-1])


def _page(segmentation: Segmentation, sheets: list[WaveSheet]) -> StoresPage:
    newest, *before = sheets
    content, names = newest.content, segmentation.catalogue.segment_names
    archetypes = sorted(content["archetypes"], key=lambda one: _place(one["archetype"], names))
    return StoresPage(
        segmentation,
        newest.wave,
        str(content.get("quarter", newest.wave)),
        tuple(archetypes),
        {one["archetype"]: _ranked(content, one["archetype"]) for one in archetypes},
        _moved(content, before[0].content) if before else (),
        str(before[0].content.get("quarter", before[0].wave)) if before else "",
        str(content.get("tiers", "")),
        tuple(content.get("moves", ())),
        content.get("quality", {}),
    )


def _place(name: str, names: tuple[str, ...]) -> int:
    return names.index(name) if name in names else len(names)


def _ranked(content: Mapping[str, Any], archetype: str) -> tuple[StoreLine, ...]:
    own = [store for store in content["stores"] if store["archetype"] == archetype]
    known = sorted((store for store in own if store[_RANKED_BY] is not None), key=lambda one: -one[_RANKED_BY])
    actions: dict[str, list[Mapping[str, Any]]] = {}
    for action in content["actions"]:
        actions.setdefault(action["unit_id"], []).append(action)
    ranked = [(place, store) for place, store in enumerate(known, start=1)]
    unranked = [(None, store) for store in own if store[_RANKED_BY] is None]
    return tuple(
        StoreLine(place, store, tuple(actions.get(store["unit_id"], ()))) for place, store in [*ranked, *unranked]
    )


def _moved(now: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[MovedStore, ...]:
    earlier = {store["unit_id"]: store["archetype"] for store in before["stores"]}
    return tuple(
        MovedStore(
            store["unit_id"],
            earlier[store["unit_id"]],
            store["archetype"],
            store.get("probability"),
            store.get("speaks_for_it", ""),
        )
        for store in now["stores"]
        if earlier.get(store["unit_id"]) and store["archetype"] and earlier[store["unit_id"]] != store["archetype"]
    )
