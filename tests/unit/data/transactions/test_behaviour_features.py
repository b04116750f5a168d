"""What the features of a customer are, by hand."""

import math
from typing import Any

import bench_behaviour
import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.core import SettingsError, TransactionsError
from dtc_data.transactions import BehaviourLines, behaviour_features, feature_definitions
from fakes.retail_lines import START, day, lines_of, needs_online_retail, online_retail_lines
from pandas_behaviour import features_by_pandas

ROWS: list[dict[str, Any]] = [
    {"day": 0.5, "order": "1", "product": "p", "quantity": 2, "price": 10.0, "department": "food", "discount": 5.0},
    {"day": 0.5, "order": "1", "product": "q", "quantity": 1, "price": 30.0, "department": "toys", "discount": 0.0},
    {"day": 50.75, "order": "2", "product": "p", "quantity": 4, "price": 10.0, "department": "food", "discount": 0.0},
    {"day": 81.0, "order": "3", "product": "r", "quantity": 1, "price": 100.0, "department": "food", "discount": 0.0},
    {"day": 85.0, "order": "C3", "product": "r", "quantity": -1, "price": 25.0},
]


def only(features: pd.DataFrame) -> dict[str, Any]:
    assert len(features) == 1
    return {str(name): value for name, value in features.iloc[0].items()}


def test_a_customer_with_three_orders_and_a_cancellation() -> None:
    found = only(behaviour_features(lines_of(ROWS), day(100)))

    expected = {
        "customer_id": "c",
        "recency_days": 19.0,
        "tenure_days": 99.5,
        "orders_ever": 3.0,
        "amount_ever": 190.0,
        "mean_gap_days": 40.25,
        "last_gap_days": 30.25,
        "longest_gap_days": 50.25,
        "gap_spread_days": math.sqrt(200),
        "gap_regularity": math.sqrt(200) / 40.25,
        "overdue": 19 / 40.25,
        "one_order": 0.0,
        "orders_7d": 0.0,
        "orders_30d": 1.0,
        "orders_60d": 2.0,
        "orders_90d": 2.0,
        "amount_60d": 140.0,
        "items_60d": 5.0,
        "products_60d": 2.0,
        "products_ever": 3.0,
        "repeat_share": 1 / 3,
        "mean_order_60d": 70.0,
        "active_days_90d": 2.0,
        "lines_per_order_30d": 1.0,
        "order_spread_60d": abs(math.log(101) - math.log(41)) / math.sqrt(2),
        "amount_trend_60d": 2 * 100 / 140 - 1,
        "amount_trend_30d": -1.0,  # nothing in the newer half
        "price_level_60d": 28.0,
        "discount_share_60d": 0.0,
        "departments_60d": 1.0,
        "departments_ever": 2.0,
        "main_department_share": 160 / 190,
        "returned_30d": 25.0,
        "returned_share_30d": 0.25,
        "returned_share_ever": 25 / 190,
        "cancellations_ever": 1.0,
        "cancellation_recency_days": 15.0,
        "orders_change_30d": math.log(2 / 2),
        "amount_change_30d": math.log(101 / 41),
        "last_order": 100.0,
        "largest_order": 100.0,
        "last_order_ratio": math.log(101 / (1 + 190 / 3)),
        "mean_hour": (12 + 18 + 0) / 3,
        "morning_share": 1 / 3,
        "evening_share": 1 / 3,
        "weekend_share": 1 / 3,  # day 81, the 22nd of March 2020, was a Sunday
        "recency_share": 19 / 99.5,
        "recency_by_orders": math.log(20) * math.log(4),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)


def test_a_window_that_reaches_back_further_than_the_history_is_missing_and_not_0() -> None:
    found = only(behaviour_features(lines_of(ROWS), day(100)))

    assert found["orders_90d"] == 2.0
    assert all(math.isnan(found[name]) for name in ("orders_180d", "orders_365d", "amount_365d", "season_orders"))
    assert found["orders_change_30d"] == 0.0
    assert math.isnan(found["orders_change_60d"])  # needs 120 days


def test_with_a_declared_start_of_the_history_a_newcomer_is_known_not_to_have_bought_before() -> None:
    lines = lines_of([{"day": 95, "customer": "new"}])

    alone = only(behaviour_features(lines, day(100)))
    declared = only(behaviour_features(lines, day(100), history_from=START))

    assert math.isnan(alone["orders_30d"])
    assert (declared["orders_30d"], declared["orders_90d"]) == (1.0, 1.0)
    assert math.isnan(declared["orders_180d"])


def test_lines_count_only_if_ordered_and_arrived_before_the_cutoff() -> None:
    rows: list[dict[str, Any]] = [
        {"day": 10},
        {"day": 20},
        {"day": 30},
        {"day": 15, "arrived": 30},
        {"day": 15.5, "arrived": 29.99},
    ]

    found = only(behaviour_features(lines_of(rows), day(30), history_from=START))

    assert (found["orders_ever"], found["recency_days"]) == (3.0, 10.0)


def test_whoever_only_cancelled_has_no_row() -> None:
    lines = lines_of([{"day": 1, "customer": "buyer"}, {"day": 2, "customer": "returner", "quantity": -1}])

    assert behaviour_features(lines, day(30))["customer_id"].tolist() == ["buyer"]


