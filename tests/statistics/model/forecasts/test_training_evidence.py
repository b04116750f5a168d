"""What a training shows beside its holdout, and the page that people read."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig, behaviour_features
from dtc_model.forecasts import (
    FileTraining,
    ForecastConfig,
    ThresholdRule,
    figures_of,
    forecast_customers,
    forecast_report,
    train_and_judge,
)
from fakes.shop import shop_day, shop_lines

CONFIG = ForecastConfig(horizon_days=30, models=("recency", "logistic_three"), threshold=ThresholdRule(capacity=20))
FEATURES = FeatureConfig(windows=(30, 90))


def segments_of(lines: BehaviourLines, moment: pd.Timestamp) -> "pd.Series[str]":
    """Return segments by a rule: who bought in 30 days, in 90 days, or is out."""
    recency = behaviour_features(lines, moment, "basic", windows=[30]).set_index("customer_id")["recency_days"]
    kept = recency[recency <= 90]
    return pd.Series(np.where(kept <= 30, "active", "sleepy"), index=kept.index)


@pytest.fixture(scope="module")
def lines() -> BehaviourLines:
    return BehaviourLines(shop_lines())


@pytest.fixture(scope="module")
def training(lines: BehaviourLines) -> FileTraining:
    segments = partial(segments_of, lines)
    return train_and_judge(lines, shop_day(330), config=CONFIG, features=FEATURES, segments=segments).training


def test_the_backtest_holds_all_cutoffs_whose_truth_is_known_beside_recency_alone(training: FileTraining) -> None:
    assert training.evidence is not None
    backtest = training.evidence.backtest
    assert set(backtest["model"]) == {"recency", training.model.candidate}
    assert backtest["cutoff"].max() == shop_day(300)
    assert backtest["cutoff"].nunique() >= 5
    newest = backtest[(backtest["cutoff"] == shop_day(300)) & (backtest["model"] == training.model.candidate)]
    assert training.holdout is not None
    assert newest["auc"].iloc[0] == pytest.approx(training.holdout.scores.auc)
    assert set(training.evidence.value_backtest["model"]) == {"hurdle", "last_again"}


def test_what_was_promised_names_values_and_segments_too(training: FileTraining) -> None:
    figures = figures_of(training)
    assert 0.3 < figures["value_total_ratio"] < 3
    assert 0 < figures["segment_stays_accuracy"] < 1
    assert 0 < figures["segment_accuracy"] <= 1


def test_the_holdout_by_segment_adds_up_to_the_whole(training: FileTraining) -> None:
    assert training.evidence is not None
    assert training.holdout is not None
    table = training.evidence.by_segment
    assert table is not None
    assert set(table["segment"]) == {"active", "sleepy", "no segment"}
    assert table["customers"].sum() == len(training.holdout.left)
    counts = table[["chosen_left", "chosen_stayed", "missed", "left_alone"]]
    assert counts.sum(axis=1).tolist() == table["customers"].tolist()
    assert counts[["chosen_left", "missed"]].to_numpy().sum() == training.holdout.left.sum()


def test_customers_of_a_cutoff_get_the_segment_that_they_will_be_in(
    lines: BehaviourLines, training: FileTraining
) -> None:
    assert training.segment is not None
    segments = partial(segments_of, lines)

    found = forecast_customers(lines, shop_day(330), training.model, segment=(training.segment, segments))

    own = found.set_index("customer_id")["segment"]
    assert own.dropna().to_dict() == {name: own[name] for name in segments(shop_day(330)).index}
    assert (found["expected_segment"].isna() == found["segment"].isna()).all()
    assert set(found["expected_segment"].dropna()) <= {"active", "sleepy", "no segment"}


def test_a_training_names_the_digest_of_its_data(lines: BehaviourLines, training: FileTraining) -> None:
    other = train_and_judge(lines, shop_day(330), config=CONFIG, features=FeatureConfig(windows=(30,))).training

    digest, another = (one.model.provenance["data_digest"] for one in (training, other))
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert digest != another


def test_the_page_says_all_of_it(training: FileTraining) -> None:
    page = forecast_report(training)

    for words in (
        "Backtest",
        "What customers will spend",
        "last_again",
        "In which segment they will be",
        "stays",
        "Recovery of a rule",
        "says nothing about the future",
        "By segment",
        "Who is likeliest to leave now",
        "the forecast<br>",
    ):
        assert words in page, words


def test_lines_of_the_future_change_nothing_of_a_training(training: FileTraining) -> None:
    poisoned = shop_lines()
    late = poisoned["ordered_at"] >= shop_day(330)
    poisoned.loc[late, ["quantity", "amount"]] = [999.0, 99_999.0]
    early = poisoned[~late].head(50)
    unknown = early.assign(order_id="late " + early["order_id"], arrived_at=shop_day(331), amount=77_777.0)
    ancient = unknown.assign(order_id="ancient " + early["order_id"], ordered_at=shop_day(-400))
    changed = BehaviourLines(pd.concat([poisoned, unknown, ancient], ignore_index=True))

    again = train_and_judge(
        changed, shop_day(330), config=CONFIG, features=FEATURES, segments=partial(segments_of, changed)
    ).training

    assert again.model.to_json() == training.model.to_json()
    assert again.segment is not None
    assert training.segment is not None
    assert again.segment.to_json() == training.segment.to_json()
    assert again.value is not None
    assert training.value is not None
    assert again.value.to_json() == training.value.to_json()
    assert figures_of(again) == figures_of(training)
