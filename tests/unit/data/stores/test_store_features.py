"""The features of stores, on sales that can be reckoned by hand and on a planted retailer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import RetailDataError, WaveError
from dtc_data.stores import BESIDE, KEYS, Quarter, RetailTables, feature_definitions, store_features
from fakes.retail import YEAR, counts, daily, products, stores, tables
from hypothesis import given, settings
from hypothesis import strategies as st


def row(features: pd.DataFrame, store: str = "A", quarter: str = "2024Q1") -> pd.Series:
    found = features[(features["unit_id"] == store) & (features["quarter"] == quarter)]
    assert len(found) == 1
    return found.iloc[0]


def test_columns_are_the_keys_the_features_and_what_stands_beside() -> None:
    features = store_features(tables(*YEAR))
    expected = [*KEYS, *(feature.name for feature in feature_definitions(["fresh", "toys"])), *BESIDE]

    assert list(features) == expected
    numbers = [feature.name for feature in feature_definitions(["fresh", "toys"]) if feature.type == "number"]
    assert (features[numbers].dtypes == "float64").all()
    assert 25 <= len(feature_definitions([])) <= 35


def test_amounts_baskets_and_prices() -> None:
    lines = (
        ("A", "2024-01-01", "p", "b1", 2.0, 6.0, 0.0),  # a Monday
        ("A", "2024-01-01", "q", "b1", 1.0, 3.0, 1.0),
        ("A", "2024-01-06", "r", "b2", 1.0, 12.0, 0.0),  # a Saturday
        ("A", "2024-03-31", "r", "b3", -1.0, -1.0, 0.0),  # a return
    )
    found = row(store_features(tables(*lines), "2024Q1"))

    assert found["open_days"] == 91
    assert found["revenue"] == 20
    assert found["revenue_per_day"] == pytest.approx(20 / 91)
    assert found["revenue_per_m2"] == pytest.approx(20 / 100)
    assert found["baskets_per_day"] == pytest.approx(3 / 91)
    assert found["basket_value"] == pytest.approx(20 / 3)
    assert found["items_per_basket"] == 1
    assert found["price_per_item"] == pytest.approx(20 / 3)
    assert found["discount_share"] == pytest.approx(1 / 21)
    assert found["discounted_line_share"] == 0.25
    assert found["returned_share"] == pytest.approx(1 / 21)
    assert found["weekend_share"] == pytest.approx(11 / 20)
    assert found["active_day_share"] == pytest.approx(3 / 91)
    assert found["products_sold"] == 3
    assert found["top_product_share"] == pytest.approx(11 / 20)
    assert found["share_fresh"] == pytest.approx(9 / 20)
    assert found["share_toys"] == pytest.approx(11 / 20)
    assert found["category_concentration"] == pytest.approx((9 / 20) ** 2 + (11 / 20) ** 2)


def test_a_receipt_number_that_two_stores_use_is_two_receipts() -> None:
    lines = (("A", "2024-01-01", "p", "1", 1.0, 1.0, 0.0), ("B", "2024-06-01", "p", "1", 1.0, 1.0, 0.0),
             ("A", "2024-01-02", "p", "1", 1.0, 1.0, 0.0), ("A", "2024-06-30", "p", "1", 1.0, 1.0, 0.0))  # fmt: skip
    features = store_features(tables(*lines))
    assert row(features)["basket_value"] == 1
    assert row(features, "B", "2024Q2")["basket_value"] == 1


def test_without_receipts_or_discounts_their_features_are_missing() -> None:
    retailer = tables(*YEAR)
    bare = replace(retailer, sales=retailer.frame("sales").drop(columns=["basket_id", "discount"]))
    found = row(store_features(bare, "2024Q1"))

    assert found[["basket_value", "baskets_per_day", "items_per_basket", "discount_share"]].isna().all()
    assert pd.isna(found["discounted_line_share"])
    assert found["revenue"] == 910


def test_stock_turns_and_days_without_stock() -> None:
    stock = counts(("A", "2024-01-31", "p", 10.0), ("A", "2024-02-29", "p", 20.0), ("A", "2024-01-31", "q", 0.0),
                   ("A", "2024-02-29", "q", 5.0), ("A", "2024-01-31", "r", 0.0))  # fmt: skip
    found = row(store_features(tables(*YEAR, inventory=stock), "2024Q1"))

    assert found["stock_turn"] == pytest.approx(91 / (15 + 2.5))
    assert found["stock_per_m2"] == pytest.approx(17.5 / 100)
    assert found["out_of_stock_days"] == pytest.approx(91 * 2 / 5)
    assert found["products_stocked"] == 2


def test_growth_season_and_change_look_back_and_are_missing_without_a_past() -> None:
    lines = (*YEAR, *daily("A", "2025-01-01", "2025-03-31", 25.0))
    features = store_features(tables(*lines))
    past, now = row(features, "A", "2024Q4"), row(features, "A", "2025Q1")

    assert now["growth"] == pytest.approx(1.5)
    assert now["change_on_quarter"] == pytest.approx(1.5)
    assert now["season_index"] == pytest.approx(25 / 13.75)
    assert now["season_peak"] == pytest.approx(25 / 13.75)
    assert now["year_revenue_per_day"] == pytest.approx(13.75)
    assert past["season_index"] == pytest.approx(1)
    assert pd.isna(past["growth"])
    assert row(features)[["growth", "change_on_quarter", "season_index", "season_peak"]].isna().all()


def test_a_quarter_in_which_a_store_was_hardly_open_is_not_compared() -> None:
    opened = stores(opened=pd.to_datetime(["2020-01-01", "2024-03-15"]))
    features = store_features(tables(*YEAR, *daily("B", "2024-03-15", "2024-12-31", 10.0), stores=opened))

    assert pd.isna(row(features, "B", "2024Q2")["change_on_quarter"])
    assert row(features, "B", "2024Q3")["change_on_quarter"] == pytest.approx(0)


def test_weeks_without_sales_count_in_the_variation() -> None:
    monday, other = "2024-01-01", "2024-02-05"
    lines = (
        (("A", monday, "p", "1", 1.0, 13.0, 0.0)),
        ("A", other, "p", "2", 1.0, 13.0, 0.0),
        ("A", "2024-03-31", "p", "3", 1.0, 0.0, 0.0),
    )
    weekly = np.array([13.0, 13.0] + [0.0] * 11)
    found = row(store_features(tables(*lines), "2024Q1"))
    assert found["weekly_variation"] == pytest.approx(weekly.std(ddof=1) / weekly.mean())


def test_age_and_place_are_those_of_the_wave() -> None:
    features = store_features(tables(*YEAR, *daily("B", "2024-05-01", "2024-12-31", 1.0)))
    first, second = row(features, "A", "2024Q1"), row(features, "A", "2024Q2")

    assert second["age_years"] - first["age_years"] == pytest.approx(91 / 365.25)
    assert row(features, "B", "2024Q2")["age_years"] == pytest.approx(61 / 365.25)
    assert first["date"] == pd.Timestamp("2024-03-31")
    assert (first["placement"], first["region"], first["state"]) == ("mall", "north", None)
    assert bool(row(features, "B", "2024Q2")["size_imputed"])
    assert row(features, "B", "2024Q2")["size_error"] == 0.2


def test_a_store_has_a_row_while_it_is_open_with_sales_or_without() -> None:
    closed = stores(closed=pd.DatetimeIndex(["2024-06-30", None]))
    features = store_features(
        tables(
            *daily("A", "2024-01-01", "2024-06-30", 1.0), *daily("A", "2024-12-31", "2024-12-31", 1.0), stores=closed
        )
    )
    quarters = features.groupby("unit_id")["quarter"].agg(list).to_dict()

    assert quarters == {"A": ["2024Q1", "2024Q2"], "B": ["2024Q2", "2024Q3", "2024Q4"]}
    new = row(features, "B", "2024Q2")
    assert new["revenue"] == 0
    assert new["open_days"] == 61
    assert pd.isna(new["basket_value"])
    assert pd.isna(new["share_fresh"])


def test_a_store_whose_opening_nobody_knows_counts_from_its_first_sale() -> None:
    unknown = stores(opened=pd.DatetimeIndex([None, None]))
    features = store_features(tables(*YEAR, *daily("B", "2024-05-16", "2024-12-31", 1.0), stores=unknown))

    assert features.loc[features["unit_id"] == "B", "quarter"].tolist() == ["2024Q2", "2024Q3", "2024Q4"]
    assert row(features, "B", "2024Q2")["open_days"] == 46
    assert pd.isna(row(features, "B", "2024Q2")["age_years"])


def test_sales_that_begin_within_a_quarter_are_not_taken_for_a_bad_quarter() -> None:
    features = store_features(tables(*daily("A", "2024-02-01", "2024-12-31", 10.0)))
    assert row(features)["open_days"] == 60
    assert row(features)["revenue_per_day"] == 10


@pytest.mark.parametrize(
    ("end", "last"), [("2024-06-30", "2024Q2"), ("2024-06-24", "2024Q2"), ("2024-06-20", "2024Q1")]
)
def test_all_quarters_are_those_that_the_sales_complete(end: str, last: str) -> None:
    assert store_features(tables(*daily("A", "2024-01-01", end, 1.0)))["quarter"].max() == last


def test_a_single_quarter_has_the_rows_that_it_has_among_all(planted_tables: RetailTables) -> None:
    together = store_features(planted_tables)

    assert together["quarter"].nunique() == 12
    for quarter in ("2023Q1", "2024Q3", "2025Q4"):
        alone = store_features(planted_tables, quarter)
        among = together[together["quarter"] == quarter].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, among, rtol=1e-9)


def test_nothing_that_happens_later_changes_a_row(planted_tables: RetailTables) -> None:
    now = Quarter(2024, 2)
    later = pd.Timestamp(now.last_day) + pd.Timedelta(days=1)
    known = {name: planted_tables.frame(name) for name in planted_tables.named()}
    future = pd.date_range(later, "2025-12-31", periods=500).normalize()
    poison = known["sales"].sample(500, random_state=0).assign(date=future, quantity=1e6, revenue=1e9, discount=1e9)
    stores_then = known["stores"]
    closing = stores_then.assign(closed=stores_then["closed"].where(stores_then["closed"] < later, later))
    opening = stores_then.head(20).assign(store_id=[f"N{n}" for n in range(20)], opened=later, size_m2=1e9)
    emptied = known["inventory"].head(500).assign(date=future, on_hand=0.0)
    spoilt = RetailTables(
        stores=pd.concat([closing, opening]),
        products=known["products"],
        sales=pd.concat([known["sales"], poison]),
        inventory=pd.concat([known["inventory"], emptied]),
    )
    alone = RetailTables(
        known["stores"],
        known["products"],
        *(known[name][known[name]["date"] < later] for name in ("sales", "inventory")),
    )
    expected = store_features(alone, now)

    pd.testing.assert_frame_equal(store_features(spoilt, now), expected, rtol=1e-9)
    among = store_features(spoilt)
    pd.testing.assert_frame_equal(among[among["quarter"] == str(now)].reset_index(drop=True), expected, rtol=1e-9)


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(random: object) -> None:
    lines = [*daily("A", "2024-01-01", "2024-03-31", 3.3), *daily("B", "2024-05-01", "2024-06-30", 0.7)]
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    pd.testing.assert_frame_equal(store_features(tables(*lines)), store_features(tables(*shuffled)), rtol=1e-12)


def test_files_give_the_same_rows_as_frames(planted_tables: RetailTables) -> None:
    frames = RetailTables(**{name: planted_tables.frame(name) for name in planted_tables.named()})
    pd.testing.assert_frame_equal(
        store_features(frames, "2024Q1"), store_features(planted_tables, "2024Q1"), rtol=1e-12
    )


def test_a_category_is_a_column_whatever_it_is_called() -> None:
    odd = products().assign(category=["Käse & Wurst", "it's", "Käse & Wurst"])
    found = row(store_features(tables(*YEAR, products=odd), "2024Q1"))
    assert found["share_k_se_wurst"] == 1
    assert found["share_it_s"] == 0


def test_categories_that_would_share_a_column_are_refused() -> None:
    with pytest.raises(RetailDataError, match="'a-b' in letters a to z and digits is the same as 'a b'"):
        store_features(tables(*YEAR, products=products().assign(category=["a-b", "a b", "c"])))


def test_too_many_categories_are_refused_with_the_way_out() -> None:
    many = pd.DataFrame({"product_id": [str(n) for n in range(41)], "category": [f"c{n}" for n in range(41)]})
    with pytest.raises(RetailDataError, match=r"41 categories.*'categories' in retail.yaml"):
        store_features(tables(*YEAR, products=many))


@pytest.mark.parametrize("quarter", ["2023Q4", "2025Q1"])
def test_a_quarter_without_sales_is_refused(quarter: str) -> None:
    with pytest.raises(WaveError, match="go from 2024-01-01 to 2024-12-31"):
        store_features(tables(*YEAR), quarter)


def test_sales_that_complete_no_quarter_are_refused() -> None:
    with pytest.raises(WaveError, match="no quarter ends in that time"):
        store_features(tables(*daily("A", "2024-01-01", "2024-02-01", 1.0)))
    with pytest.raises(WaveError, match="the sales are empty"):
        store_features(tables())
