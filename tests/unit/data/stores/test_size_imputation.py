"""Sizes that are not known."""

import numpy as np
import pandas as pd
import pytest
from dtc_data.stores import RetailPlan, impute_sizes, plant_stores


@pytest.fixture(scope="module")
def stores() -> pd.DataFrame:
    return plant_stores(RetailPlan(n_stores=3_000, seed=5)).stores


@pytest.fixture(scope="module")
def true_sizes() -> pd.Series:
    return plant_stores(RetailPlan(n_stores=3_000, seed=5)).truth["size_m2"]


def test_the_stated_error_is_that_of_the_imputed_sizes(stores: pd.DataFrame, true_sizes: pd.Series) -> None:
    filled, how = impute_sizes(stores, pd.Timestamp("2023-01-01").date())
    imputed = filled["size_imputed"]
    error = (filled.loc[imputed, "size_m2"] / true_sizes[imputed] - 1).abs().mean()

    assert imputed.sum() == how.by_storage == stores["size_m2"].isna().sum()
    assert how.storage_error == pytest.approx(error, rel=0.15)
    assert how.storage_error < 0.2
    assert "imputed from storage and placement" in str(how)


def test_known_sizes_stay_and_carry_no_error(stores: pd.DataFrame) -> None:
    filled, _ = impute_sizes(stores)
    known = stores["size_m2"].notna()

    pd.testing.assert_series_equal(filled.loc[known, "size_m2"], stores.loc[known, "size_m2"])
    assert (filled.loc[known, "size_error"] == 0).all()
    assert not filled.loc[known, "size_imputed"].any()
    assert (filled.loc[filled["size_imputed"], "size_error"] > 0).all()


def test_without_storage_a_size_comes_from_the_placement_and_is_less_sure(stores: pd.DataFrame) -> None:
    blind = stores.assign(storage_m2=stores["storage_m2"].where(stores.index % 2 == 0))
    filled, how = impute_sizes(blind, pd.Timestamp("2023-01-01").date())
    imputed = filled[filled["size_imputed"]]

    assert how.by_placement > 0
    assert imputed.loc[imputed["storage_m2"].isna(), "size_error"].min() > 2 * how.storage_error


def test_what_opens_later_changes_no_imputed_size(stores: pd.DataFrame) -> None:
    begin = pd.Timestamp("2023-01-01")
    early = stores[stores["opened"] < "2024-01-01"]
    later = stores[stores["opened"] >= "2024-01-01"].assign(size_m2=1e5, storage_m2=1.0)
    alone, _ = impute_sizes(early, begin.date())
    poisoned, _ = impute_sizes(pd.concat([early, later]), begin.date())

    assert len(later) > 50
    pd.testing.assert_frame_equal(alone, poisoned.loc[early.index])


def test_with_too_few_known_sizes_none_is_made_up(stores: pd.DataFrame) -> None:
    few = stores.head(60).assign(size_m2=np.where(np.arange(60) < 19, 100.0, np.nan))
    filled, how = impute_sizes(few, pd.Timestamp("2030-01-01").date())

    assert filled["size_m2"].notna().sum() == 19
    assert how.left_missing == 41
    assert "41 left missing" in str(how)


def test_stores_without_any_size_say_so(stores: pd.DataFrame) -> None:
    _, how = impute_sizes(stores.assign(size_m2=np.nan))
    assert str(how) == "no store has a size: features per square metre are missing"