def test_an_order_that_a_correction_reverses_is_no_order() -> None:
    lines = lines_of([{"day": 1, "order": "a"}, {"day": 2, "order": "b", "quantity": 3}])
    reversal = lines.iloc[[1]].assign(
        quantity=-3.0, amount=-30.0, arrived_at=lines["arrived_at"].iloc[1] + pd.Timedelta(days=1)
    )
    corrected = pd.concat([lines, reversal])

    assert only(behaviour_features(corrected, day(2.5)))["orders_ever"] == 2.0
    assert only(behaviour_features(corrected, day(4)))["orders_ever"] == 1.0


def test_what_is_not_recorded_is_missing_for_everybody() -> None:
    features = behaviour_features(lines_of([{"day": 1}, {"day": 40, "customer": "d"}]), day(60), history_from=START)

    assert features[["departments_ever", "departments_30d", "discount_share_30d"]].isna().all(axis=None)


def test_a_customer_without_cancellations_has_returned_nothing() -> None:
    found = only(behaviour_features(lines_of([{"day": 1}, {"day": 50}]), day(60), history_from=START))

    assert (found["cancellations_ever"], found["returned_30d"], found["returned_share_ever"]) == (0.0, 0.0, 0.0)
    assert math.isnan(found["cancellation_recency_days"])


def test_the_basic_set_is_part_of_the_advanced_one_with_the_same_values() -> None:
    lines = lines_of(ROWS)

    basic, advanced = (behaviour_features(lines, day(100), sets, windows=[30, 60]) for sets in ("basic", "advanced"))

    assert len(basic.columns) < len(advanced.columns)
    pd.testing.assert_frame_equal(basic, advanced[basic.columns], check_exact=True)


def test_there_are_more_than_80_features_with_a_name_of_their_own() -> None:
    names = [one.name for one in feature_definitions()]

    assert len(names) == len(set(names)) > 80
    assert behaviour_features(lines_of(ROWS), day(100)).columns.tolist() == ["customer_id", *names]


@pytest.mark.parametrize("as_of", [Wave(2020, 3), "2020-04-01", "2020-04-01T02:00:00+02:00"])
def test_a_cutoff_can_be_a_wave_or_a_moment(as_of: Any) -> None:
    lines = lines_of(ROWS)

    expected = behaviour_features(lines, day(91))
    pd.testing.assert_frame_equal(behaviour_features(lines, as_of), expected, check_exact=True)


def test_lines_that_are_coded_once_serve_many_cutoffs() -> None:
    lines = lines_of(ROWS)
    coded = BehaviourLines(lines)

    for number in (40, 80, 120):
        expected = behaviour_features(lines, day(number))
        pd.testing.assert_frame_equal(behaviour_features(coded, day(number)), expected, check_exact=True)


def test_lines_are_not_changed() -> None:
    lines = lines_of(ROWS)
    before = lines.copy(deep=True)

    behaviour_features(lines, day(100))

    pd.testing.assert_frame_equal(lines, before)


def test_pandas_comes_to_the_same_numbers() -> None:
    lines, as_of, start = bench_behaviour.make_lines(400, 9_000), bench_behaviour.AS_OF, bench_behaviour.START

    found = behaviour_features(lines, as_of, history_from=start)

    bench_behaviour.check_equal(found, features_by_pandas(lines, as_of, start))


def test_nobody_who_bought_is_no_mistake() -> None:
    features = behaviour_features(lines_of(ROWS), day(0))

    assert len(features) == 0
    assert len(features.columns) > 80


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines.drop(columns=["amount", "kind"]), "without the columns amount, kind"),
        (lambda lines: lines.assign(kind="gift"), "'kind' holds 'gift'"),
        (lambda lines: lines.assign(amount=float("nan")), "'amount' is empty or not finite in row 0"),
        (lambda lines: lines.assign(quantity="many"), "'quantity' cannot be used: .*many"),
        (lambda lines: lines.assign(customer_id=["c", None, "c", "c", "c"]), "'customer_id' is empty .* row 1"),
        (lambda lines: lines.assign(ordered_at=pd.Timestamp("2020-01-01")), "'ordered_at' is not a time with a zone"),
        (lambda lines: lines.assign(arrived_at=pd.NaT), "'arrived_at' is not a time with a zone"),
    ],
)
def test_lines_that_are_something_else_are_refused_with_the_column(change: Any, words: str) -> None:
    with pytest.raises(TransactionsError, match=words):
        behaviour_features(change(lines_of(ROWS)), day(100))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sets": "huge"}, "'huge' is not a set of features: choose basic or advanced"),
        ({"windows": [30, 31]}, r"the windows are \[30, 31\], but must be some of 7, 30"),
        ({"windows": []}, r"the windows are \[\]"),
        ({"history_from": "soon"}, "'soon' is not a moment"),
    ],
)
def test_unknown_choices_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        behaviour_features(lines_of(ROWS), day(100), **options)


@needs_online_retail
def test_the_public_file_has_the_customers_that_others_counted() -> None:
    coded = BehaviourLines(online_retail_lines())

    counts = [len(behaviour_features(coded, cutoff, "basic", windows=[30]))
              for cutoff in ("2011-06-12", "2011-07-12", "2011-08-11", "2011-09-10")]  # fmt: skip

    assert counts == [2_811, 3_019, 3_211, 3_370]
