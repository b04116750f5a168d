"""What tells archetypes of stores apart, over the year that ends with a quarter."""

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import RetailDataError, SettingsError, Wave
from dtc_data.stores import Quarter, RetailTables, archetype_features, complete_quarters, quarter_of, store_features


def quarters_of(values: list[float], store: str = "a", first: int = 0) -> pd.DataFrame:
    names = [str(Quarter.from_index(Quarter(2024, 1).index + first + place)) for place in range(len(values))]
    return pd.DataFrame(
        {
            "unit_id": store,
            "quarter": names,
            "weekend_share": values,
            "size_m2": values,
            "placement": "mall",
            "revenue": 9.0,
        }
    )


def test_how_a_store_sells_is_the_mean_of_four_quarters_and_what_it_is_is_that_of_the_last() -> None:
    features = quarters_of([1.0, 2.0, 3.0, 4.0, 5.0])
    found = archetype_features(features, Quarter(2025, 1))
    assert found.to_dict("index") == {"a": {"size_m2": 5.0, "weekend_share": 3.5, "placement": "mall"}}


def test_nothing_after_the_quarter_has_a_part_in_it_and_a_young_store_has_what_there_is() -> None:
    features = pd.concat([quarters_of([1.0, 2.0, 3.0, 4.0, 500.0]), quarters_of([7.0, 900.0], "young", first=3)])
    found = archetype_features(features, Quarter(2024, 4))
    assert found["weekend_share"].to_dict() == {"a": 2.5, "young": 7.0}


def test_a_store_without_sales_yet_has_its_size_and_place() -> None:
    features = quarters_of([np.nan]).assign(size_m2=120.0)
    found = archetype_features(features, Quarter(2024, 1))
    assert (found["size_m2"].tolist(), found["placement"].tolist()) == ([120.0], ["mall"])
    assert found["weekend_share"].isna().all()


def test_a_quarter_without_stores_is_named() -> None:
    with pytest.raises(RetailDataError, match="no store of 2023Q1"):
        archetype_features(quarters_of([1.0]), Quarter(2023, 1))


def test_quarters_with_three_before_them_can_be_waves() -> None:
    assert complete_quarters(quarters_of([1.0] * 5)) == [Quarter(2024, 4), Quarter(2025, 1)]


def test_a_wave_is_named_by_the_last_month_of_its_quarter() -> None:
    assert quarter_of(Wave(2025, 6)) == Quarter(2025, 2)
    with pytest.raises(SettingsError, match="2025-03"):
        quarter_of(Wave(2025, 5))


def test_revenue_has_no_part_in_the_archetype_of_a_planted_retailer(planted_tables: RetailTables) -> None:
    features = store_features(planted_tables)
    found = archetype_features(features, complete_quarters(features)[0])
    assert {"size_m2", "weekend_share", "placement", "share_fresh"} <= set(found.columns)
    assert not [name for name in found.columns if "revenue" in name or name == "state"]
