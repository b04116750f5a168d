"""The steps of the pipeline that forecasts, on a small shop: real Postgres, real MLflow."""

import multiprocessing
import signal
import sys
import uuid

import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.core import PostgresSettings
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import once, transaction
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.forecast_versions import ForecastRegistry
from dtc_model.forecasts import ForecastConfig, ThresholdRule
from dtc_stack.jobs import CustomerForecasts, ForecastRun
from fakes.run_steps import store_and_die, store_forecasts, stored_forecasts
from fakes.shop import shop_lines
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

CONFIG = ForecastConfig(horizon_days=30, models=("recency", "logistic_three"), threshold=ThresholdRule(capacity=20))


@pytest.fixture(autouse=True)
def settings(
    mlflow_uri: str,
    monkeypatch: pytest.MonkeyPatch,
    database_in_environment: None,  # noqa: ARG001 - what it sets is needed
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.setattr(sys, "path", [*sys.path])  # MLflow puts the code of what it loads in front


def test_a_month_is_forecast_the_next_settles_it_and_bad_forecasts_are_trained_again(
    engine: Engine, mlflow_uri: str
) -> None:
    registry = ForecastRegistry(mlflow_uri, f"churn_{uuid.uuid4().hex[:8]}")
    frame = shop_lines()

    def run_on(month: int) -> ForecastRun:
        return ForecastRun(Wave(2020, month), registry.name, engine, mlflow_uri, lambda _: frame)

    nothing = run_on(8).forecast()
    assert nothing["version"] is None
    assert run_on(8).settle(nothing)["status"] == "untrained"

    desk = CustomerForecasts(engine, registry, CONFIG, FeatureConfig(windows=(30, 90)))
    version, _ = desk.train(BehaviourLines(frame), run_on(8).cutoff)
    desk.decisions.promote(version, "Ada", "the first one")

    august = run_on(8).forecast()
    assert (august["version"], august["customers"] > 100) == (version, True)
    assert august["new"] == august["customers"]
    assert "inputs" in august["drift"]["words"]
    assert run_on(8).settle(august)["status"] == "kept", "nothing has come yet"

    september = run_on(9).settle(run_on(9).forecast())
    assert september["status"] in {"kept", "miscalibrated", "worse"}
    assert "Forecasts of 2020-09-01 by version 1" in september["accounts"][0]

    spoil(engine, registry, run_on(10), version)
    october = run_on(10).settle(run_on(10).forecast())
    outcome = run_on(11).settle(run_on(11).forecast())
    assert october["version"] == outcome["version"] == version
    assert outcome["status"] == "worse"
    assert run_on(11).settle(run_on(11).forecast()) == outcome, "killed and done again, it finds the same"

    trained = run_on(11).train()
    assert trained == {"version": "2", "is_new": True}
    assert run_on(11).train() == {"version": "2", "is_new": False}
    decision = run_on(11).decide(trained)
    assert decision["decision"] in {"promoted", "gate_failed"}
    assert bool(decision["forecast"]) == decision["promoted"]
    told = run_on(11).tell(outcome, decision)
    assert told["text"].startswith("The forecasts of who leaves rank worse than promised")
    assert "Version 2" in told["text"]


def spoil(engine: Engine, registry: ForecastRegistry, run: ForecastRun, version: str) -> None:
    """Store forecasts for a wave that rank everybody the wrong way round, as a version that lost its sense would."""
    frame, _ = CustomerForecasts(engine, registry).forecast(
        BehaviourLines(shop_lines()), run.cutoff - pd.Timedelta(days=1), registry.load(version)
    )
    key = ForecastKey(run.cutoff.to_pydatetime(), version, 30)
    with transaction(engine) as connection:
        ForecastTable(registry.name).write(connection, key, frame.assign(probability=1 - frame["probability"]))


def test_a_run_that_is_killed_between_forecast_and_record_goes_on_without_forecasting_anybody_twice(
    engine: Engine, customer_database: PostgresSettings
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=store_and_die, args=(customer_database, "run 1"))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL
    with transaction(engine) as connection:
        before = stored_forecasts(connection)
    assert len(before) == 100

    done = once(engine, "run 1", "forecast_customers", lambda: {"new": _store(engine)})

    assert done == {"new": 0}
    assert once(engine, "run 1", "forecast_customers", lambda: {"new": -1}) == done
    with transaction(engine) as connection:
        pd.testing.assert_frame_equal(stored_forecasts(connection), before)


def _store(engine: Engine) -> int:
    with transaction(engine) as connection:
        return store_forecasts(connection)
