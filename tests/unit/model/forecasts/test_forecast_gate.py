"""What speaks for and against a new forecast."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import LeakageError
from dtc_model.forecasts import (
    ForecastConfig,
    JudgedTraining,
    ThresholdRule,
    forecast_customers,
    judge_forecast,
    train_and_judge,
    what_came,
)
from dtc_model.prediction import TableMaker
from fakes.shop import shop_day, shop_lines

CONFIG = ForecastConfig(horizon_days=30, models=("recency", "logistic_three"), threshold=ThresholdRule(capacity=20))
FEATURES = FeatureConfig(windows=(30, 90))


@pytest.fixture(scope="module")
def lines() -> BehaviourLines:
    return BehaviourLines(shop_lines())


@pytest.fixture(scope="module")
def judged(lines: BehaviourLines) -> JudgedTraining:
    return train_and_judge(lines, shop_day(330), config=CONFIG, features=FEATURES)


def test_the_first_forecast_is_judged_by_its_calibration_alone(judged: JudgedTraining) -> None:
    assert [finding.name for finding in judged.findings] == ["calibration"]


def test_the_same_forecast_is_as_good_as_production(lines: BehaviourLines, judged: JudgedTraining) -> None:
    again = train_and_judge(lines, shop_day(330), config=CONFIG, features=FEATURES, production=judged.training.model)
    compared = next(finding for finding in again.findings if finding.name == "auc")
    assert compared.passes
    assert "of production" in compared.words


def test_a_much_better_production_is_not_replaced(lines: BehaviourLines, judged: JudgedTraining) -> None:
    holdout = judged.training.holdout
    assert holdout is not None
    poor = replace(holdout, scores=replace(holdout.scores, auc=0.55))
    found = judge_forecast(poor, judged.training.model, TableMaker(lines, 30, config=FEATURES).table(shop_day(300)))
    assert not next(finding for finding in found if finding.name == "auc").passes


def test_a_forecast_that_ranks_by_chance_waits_even_where_production_is_as_bad(
    lines: BehaviourLines, judged: JudgedTraining
) -> None:
    holdout, test = judged.training.holdout, TableMaker(lines, 30, config=FEATURES).table(shop_day(300))
    assert holdout is not None
    drawn = replace(holdout, scores=replace(holdout.scores, auc=0.49))
    for found in (judge_forecast(drawn, None, None), judge_forecast(drawn, judged.training.model, test)):
        against = next(finding for finding in found if finding.name == "chance")
        assert not against.passes
        assert "AUC 0.490 is no better than chance" in against.words
    assert all(finding.name != "chance" for finding in judge_forecast(holdout, None, None))


def test_a_segment_that_is_forecast_much_worse_stops_a_forecast_that_is_as_good_on_the_whole(
    lines: BehaviourLines, judged: JudgedTraining
) -> None:
    holdout, test = judged.training.holdout, TableMaker(lines, 30, config=FEATURES).table(shop_day(300))
    assert holdout is not None
    few = pd.Series(["few"] * 40 + ["many"] * (len(test) - 40))
    turned = holdout.probabilities.copy()
    turned[:40] = np.where(test.left[:40], 0.05, 0.95)
    production = judged.training.model

    spoiled = judge_forecast(replace(holdout, probabilities=turned), production, test, few)
    same = judge_forecast(
        replace(holdout, probabilities=production.predict_frame(test.features)), production, test, few
    )

    found = {finding.name: finding for finding in spoiled}
    assert not found["segments"].passes
    assert "much worse than production in few" in found["segments"].words
    assert all(finding.passes for finding in same if finding.name == "segments")


def test_no_version_forecasts_what_it_has_seen(lines: BehaviourLines, judged: JudgedTraining) -> None:
    model = judged.training.model
    with pytest.raises(LeakageError, match="it would forecast what it has seen"):
        forecast_customers(lines, shop_day(300), model)
    forecasts = forecast_customers(lines, shop_day(330), model, rule=CONFIG.threshold)
    came = what_came(lines, shop_day(330), 30, forecasts["customer_id"])
    assert pd.Series(forecasts["probability"].to_numpy()).corr(came["left"].astype(float)) > 0.2


def test_without_a_holdout_nothing_goes_into_production() -> None:
    (finding,) = judge_forecast(None, None, None)
    assert not finding.passes
