"""The way of files: from lines or a flat table over features to a forecast and whom to call."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.customers import PreprocessConfig, preprocess_customers
from dtc_data.transactions import FeatureConfig, behaviour_features, read_clean_lines, write_clean_lines
from dtc_model.errors import ForecastError, SuspiciousScoreError
from dtc_model.forecasts import (
    FeatureFile,
    FileTraining,
    ForecastConfig,
    ThresholdRule,
    behaviour_feature_table,
    flat_feature_table,
    forecast_report,
    load_forecast_config,
    newest_customers,
    predictions_of,
    read_feature_file,
    read_forecast_folder,
    train_from_file,
    write_forecast_folder,
    write_predictions,
)
from fakes.shop import shop_day, shop_lines

CONFIG = ForecastConfig(horizon_days=30, models=("recency", "logistic_three"), threshold=ThresholdRule(capacity=20))
FEATURES = FeatureConfig(windows=(30, 90))
SHIPPED = Path(__file__).parents[4] / "config" / "model_config.yaml"


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return shop_lines()


@pytest.fixture(scope="module")
def features(lines: pd.DataFrame) -> FeatureFile:
    return behaviour_feature_table(lines, FEATURES, horizon_days=30, now=shop_day(330), source="abc")


@pytest.fixture(scope="module")
def training(features: FeatureFile) -> FileTraining:
    return train_from_file(features, CONFIG)


def test_clean_lines_come_back_as_they_were(lines: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("lines.csv", "lines.parquet"):
        write_clean_lines(lines, tmp_path / name)
        again = read_clean_lines(tmp_path / name)
        expected, found = (behaviour_features(one, shop_day(330)) for one in (lines, again))
        pd.testing.assert_frame_equal(found, expected)


def test_labels_are_those_known_when_the_horizon_had_passed_and_the_newest_rows_have_none(
    features: FeatureFile,
) -> None:
    newest = features.frame["cutoff"] == shop_day(330)
    assert features.frame.loc[newest, "left"].isna().all()
    assert features.frame.loc[~newest, "left"].notna().all()
    assert features.frame.loc[~newest, "cutoff"].max() == shop_day(300)


def test_what_comes_after_now_changes_no_feature_and_no_label(lines: pd.DataFrame, features: FeatureFile) -> None:
    poison = lines.tail(50).assign(ordered_at=shop_day(331), arrived_at=shop_day(331), amount=1e6, order_id="later")
    late = lines.head(50).assign(arrived_at=shop_day(400), amount=1e6, order_id="late")
    ancient = late.assign(ordered_at=shop_day(-400), order_id="ancient, and known late")
    again = behaviour_feature_table(
        pd.concat([lines, poison, late, ancient]), FEATURES, horizon_days=30, now=shop_day(330), source="abc"
    )
    pd.testing.assert_frame_equal(again.frame, features.frame)


def test_without_a_lookback_for_their_rule_segments_are_left_out(features: FeatureFile) -> None:
    told: list[str] = []
    training = train_from_file(features, CONFIG, told.append, lambda _: pd.Series([], dtype=object))

    assert training.segment is None
    assert training.evidence is not None
    assert training.evidence.segments is None
    assert "segments: the transactions are too short for the lookback of their rule" in told
    assert "In which segment they will be" not in forecast_report(training)


def test_a_feature_file_keeps_its_meaning(features: FeatureFile, tmp_path: Path) -> None:
    features.write(tmp_path / "features.parquet")
    again = read_feature_file(tmp_path / "features.parquet")
    pd.testing.assert_frame_equal(again.frame, features.frame)
    assert (again.kind, again.horizon_days, again.now, again.source) == ("behaviour", 30, features.now, "abc")
    with pytest.raises(SettingsError, match=r"written as \.parquet"):
        features.write(tmp_path / "features.csv")


def test_a_forecast_survives_its_folder_and_says_whom_to_call(
    training: FileTraining, features: FeatureFile, tmp_path: Path
) -> None:
    write_forecast_folder(training, CONFIG, tmp_path / "models", {"report.html": forecast_report(training)})
    model, value, config = read_forecast_folder(tmp_path / "models")

    customers = newest_customers(features, model)
    table = predictions_of(customers, model, value, config.threshold)

    assert model.to_json() == training.model.to_json()
    assert model.provenance["data_digest"] == "abc"
    assert table["probability"].is_monotonic_decreasing
    assert 0 < (table["decision"] == "call").sum() <= 20
    assert table["expected_amount"].ge(0).all()
    assert table["reason_1"].str.contains("raises|lowers").all()
    assert sorted(table["customer_id"]) == sorted(customers["customer_id"])
    figures = json.loads((tmp_path / "models" / "figures.json").read_text())
    assert 0.5 < figures["auc"] < 0.95
    assert "Recall at precision" in (tmp_path / "models" / "report.html").read_text()


def test_forecasts_are_written_as_people_want_them(
    training: FileTraining, features: FeatureFile, tmp_path: Path
) -> None:
    table = predictions_of(newest_customers(features, training.model), training.model)
    for name, read in (("a.csv", pd.read_csv), ("a.xlsx", pd.read_excel), ("a.parquet", pd.read_parquet)):
        write_predictions(table, tmp_path / name)
        assert read(tmp_path / name)["probability"].tolist() == pytest.approx(table["probability"].tolist())
    with pytest.raises(SettingsError, match=r"\.csv, \.xlsx, \.parquet"):
        write_predictions(table, tmp_path / "a.pdf")


def test_features_of_another_horizon_or_choice_are_refused(lines: pd.DataFrame, training: FileTraining) -> None:
    longer = behaviour_feature_table(lines, FEATURES, horizon_days=60, now=shop_day(330))
    with pytest.raises(SettingsError, match="made for a horizon of 60 days, but the forecast is of 30"):
        newest_customers(longer, training.model)
    basic = behaviour_feature_table(
        lines, FeatureConfig(windows=(30, 90), sets="basic"), horizon_days=30, now=shop_day(330)
    )
    with pytest.raises(SettingsError, match="feature_sets 'basic', but the forecast was trained with 'advanced'"):
        newest_customers(basic, training.model)


def flat(n: int = 600) -> pd.DataFrame:
    random = np.random.default_rng(2)
    tenure, price = random.integers(1, 72, n), random.uniform(20, 110, n)
    leaves = random.random(n) < 1 / (1 + np.exp(1 + 0.05 * tenure - 0.02 * price))
    return pd.DataFrame(
        {
            "customer_id": [f"C{number}" for number in range(n)],
            "tenure": tenure.astype(str),
            "price": price.round(2).astype(str),
            "Churn": np.where(leaves, "Yes", "No"),
        }
    ).astype("string")


def flat_features(rows: pd.DataFrame) -> FeatureFile:
    config = PreprocessConfig.model_validate({"label": {"column": "Churn"}})
    return flat_feature_table(preprocess_customers(rows, config).customers, ["price / tenure"])


def test_a_flat_table_is_trained_on_by_random_folds_and_says_so() -> None:
    training = train_from_file(flat_features(flat()), ForecastConfig())

    assert training.model.provenance["folds"] == "random, stratified"
    assert training.model.horizon_days == 0
    assert training.holdout is not None
    assert 0.6 < training.holdout.scores.auc < 0.95
    assert [one.candidate.name for one in training.trained.assessments] == [
        "logistic_all",
        "random_forest",
        "gradient_boosting",
    ]
    assert "not trained on, chosen by their ids" in forecast_report(training)


def test_a_flat_table_with_the_answer_in_it_is_refused_by_name() -> None:
    rows = flat()
    rows["reason_for_leaving"] = np.where(rows["Churn"] == "Yes", "7", "0")
    with pytest.raises(SuspiciousScoreError, match="reason_for_leaving"):
        train_from_file(flat_features(rows), ForecastConfig())


def test_a_flat_table_without_labels_cannot_be_trained_on() -> None:
    with pytest.raises(ForecastError, match="none of the customers has a label"):
        train_from_file(flat_features(flat().drop(columns="Churn")), ForecastConfig())


@pytest.mark.parametrize("words", ["price tenure", "price * nothing"])
def test_an_interaction_that_is_none_is_told(words: str) -> None:
    made = preprocess_customers(flat(), PreprocessConfig(drop=("Churn",))).customers
    with pytest.raises(SettingsError, match="interaction"):
        flat_feature_table(made, [words])


def test_the_shipped_configuration_says_the_defaults() -> None:
    assert load_forecast_config(SHIPPED) == ForecastConfig()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"models": ["prophet"]}, "is not a candidate"),
        ({"threshold": {"capacity": 3, "recall": 0.5}}, "say one of"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizont": 90}, "horizont"),
    ],
)
def test_a_wrong_entry_is_told_with_its_file(entry: dict[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "model_config.yaml"
    path.write_text(json.dumps(entry))
    with pytest.raises(SettingsError, match=message):
        load_forecast_config(path)
