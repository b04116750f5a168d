"""What customers are as of a cutoff."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from dtc_data import Wave
from dtc_data.core import SettingsError, TransactionsError
from dtc_data.transactions import FEATURES, customer_features, customer_statuses, customer_waves
from fakes.lines import CUTOFF, LOOKBACK_DAYS, day, features_by_hand, frame_of, lines
from hypothesis import given, settings
from hypothesis import strategies as st

few = settings(max_examples=25)  # each example holds several customers


def features_of(frame: pd.DataFrame) -> pd.DataFrame:
    return customer_features(frame, CUTOFF, LOOKBACK_DAYS)


def test_three_orders_and_a_return_become_one_row() -> None:
    frame = frame_of(
        [
            {"order_id": "1", "ordered_at": day(12), "quantity": 4.0, "unit_price": 2.5},
            {"order_id": "1", "ordered_at": day(12), "quantity": 1.0, "unit_price": 10.0, "product_id": "q"},
            {"order_id": "2", "ordered_at": day(18), "quantity": 2.0, "unit_price": 2.5},
            {"order_id": "3", "ordered_at": day(27), "quantity": 3.0, "unit_price": 5.0},
            {"order_id": "C4", "ordered_at": day(28), "quantity": -1.0, "unit_price": 2.5},
        ]
    )

    features = features_of(frame)

    assert features.columns.tolist() == ["customer_id", *FEATURES]
    assert features.iloc[0].to_dict() == {
        "customer_id": "c",
        "recency_days": 3.0,
        "frequency": 3,
        "monetary": 37.5,
        "average_basket": 12.5,
        "items": 9.0,
        "days_between_orders": 7.5,
        "share_returned": 0.0625,
    }


@few
@given(lines())
def test_features_are_what_their_definitions_say(drawn: list[dict[str, Any]]) -> None:
    frame = frame_of(drawn)

    features = features_of(frame).set_index("customer_id")

    expected = features_by_hand(frame, CUTOFF, LOOKBACK_DAYS)
    assert set(features.index) == set(expected)
    for customer, figures in expected.items():
        assert features.loc[customer].to_dict() == pytest.approx(figures, nan_ok=True, abs=1e-6)


@few
@given(lines(), lines(first_day=30, last_day=60), lines())
def test_a_poisoned_future_and_late_corrections_change_nothing(
    known: list[dict[str, Any]], future: list[dict[str, Any]], late: list[dict[str, Any]]
) -> None:
    unknown = [{**line, "arrived_at": CUTOFF + pd.Timedelta(days=number)} for number, line in enumerate(late)]

    before = features_of(frame_of(known))
    after = features_of(frame_of([*future, *known, *unknown]))

    pd.testing.assert_frame_equal(before, after, check_exact=True)


@few
@given(lines(min_size=2), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn: list[dict[str, Any]], shuffler: random.Random) -> None:
    shuffled = drawn.copy()
    shuffler.shuffle(shuffled)

    pd.testing.assert_frame_equal(features_of(frame_of(drawn)), features_of(frame_of(shuffled)), check_exact=True)


@settings(max_examples=8)
@given(lines())
def test_all_months_at_once_are_the_months_one_by_one(drawn: list[dict[str, Any]]) -> None:
    frame = frame_of(drawn)
    cutoffs = [CUTOFF, CUTOFF - pd.Timedelta(days=11), CUTOFF - pd.Timedelta(days=20)]

    together = customer_waves(frame, cutoffs, LOOKBACK_DAYS)

    for cutoff in cutoffs:
        alone = customer_features(frame, cutoff, LOOKBACK_DAYS)
        part = together[together["cutoff"] == cutoff].drop(columns="cutoff").reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, part, check_exact=True)


def test_a_line_at_the_cutoff_is_too_late_and_one_as_old_as_the_lookback_counts() -> None:
    at_cutoff = {"order_id": "1", "ordered_at": CUTOFF, "quantity": 1.0, "customer_id": "late"}
    oldest = {"order_id": "2", "ordered_at": day(10), "quantity": 1.0}
    too_old = {**oldest, "ordered_at": day(10) - pd.Timedelta(microseconds=1), "customer_id": "gone"}

    assert features_of(frame_of([at_cutoff, oldest, too_old]))["customer_id"].tolist() == ["c"]


def test_an_order_that_was_wholly_cancelled_is_none_from_when_that_was_known() -> None:
    frame = frame_of(
        [
            {"order_id": "1", "ordered_at": day(12), "quantity": 5.0},
            {"order_id": "2", "ordered_at": day(20), "quantity": 80_995.0},
            {"order_id": "C3", "ordered_at": day(21), "quantity": -80_995.0, "arrived_at": day(25)},
        ]
    )

    known, unknown = (
        customer_features(frame, day(cutoff), LOOKBACK_DAYS).iloc[0][["frequency", "recency_days", "monetary", "items"]]
        for cutoff in (26, 25)
    )

    assert known.tolist() == [1, 14, 5, 5]
    assert unknown.tolist() == [2, 5, 81_000, 81_000]


def test_a_corrected_line_counts_once() -> None:
    frame = frame_of(
        [
            {"order_id": "1", "ordered_at": day(12), "quantity": 2.0},
            {"order_id": "1", "ordered_at": day(12), "quantity": -2.0, "kind": "purchase", "arrived_at": day(15)},
            {"order_id": "1", "ordered_at": day(12), "quantity": 3.0, "arrived_at": day(15)},
        ]
    )

    before, after = (customer_features(frame, day(cutoff), 20).iloc[0] for cutoff in (15, 16))

    figures = ["frequency", "items", "monetary", "share_returned"]
    assert before[figures].tolist() == [1, 2, 2, 0]
    assert after[figures].tolist() == [1, 3, 3, 0]


def test_an_order_corrected_to_nothing_is_none() -> None:
    frame = frame_of(
        [
            {"order_id": "1", "ordered_at": day(12), "quantity": 2.0},
            {"order_id": "1", "ordered_at": day(12), "quantity": -2.0, "kind": "purchase", "arrived_at": day(15)},
        ]
    )

    assert features_of(frame).empty


def test_who_did_not_buy_has_a_status_and_no_features() -> None:
    frame = frame_of(
        [
            {"customer_id": "buyer", "order_id": "1", "ordered_at": day(20), "quantity": 1.0},
            {"customer_id": "canceller", "order_id": "C2", "ordered_at": day(20), "quantity": -1.0},
            {"customer_id": "regretter", "order_id": "3", "ordered_at": day(20), "quantity": 1.0},
            {"customer_id": "regretter", "order_id": "C4", "ordered_at": day(21), "quantity": -1.0},
        ]
    )

    statuses = customer_statuses(frame, [CUTOFF], LOOKBACK_DAYS).set_index("customer_id")["status"].to_dict()

    assert statuses == {
        "buyer": "bought",
        "canceller": "cancellations only",
        "regretter": "orders wholly cancelled",
    }
    assert features_of(frame)["customer_id"].tolist() == ["buyer"]


@pytest.mark.parametrize(
    "as_of", [Wave(2011, 1), datetime(2011, 2, 1, tzinfo=UTC), "2011-02-01", "2011-02-01T01:00:00+01:00"]
)
def test_a_cutoff_may_be_written_in_several_ways(as_of: Any) -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(30), "quantity": 1.0}])

    assert customer_features(frame, as_of)["recency_days"].tolist() == [1.0]


@pytest.mark.parametrize("lookback_days", [None, 0, -1, 1_097, float("inf"), 180.5])
def test_features_of_all_history_are_refused_with_the_reason(lookback_days: Any) -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(1), "quantity": 1.0}])

    with pytest.raises(
        SettingsError, match=r"Features of all history are refused: .* frozen segments drift by themselves"
    ):
        customer_features(frame, CUTOFF, lookback_days)


def test_a_cutoff_that_is_no_moment_is_refused() -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(1), "quantity": 1.0}])

    with pytest.raises(SettingsError, match="'soon' is not a moment"):
        customer_features(frame, "soon")


def test_lines_without_a_column_or_a_zone_are_refused() -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(1), "quantity": 1.0}])

    with pytest.raises(TransactionsError, match="without the columns order_id, kind"):
        customer_features(frame.drop(columns=["order_id", "kind"]), CUTOFF)
    with pytest.raises(TransactionsError, match="'arrived_at' is not a time with a zone, but datetime64"):
        customer_features(frame.assign(arrived_at=frame["arrived_at"].dt.tz_localize(None)), CUTOFF)


def test_an_amount_that_cannot_be_summed_exactly_is_refused() -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(20), "quantity": 1e11}])

    with pytest.raises(TransactionsError, match="must lie below 10 billion"):
        features_of(frame)


def test_a_file_that_is_no_file_of_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.parquet").write_text("PAR1")

    for name in ("lines.parquet", "nowhere.parquet"):
        with pytest.raises(TransactionsError, match=rf"{name}: not a Parquet file of lines"):
            customer_features(tmp_path / name, CUTOFF)


def test_frames_tables_and_files_give_the_same(tmp_path: Path) -> None:
    frame = frame_of([{"order_id": "1", "ordered_at": day(20), "quantity": 1.0}])
    frame.to_parquet(tmp_path / "lines.parquet")

    from_frame = features_of(frame)
    from_table = customer_features(pa.Table.from_pandas(frame), CUTOFF, LOOKBACK_DAYS)
    from_file = customer_features(tmp_path / "lines.parquet", CUTOFF, LOOKBACK_DAYS)

    pd.testing.assert_frame_equal(from_frame, from_table)
    pd.testing.assert_frame_equal(from_frame, from_file)
