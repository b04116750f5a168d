"""A training from lines to a chosen forecast with its holdout."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import ForecastError
from dtc_model.prediction import TrainedForecast, TrainingOptions, measure, train_forecast
from fakes.shop import shop_day, shop_lines

CONFIG = FeatureConfig(windows=(30, 90))
QUICK = ["recency", "orders", "logistic_three", "logistic_all"]
OPTIONS = TrainingOptions(QUICK)


@pytest.fixture(scope="module")
def trained(lines: BehaviourLines) -> TrainedForecast:
    return train_forecast(lines, shop_day(330), 30, config=CONFIG, options=OPTIONS)


def test_the_table_shows_all_candidates_and_marks_the_chosen_one(trained: TrainedForecast) -> None:
    assert trained.table["candidate"].tolist() == QUICK
    assert trained.table["chosen"].sum() == 1
    assert trained.table.loc[trained.table["chosen"], "candidate"].item() == trained.model.candidate
    assert trained.table["auc"].between(0.5, 0.95).all()


def test_the_model_is_fitted_to_the_newest_matured_cutoffs_and_remembers_its_recipe(trained: TrainedForecast) -> None:
    provenance = trained.model.provenance

    assert provenance["cutoffs"] == "2020-07-29, 2020-08-28, 2020-09-27, 2020-10-27"  # days 210 to 300
    assert provenance["cutoff"] == "2020-11-26T00:00:00Z"
    assert provenance["feature_windows"] == "30, 90"
    assert provenance["history_from"] == "2020-01-01"
    assert provenance["eligible"] == "ever"


def test_the_holdout_is_the_newest_cutoff_whose_truth_is_known(trained: TrainedForecast) -> None:
    holdout = trained.holdout

    assert holdout is not None
    assert holdout.cutoff == shop_day(300)
    assert len(holdout.left) == len(holdout.probabilities)
    assert holdout.lifts["customers"].sum() == len(holdout.left)
    assert holdout.calibration_words.startswith(("Calibrated", "Not calibrated"))
    assert holdout.importances.is_monotonic_decreasing


def test_whoever_ranks_by_chance_is_not_recommended_for_ranking(trained: TrainedForecast) -> None:
    assert trained.holdout is not None
    left, by_chance = np.arange(400) % 2 == 0, np.linspace(0.7, 0.9, 400)
    ranked = np.where(left, 0.9, 0.7)

    told = [
        replace(trained.holdout, left=left, probabilities=forecast, scores=measure(left, forecast)).calibration_words
        for forecast in (by_chance, ranked)
    ]

    assert "rank customers" not in told[0]
    assert told[0].endswith("Do not rely on its probabilities.")
    assert told[1].endswith("Use it to rank customers, but do not rely on its probabilities.")


def test_nothing_after_the_cutoff_changes_the_training(trained: TrainedForecast) -> None:
    frame = shop_lines()
    now = shop_day(330)
    poisoned = frame.assign(amount=frame["amount"].where(frame["ordered_at"] < now, 1e9))
    late = frame.sample(200, random_state=0).assign(arrived_at=now + pd.Timedelta(days=1), order_id="late")

    again = train_forecast(pd.concat([poisoned, late]), now, 30, config=CONFIG, options=OPTIONS)

    assert again.model.to_json() == trained.model.to_json()
    pd.testing.assert_frame_equal(again.table, trained.table)


def test_trials_are_told_and_counted(lines: BehaviourLines) -> None:
    told: list[str] = []

    tuned = train_forecast(
        lines,
        shop_day(330),
        30,
        config=CONFIG,
        options=TrainingOptions(["recency", "logistic_all"], n_trials=4, cv_folds=2),
        report_progress=told.append,
    )

    assert tuned.table["trials"].tolist() == [0, 4]
    assert sum(line.startswith("logistic_all: trial") for line in told) == 4


def test_one_candidate_alone_is_fitted_without_validation(lines: BehaviourLines) -> None:
    only = train_forecast(lines, shop_day(330), 30, config=CONFIG, options=TrainingOptions(["logistic_three"]))

    assert only.model.candidate == "logistic_three"
    assert only.assessments == ()
    assert only.holdout is not None


def test_a_first_training_has_no_holdout_yet(lines: BehaviourLines) -> None:
    first = train_forecast(lines, shop_day(45), 30, config=CONFIG, options=TrainingOptions(["recency"]))

    assert first.holdout is None


def test_too_short_a_history_is_refused_with_the_way_out(lines: BehaviourLines) -> None:
    with pytest.raises(ForecastError, match="Choose a later cutoff or a shorter horizon"):
        train_forecast(lines, shop_day(20), 30, config=CONFIG)
    with pytest.raises(ForecastError, match="nothing can be validated in time"):
        train_forecast(lines, shop_day(45), 30, config=CONFIG, options=OPTIONS)


def test_an_unknown_candidate_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(SettingsError, match="is not a candidate"):
        TrainingOptions(["prophet"])
