"""What is said of each store of a quarter: archetype and tier, why, how sure, what it could make, what to do."""

import numpy as np
import pandas as pd
import pytest
from dtc_data.stores import ActionRule, ActionRules, ArchetypeRule
from dtc_model.discovery import tiers
from dtc_model.recipes import StoreSheet, store_sheet
from dtc_model.rule import SegmentModel
from fakes.store_catalogue import STORES, some_stores, store_catalogue

CATALOGUE = store_catalogue(
    features=[STORES["features"][0] | {"name": "size_m2", "label": "Sales floor"}, *STORES["features"][1:]],
    stores={"quarters": 4},
)
RULE = ActionRule(
    name="visit",
    condition="potential_gap > 0",
    action="Visit it.",
    reason="It makes {revenue_per_m2:.1f} per square metre.",
)
RULES = ActionRules(
    rules=(RULE,),
    archetypes=(
        ArchetypeRule(
            name="large", when={"size_m2": "high"}, action="Fill the floor.", reason="{mean(size_m2):,.0f} m²"
        ),
        ArchetypeRule(name="small", when={"size_m2": "low"}, action="Deliver often.", reason="{mean(size_m2):,.0f} m²"),
    ),
)


def sheet() -> StoreSheet:
    model, frame = SegmentModel.from_catalogue(CATALOGUE), some_stores(120).rename(columns={"size": "size_m2"})
    is_between = frame.index == "S1"
    frame = frame.assign(
        size_m2=np.where(is_between, 450.0, frame["size_m2"]),
        weekend=np.where(is_between, 0.35, frame["weekend"]),
        place=np.where(is_between, "city", frame["place"]),
    )
    answers = np.column_stack([frame["size_m2"], frame["weekend"], frame["place"].map({"city": 0.0, "mall": 1.0})])
    units = frame.reset_index().assign(segment=pd.array(model.label(answers, 1), dtype="Int64"))
    revenue = np.random.default_rng(1).lognormal(np.repeat([3.0, 4.0, 5.0], [90, 20, 10]), 0.1)
    features = frame.reset_index().assign(
        revenue_per_day=revenue,
        year_revenue_per_day=revenue,
        revenue_per_m2=91 * revenue / frame["size_m2"].to_numpy(),
        size_imputed=frame.index == "S1",
        size_error=np.where(frame.index == "S1", 0.13, 0.0),
    )
    return store_sheet(units, features, model, CATALOGUE, RULES, tiers(features["year_revenue_per_day"]))


def test_each_store_has_an_archetype_a_tier_of_its_own_and_the_reasons() -> None:
    stores = sheet().stores
    clear = stores[stores["probability"] > 0.99]
    assert set(stores["archetype"]) == {"Corner", "Warehouse"}
    assert len(clear) > 80
    assert (clear["speaks_for_it"] != "").all()
    assert clear["speaks_for_it"].str.contains("sales floor").any()
    assert not clear["speaks_for_it"].str.contains("size_m2").any()
    assert stores["tier"].isin(["A", "B", "C"]).all()
    by_archetype = pd.crosstab(stores["archetype"], stores["tier"])
    assert (by_archetype["C"] > 0).all(), "a tier says nothing of the archetype"


def test_a_store_of_an_imputed_size_says_how_sure_its_label_is_without_it() -> None:
    stores = sheet().stores
    assert stores["probability_without_size"].notna().sum() == 1
    assert stores["probability_without_size"]["S1"] != stores["probability"]["S1"]
    assert stores["potential_error"]["S1"] == pytest.approx(0.13)


def test_what_to_do_comes_from_the_rules_with_the_figures_of_the_store() -> None:
    found = sheet()
    below = found.stores[found.stores["potential_gap"] > 0]
    assert set(found.actions["unit_id"]) == set(below.index)
    assert below["reason"].str.startswith("It makes ").all()


def test_archetypes_are_summed_up_with_typical_stores_and_the_most_frequent_action() -> None:
    found = {one["archetype"]: one for one in sheet().archetypes()}
    assert set(found) == {"Corner", "Warehouse"}
    assert sum(one["stores"] for one in found.values()) == 120
    assert "high sales floor" in found["Warehouse"]["sets_it_apart"]
    assert len(found["Corner"]["typical"]) == 5
    assert list(found["Corner"]["actions"]) == ["Visit it."]


def test_an_archetype_is_told_what_fits_it_and_no_other() -> None:
    found = {one["archetype"]: one["recommended"] for one in sheet().archetypes()}
    assert [one["action"] for one in found["Warehouse"]] == ["Fill the floor."]
    assert [one["action"] for one in found["Corner"]] == ["Deliver often."]
    assert found["Warehouse"][0]["deviation"] > 1
    assert found["Warehouse"][0]["reason"].endswith(" m²")
