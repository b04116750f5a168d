"""What a run of forecasts is about, read and checked in one place."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from dtc_data.core import SettingsError, WaveError
from dtc_stack.jobs import ForecastRun, once_per_forecast_run


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "dtc", "PASSWORD": "x", "DBNAME": "dtc", "HOST": "127.0.0.1", "PORT": "9"}.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")


def test_a_run_sees_the_world_at_the_end_of_its_wave() -> None:
    run = ForecastRun.read({"current_wave": "2017-11"})
    assert (str(run.wave), run.model, run.cutoff) == ("2017-11", "customer_churn", pd.Timestamp("2017-12-01", tz="UTC"))


def test_without_a_wave_the_month_just_ended_is_forecast() -> None:
    assert str(ForecastRun.read({"execution_date": datetime(2026, 1, 1, tzinfo=UTC)}).wave) == "2025-12"


def test_a_malformed_wave_is_named() -> None:
    with pytest.raises(WaveError, match="is not a wave"):
        ForecastRun.read({"current_wave": "november"})


def test_a_run_that_was_started_with_other_settings_is_refused() -> None:
    with pytest.raises(SettingsError, match="other settings than this stack"):
        ForecastRun.read({"current_wave": "2017-11", "caller_settings": {"PROMOTION": "approve"}})


def test_a_block_in_the_notebook_does_its_work_each_time() -> None:
    done: list[str] = []

    def work(run: ForecastRun) -> dict[str, Any]:
        done.append(str(run.wave))
        return {"number": len(done)}

    variables = {"current_wave": "2017-11"}
    assert [once_per_forecast_run("train_forecast", variables, work)["number"] for _ in range(2)] == [1, 2]
    assert done == ["2017-11"] * 2
