"""Planted retailers: what is planted can be found again, and is the same every time."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.stores import ARCHETYPES, RetailPlan, RetailTables, plant_stores, store_features, write_planted_retailer
from fakes.retail import PLAN, planted
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler


def test_the_same_plan_makes_the_same_files(planted_folder: Path, tmp_path: Path) -> None:
    write_planted_retailer(PLAN, tmp_path)

    for file in tmp_path.iterdir():
        assert file.read_bytes() == (planted_folder / "files" / file.name).read_bytes(), file.name


def test_another_seed_makes_other_stores() -> None:
    first, second = (plant_stores(replace(PLAN, seed=seed)).truth for seed in (1, 2))
    assert (first["size_m2"] != second["size_m2"]).mean() > 0.9


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    write_planted_retailer(replace(PLAN, n_stores=6), tmp_path, ("csv", "parquet"))

    for name in ("stores", "products", "sales", "inventory"):
        parquet = pd.read_parquet(tmp_path / f"{name}.parquet").astype(object)
        text = pd.read_csv(tmp_path / f"{name}.csv").astype(object)
        days = [column for column in ("date", "opened", "closed") if column in parquet]
        for frame in (parquet, text):
            frame[days] = frame[days].apply(pd.to_datetime)
        pd.testing.assert_frame_equal(parquet, text, check_dtype=False)


def test_a_city_lies_in_one_state_and_a_state_in_one_region() -> None:
    stores = plant_stores(replace(PLAN, n_stores=2_000)).stores

    assert len(stores[["city", "state"]].drop_duplicates()) == stores["city"].nunique()
    assert len(stores[["state", "region"]].drop_duplicates()) == stores["state"].nunique()
    assert stores["region"].nunique() == 4
    assert stores["city"].nunique() > stores["state"].nunique() > 4


def test_some_stores_open_and_some_close_and_none_sells_while_closed(planted_tables: RetailTables) -> None:
    stores = planted_tables.frame("stores")
    life = planted_tables.frame("sales").merge(stores, on="store_id")
    sold_on, opened, closed = life["date"], life["opened"], life["closed"]

    assert (stores["opened"] > pd.Timestamp("2023-01-01")).any()
    assert stores["closed"].notna().any()
    assert (sold_on >= opened).all()
    assert (closed.isna() | (sold_on <= closed)).all()


def test_the_tiers_are_spread_over_the_archetypes_in_their_shares() -> None:
    truth = plant_stores(replace(PLAN, n_stores=4_000)).truth

    assert truth["tier"].value_counts(normalize=True).round(3).to_dict() == {"C": 0.8, "B": 0.15, "A": 0.05}
    by_archetype = pd.crosstab(truth["archetype"], truth["tier"], normalize="index")["C"]
    assert by_archetype.between(0.75, 0.85).all()


def test_even_the_smallest_retailer_has_every_archetype() -> None:
    truth = plant_stores(replace(PLAN, n_stores=len(ARCHETYPES))).truth
    assert set(truth["archetype"]) == {archetype.name for archetype in ARCHETYPES}


def test_the_truth_counts_the_spoilt_lines(planted_folder: Path) -> None:
    truth = json.loads((planted_folder / "files" / "truth.json").read_text())
    sales = pd.read_parquet(planted_folder / "files" / "sales.parquet")

    assert truth["spoilt_lines"]["sales.date_is_given"] == sales["date"].isna().sum() > 0
    assert truth["spoilt_lines"]["sales.line_is_one_row"] == sales["line_id"].duplicated().sum() > 0
    assert sum(truth["spoilt_lines"].values()) == pytest.approx(0.004 * len(sales), rel=0.2)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"n_stores": 3}, "n_stores"),
        ({"noise": "loud"}, "low, middle, high"),
        ({"seed": -1}, "seed"),
        ({"dirty_lines": 0.9}, "dirty_lines"),
        ({"lines_per_week": float("nan")}, "lines_per_week"),
    ],
)
def test_a_plan_out_of_range_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        replace(PLAN, **change)


@pytest.fixture(scope="module", params=["low", "middle", "high"])
def noisy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, pd.DataFrame]:
    """Features of 300 stores of one level of noise, in a quarter with a year before it, with the truth."""
    folder = tmp_path_factory.mktemp(request.param)
    plan = RetailPlan(n_stores=240, noise=request.param, seed=3, first_day=date(2024, 7, 1), last_day=date(2025, 6, 30))
    features = store_features(planted(folder, plan), "2025Q2")
    truth = pd.read_csv(folder / "files" / "truth.csv")[["store_id", "archetype", "tier"]]
    joined = features.merge(truth, left_on="unit_id", right_on="store_id").dropna(subset="year_revenue_per_day")
    return request.param, joined


def test_the_archetypes_come_back_the_worse_the_more_noise(noisy: tuple[str, pd.DataFrame]) -> None:
    noise, stores = noisy
    shares = [name for name in map(str, stores) if name.startswith("share_")]
    habits = ["basket_value", "items_per_basket", "price_per_item", "discounted_line_share", "weekend_share",
              "products_stocked", "stock_turn", "out_of_stock_days", "storage_share"]  # fmt: skip
    numbers = stores[[*habits, *shares]].assign(size=np.log(stores["size_m2"]))
    encoded = np.hstack([
        StandardScaler().fit_transform(numbers.fillna(numbers.median())),
        pd.get_dummies(stores[["placement", "region"]]).to_numpy(dtype=float),
    ])  # fmt: skip
    found = KMeans(len(ARCHETYPES), n_init=10, random_state=0).fit_predict(encoded)
    low, high = {"low": (0.95, 1.0), "middle": (0.8, 0.99), "high": (0.45, 0.9)}[noise]
    assert low <= adjusted_rand_score(stores["archetype"], found) <= high


def test_the_tiers_come_back_from_revenue_alone(noisy: tuple[str, pd.DataFrame]) -> None:
    _, stores = noisy
    log_revenue = np.log(stores[["year_revenue_per_day"]])
    found = GaussianMixture(3, n_init=10, covariance_type="tied", random_state=0).fit_predict(log_revenue)

    assert adjusted_rand_score(stores["tier"], found) > 0.77
    assert adjusted_rand_score(stores["archetype"], found) < 0.1
