"""The job of forecasts on a small shop: real Postgres, real MLflow."""

import sys
import uuid
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import transaction
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import LeakageError, NoProductionVersionError, RegistryConflictError
from dtc_model.forecast_versions import ForecastDecisions, ForecastRegistry
from dtc_model.forecasts import ForecastConfig, ThresholdRule
from dtc_stack.jobs.churn_job import ChurnJob
from dtc_stack.jobs.forecasting import CustomerForecasts
from dtc_stack.progress import Progress
from fakes.at_once import at_once
from fakes.shop import shop_day, shop_lines
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

CONFIG = ForecastConfig(horizon_days=30, models=("recency", "logistic_three"), threshold=ThresholdRule(capacity=20))


@pytest.fixture
def registry(mlflow_uri: str) -> ForecastRegistry:
    return ForecastRegistry(mlflow_uri, f"churn_{uuid.uuid4().hex[:8]}")


def test_the_job_trains_forecasts_settles_and_repeats_without_a_trace(
    engine: Engine, registry: ForecastRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # MLflow puts the code of what it loads in front
    lines = BehaviourLines(shop_lines())
    job = ChurnJob(engine, registry, Progress(), CONFIG, FeatureConfig(windows=(30, 90)))

    outcome = job.run(lines, tmp_path)

    assert [account["cutoff"] for account in outcome.accounts] == [
        f"{shop_day(number):%Y-%m-%d}" for number in (270, 300, 330)
    ]
    assert all(0.5 < account["auc"] < 0.95 for account in outcome.accounts)
    assert outcome.to_call <= 20
    assert set(pd.read_csv(tmp_path / "whom_to_call.csv")["decision"]) == {"call"}
    versions = registry.versions()
    assert [version["version"] for version in versions] == [str(place) for place in range(1, len(versions) + 1)]
    desk = CustomerForecasts(engine, registry)
    record = desk.decisions.history()
    assert [(one.version, one.by, one.source) for one in record] == [
        (one["version"], "pipeline", "auto") for one in outcome.decisions if one["promoted"]
    ]

    again = job.run(lines, tmp_path)

    assert again.accounts == outcome.accounts
    assert again.production == outcome.production
    assert len(registry.versions()) == len(versions)
    assert not any(decision["is_new"] or decision["promoted"] for decision in again.decisions)
    assert desk.decisions.history() == record

    newest = registry.load(versions[-1]["version"])
    with pytest.raises(LeakageError):
        desk.forecast(lines, shop_day(300), newest)

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(registry.tracking_uri)
    try:
        loaded = mlflow.pyfunc.load_model(f"models:/{registry.name}/1")
    finally:
        mlflow.set_tracking_uri(before)
    row = pd.DataFrame([dict.fromkeys(newest.model.feature_names, 1.0)])
    mlflow_says, ours = loaded.predict(row), registry.load("1").model.predict_frame(row)
    np.testing.assert_array_equal(mlflow_says, ours)


def test_without_a_training_nothing_is_in_production(engine: Engine, registry: ForecastRegistry) -> None:
    assert registry.production_or_none() is None
    with pytest.raises(NoProductionVersionError, match="make run_churn"):
        registry.production()
    with pytest.raises(RegistryConflictError, match="there is no version '7'"):
        ForecastDecisions(registry, engine).promote("7", "Ada", "why not")


def test_what_was_forecast_once_stays_as_it_was(engine: Engine) -> None:
    table = ForecastTable("churn")
    key = ForecastKey(shop_day(300).to_pydatetime(), "1", 30)
    first = pd.DataFrame({"customer_id": ["a", "b"], "probability": [0.1, 0.9]})
    with transaction(engine) as connection:
        table.create(connection)
        assert table.write(connection, key, first) == 2
    with transaction(engine) as connection:
        later = pd.DataFrame({"customer_id": ["b", "c"], "probability": [0.2, 0.3], "expected_amount": [1.0, None]})
        later = later.assign(segment=["high", "low"], expected_segment=["low", "high"])
        assert table.write(connection, key, later) == 1
        stored = table.load(connection, key)
        assert stored["probability"].tolist() == [0.1, 0.9, 0.3]
        assert stored["segment"].fillna("").tolist() == ["", "", "low"]
        assert stored["expected_segment"].fillna("").tolist() == ["", "", "high"]
        assert table.keys(connection) == [key]
        assert table.write_account(connection, key, "kept", "as promised", {"auc": 0.8})
        assert not table.write_account(connection, key, "worse", "no", {})
        assert [found["status"] for found in table.accounts(connection)] == ["kept"]


def test_forecasts_that_are_written_twice_at_once_stand_there_once(engine: Engine) -> None:
    table = ForecastTable("churn")
    key = ForecastKey(shop_day(300).to_pydatetime(), "1", 30)
    forecasts = pd.DataFrame({"customer_id": [f"c{number}" for number in range(500)], "probability": 0.5})

    def write() -> None:
        with transaction(engine) as connection:
            table.create(connection)
            table.write(connection, key, forecasts)
            table.write_account(connection, key, "kept", "as promised", {})

    at_once([write] * 4)

    with transaction(engine) as connection:
        assert len(table.load(connection, key)) == 500
        assert len(table.accounts(connection)) == 1
