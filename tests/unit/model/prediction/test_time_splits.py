"""Which splits are refused, and which are made."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_model.errors import ForecastError, ImmatureLabelsError, LeakageError, SharedCustomersError
from dtc_model.prediction import Fold, TimeSplit, check_fold, customer_time_folds
from fakes.retail_lines import day
from hypothesis import given
from hypothesis import strategies as st


def test_the_newest_matured_cutoffs_are_trained_on() -> None:
    split = TimeSplit.before(day(300), 90, day(0))

    assert split.train == (day(120), day(150), day(180), day(210))


def test_a_short_history_gives_fewer_cutoffs_and_one_week_is_the_least() -> None:
    assert TimeSplit.before(day(140), 90, day(0)).train == (day(20), day(50))
    assert TimeSplit.before(day(97), 90, day(0)).train == (day(7),)
    with pytest.raises(ForecastError, match=r"no cutoff has matured before 2020-04-06.*horizon of 90 days.*2019-12-31"):
        TimeSplit.before(day(96), 90, day(0))


def test_a_cutoff_whose_labels_are_not_known_at_the_test_is_refused_with_the_latest_that_would_do() -> None:
    with pytest.raises(ImmatureLabelsError, match=r"labels of 2020-05-30 .*test cutoff 2020-07-29.*up to 2020-04-30"):
        TimeSplit((day(100), day(150)), day(210), 90)


@pytest.mark.parametrize("train", [(), (day(50), day(50)), (day(60), day(50))])
def test_training_cutoffs_are_distinct_and_ascending(train: tuple[pd.Timestamp, ...]) -> None:
    with pytest.raises(SettingsError, match="each once, in ascending order"):
        TimeSplit(train, day(200), 90)


def stacked(n_customers: int, cutoffs: list[int]) -> tuple["pd.Series[str]", "pd.Series[pd.Timestamp]"]:
    ids = [f"c{number}" for _ in cutoffs for number in range(n_customers)]
    return pd.Series(ids), pd.Series([day(cutoff) for cutoff in cutoffs for _ in range(n_customers)])


def test_random_folds_over_stacked_cutoffs_are_refused_with_a_customer() -> None:
    ids, cutoffs = stacked(50, [0, 30, 60, 90])
    shuffled = np.random.default_rng(1).permutation(len(ids))

    with pytest.raises(
        SharedCustomersError, match=r"customers, such as 'c[0-9]+', stand in training and in validation"
    ):
        check_fold(Fold(shuffled[40:], shuffled[:40]), ids, cutoffs, 90)


def test_folds_by_customer_alone_are_refused_since_labels_overlap_in_time() -> None:
    ids, cutoffs = stacked(50, [0, 30, 60, 90])
    is_first = (ids.str[1:].astype(int) < 10).to_numpy()

    with pytest.raises(ImmatureLabelsError):
        check_fold(Fold(np.nonzero(~is_first)[0], np.nonzero(is_first)[0]), ids, cutoffs, 90)


@given(
    st.integers(2, 40),
    st.lists(st.integers(0, 20), min_size=1, max_size=8, unique=True),
    st.integers(1, 8),
    st.integers(2, 6),
)
def test_folds_by_customer_and_time_share_neither(
    n_customers: int, steps: list[int], horizon: int, groups: int
) -> None:
    ids, cutoffs = stacked(n_customers, sorted(steps))
    try:
        folds = customer_time_folds(ids, cutoffs, horizon, groups)
    except ForecastError:
        assert max(steps) - min(steps) < horizon
        return
    for fold in folds:
        assert not set(ids[fold.train]) & set(ids[fold.validation])
        assert cutoffs[fold.train].max() + timedelta(days=horizon) <= cutoffs[fold.validation].min()
        assert len(set(cutoffs[fold.validation])) == 1


def test_a_customer_stays_in_the_same_group_whoever_else_is_there() -> None:
    ids, cutoffs = stacked(30, [0, 90])
    fewer = ids.str[1:].astype(int) < 15

    def group_of(folds: tuple[Fold, ...], names: "pd.Series[str]") -> dict[str, int]:
        return {name: number for number, fold in enumerate(folds) for name in names.iloc[fold.validation]}

    everybody = group_of(customer_time_folds(ids, cutoffs, 90), ids)
    some = group_of(customer_time_folds(ids[fewer], cutoffs[fewer], 90), ids[fewer])
    together = {frozenset(name for name in some if some[name] == group) for group in some.values()}
    assert together <= {frozenset(name for name in some if everybody[name] == group) for group in everybody.values()}


def test_without_a_matured_cutoff_nothing_can_be_validated() -> None:
    ids, cutoffs = stacked(10, [0, 30])

    with pytest.raises(ForecastError, match="no cutoff lies 90 days after another"):
        customer_time_folds(ids, cutoffs, 90)


def test_all_leaks_are_of_one_kind_that_a_caller_can_catch() -> None:
    assert issubclass(ImmatureLabelsError, LeakageError)
    assert issubclass(SharedCustomersError, LeakageError)
