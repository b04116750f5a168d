"""How inputs and forecasts moved while the truth is not known yet."""

import numpy as np
import pandas as pd
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.prediction import ForecastModel, TableMaker, TrainingOptions, train_forecast
from dtc_monitoring.accounts import measure_drift
from fakes.shop import shop_day, shop_lines


@pytest.fixture(scope="module")
def model_and_features() -> tuple[ForecastModel, pd.DataFrame]:
    lines, config = BehaviourLines(shop_lines()), FeatureConfig(windows=(30, 90))
    options = TrainingOptions(["logistic_three"])
    model = train_forecast(lines, shop_day(330), 30, config=config, options=options).model
    return model, TableMaker(lines, 30, "ever", config).newest(shop_day(330))


def test_the_same_customers_have_not_moved(model_and_features: tuple[ForecastModel, pd.DataFrame]) -> None:
    model, features = model_and_features

    found = measure_drift(features, features, model)

    assert (found["n_moved"], found["n_inputs"], found["scores"]["has_moved"]) == (0, 3, False)
    assert "None of 3 inputs has moved" in found["words"]


def test_an_input_that_moved_is_named_and_forecasts_follow(
    model_and_features: tuple[ForecastModel, pd.DataFrame],
) -> None:
    model, features = model_and_features

    found = measure_drift(features, features.assign(recency_days=features["recency_days"] + 60), model)

    assert (found["n_moved"], found["inputs"][0]["feature"]) == (1, "recency_days")
    assert found["scores"]["mean_now"] > found["scores"]["mean_then"]
    assert "1 of 3 inputs moved, most of all “Since the latest order”" in found["words"]


def test_values_that_are_missing_all_at_once_are_drift_too(
    model_and_features: tuple[ForecastModel, pd.DataFrame],
) -> None:
    model, features = model_and_features
    gone = features["recency_days"].where(np.arange(len(features)) % 2 == 0)

    assert measure_drift(features, features.assign(recency_days=gone), model)["n_moved"] == 1
