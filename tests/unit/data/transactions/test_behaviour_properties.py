"""What holds for the features of any lines."""

import random
from typing import Any

import pandas as pd
from dtc_data.transactions import behaviour_features
from fakes.retail_lines import START, day, drawn_rows, lines_of
from hypothesis import given, settings
from hypothesis import strategies as st

CUTOFF = 100

few = settings(max_examples=10)  # each example holds several customers, and plans a query of 135 features twice


def features_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return behaviour_features(lines_of(rows), day(CUTOFF))


@few
@given(drawn_rows(last=99), drawn_rows(first=100, last=200), drawn_rows(last=99))
def test_adding_anything_later_changes_nothing(
    known: list[dict[str, Any]], later: list[dict[str, Any]], late: list[dict[str, Any]]
) -> None:
    arrived_late = [row | {"arrived": CUTOFF + number} for number, row in enumerate(late)]

    pd.testing.assert_frame_equal(features_of(known), features_of([*later, *known, *arrived_late]), check_exact=True)


@few
@given(drawn_rows(), st.randoms(use_true_random=False))
def test_shuffling_rows_changes_nothing(rows: list[dict[str, Any]], shuffler: random.Random) -> None:
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)

    pd.testing.assert_frame_equal(features_of(rows), features_of(shuffled), check_exact=True)


@few
@given(drawn_rows(), drawn_rows(customers="xyz"))
def test_the_features_of_customers_do_not_depend_on_others(
    rows: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    among_others = features_of([*others, *rows])

    own = among_others[~among_others["customer_id"].isin(["x", "y", "z"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(features_of(rows), own, check_exact=True)


@few
@given(drawn_rows(), st.integers(1, 400))
def test_moving_everything_by_whole_weeks_changes_nothing(rows: list[dict[str, Any]], weeks: int) -> None:
    lines = lines_of(rows)
    shift = pd.Timedelta(weeks=weeks)
    moved = lines.assign(ordered_at=lines["ordered_at"] + shift, arrived_at=lines["arrived_at"] + shift)

    before = behaviour_features(lines, day(CUTOFF), history_from=START)
    after = behaviour_features(moved, day(CUTOFF) + shift, history_from=START + shift)
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@few
@given(drawn_rows())
def test_longer_windows_hold_at_least_as_much(rows: list[dict[str, Any]]) -> None:
    features = behaviour_features(lines_of(rows), day(CUTOFF), history_from=day(-1000))

    for measure in ("orders", "amount", "items", "products", "active_days", "returned"):
        by_window = features[[f"{measure}_{window}d" for window in (7, 30, 60, 90, 180, 365)]]
        assert by_window.diff(axis=1).iloc[:, 1:].ge(0).all(axis=None)
    shares = features.filter(regex="_share(_|$)")
    assert (shares.isna() | shares.ge(0) & shares.le(1)).all(axis=None)
