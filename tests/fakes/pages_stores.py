"""Stores for the pages: a segmentation of them, and what was worked out for two quarters."""

from typing import Any, Final

from dtc_data import Wave, load_catalogue
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, move_unit, transaction, write_sheet
from fakes.pages_data import PagesData
from sqlalchemy import Engine

CATALOGUE: Final = """
name: Store archetypes
unit: store
segment: archetype
stores: {quarters: 4}
features:
  - {name: basket_value, label: Basket, type: number, minimum: 0}
  - {name: weekend_share, label: Weekend, type: number, minimum: 0, maximum: 1}
segments:
  - {id: 0, name: Daily needs, action: Keep fresh goods, centroid: [10, 0.2]}
  - {id: 1, name: Weekend shops, centroid: [40, 0.6]}
"""
QUALITY: Final = {
    "retailer": "corner shop",
    "rows": {"stores": 3},
    "read": {"stores": 3, "sales": 900},
    "remarks": ["no inventory"],
    "checks": 20,
    "problems": [
        {
            "name": "sales.store_is_known",
            "required": "the store is in the table of stores",
            "count": 4,
            "share_of_rows": 0.004,
            "done": "left out",
        }
    ],
}

MOVES: Final = [
    {
        "unit_id": unit_id,
        "segment_id": 1,
        "since": "2024-12",
        "by": "Ada",
        "reason": "it was rebuilt",
        "flagged": flagged,
    }
    | {"contradicted_in": ["2025-03", "2025-06"] if flagged else []}
    for unit_id, flagged in (("s1", False), ("=s3", True))
]


def store(unit_id: str, archetype: str, per_m2: float | None, gap: float | None) -> dict[str, Any]:
    """Return what the sheet of a quarter says about a store."""
    certain = {"probability": 0.9, "runner_up": "Weekend shops", "remark": "", "speaks_for_it": "basket_value"}
    certain["speaks_for_runner_up"] = "share of toys"
    value = {"tier": "B", "revenue_per_m2": per_m2, "potential": 900.0, "potential_gap": gap, "potential_error": 0.13}
    return {"unit_id": unit_id, "archetype": archetype} | certain | value


def sheet(quarter: str, stores: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the document of a quarter."""
    archetypes = [
        {
            "archetype": name,
            "stores": sum(one["archetype"] == name for one in stores),
            "sets_it_apart": "small baskets",
            "tiers": {"B": 2},
            "potential_gap": 120.0,
            "recommended": [
                {"rule": "small", "deviation": 1.2, "action": f"Look after {name}", "reason": "baskets of 10"},
                {"rule": "weekend", "deviation": 0.8, "action": "Open early", "reason": "weekdays bring 80%"},
            ],
            "actions": {"Restock more often": 1},
        }
        for name in ("Weekend shops", "Daily needs")
    ]
    action = {"unit_id": "s2", "rule": "restock", "action": "Restock more often", "reason": "out of stock on 9 days"}
    content: dict[str, Any] = {"quarter": quarter, "stores": stores, "actions": [action], "archetypes": archetypes}
    return content | {"tiers": "A above 900", "quality": QUALITY}


def add_stores(data: PagesData, engine: Engine) -> None:
    """Store a segmentation of stores beside what is there."""
    path = data.catalogue_file.with_name("stores.yaml")
    path.write_text(CATALOGUE, encoding="utf-8")
    catalogue = load_catalogue(path)
    before = [store("s1", "Daily needs", 5.0, 10.0), store("s2", "Weekend shops", 3.0, 200.0)]
    now = [
        store("s1", "Daily needs", 5.5, -10.0),
        store("s2", "Daily needs", 9.0, 150.0),
        store("=s3", "Daily needs", None, None),
        *(store(f"t{number}", "Weekend shops", float(number), 1.0) for number in range(12)),
    ]
    with transaction(engine) as connection:
        table = UnitTable(catalogue)
        table.create(connection)
        table.ingest(connection, make_wave(catalogue, 3, 1.0, 0, Wave(2025, 3)).assign(unit_id=["s1", "s2", "s9"]))
        write_sheet(connection, catalogue.unit_table, Wave(2025, 3), sheet("2025-Q1", before))
        write_sheet(connection, catalogue.unit_table, Wave(2025, 6), sheet("2025-Q2", now) | {"moves": MOVES})
        for move in MOVES:
            said = {"by": str(move["by"]), "why": str(move["reason"])}
            move_unit(connection, catalogue.unit_table, str(move["unit_id"]), 1, Wave.parse(str(move["since"])), **said)
