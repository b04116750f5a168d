"""Runs that did not come to their end stay on record until their wave is checked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import transaction
from dtc_monitoring import DriftVerdict
from dtc_monitoring.checks import DriftCheck, RunFailure, open_failures, record_failed_run
from dtc_monitoring.checks.stored_checks import record_check
from dtc_stack.mage.failed_runs import record
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

FAILURE = RunFailure("7", "small_model", "Small", "check", "2025-01", "2025-03", "load_current: gone")


def checked(wave: Wave, model: str = "small_model") -> DriftCheck:
    verdict = DriftVerdict("stable", 0.0, 0.5, (), 500, 480, 0.05)
    at = datetime.now(UTC) + timedelta(seconds=1)
    return DriftCheck(f"{model}{wave}", model, Wave(2025, 1), wave, at, "0123abcd", "http://127.0.0.1", verdict)


def test_before_the_first_failure_there_is_none(engine: Engine) -> None:
    with transaction(engine) as connection:
        assert open_failures(connection) == []


def test_a_failure_is_open_until_its_wave_is_checked(engine: Engine) -> None:
    with transaction(engine) as connection:
        record_failed_run(connection, FAILURE)
        record_failed_run(connection, FAILURE)
    with transaction(engine) as connection:
        (found,) = open_failures(connection)
        assert (found.survey, found.stage, found.reason) == ("Small", "check", "load_current: gone")
        for other in (checked(Wave(2025, 2)), checked(Wave(2025, 3), "other_model")):
            record_check(connection, other)
        assert len(open_failures(connection)) == 1
        record_check(connection, checked(Wave(2025, 3)))
        assert open_failures(connection) == []


@pytest.mark.usefixtures("database_in_environment")
def test_what_ends_badly_in_mage_is_recorded(engine: Engine) -> None:
    record(9, "start", "stores: Mage takes no run", {"reference_wave": "", "current_wave": "2025-04"}, "")
    with transaction(engine) as connection:
        (found,) = open_failures(connection)
    assert (found.run_id, found.current_wave, found.model_name) == ("9", "2025-04", "")


def test_a_failed_forecast_is_open_until_there_is_a_later_one(engine: Engine) -> None:
    table, failure = ForecastTable("customer_churn"), replace(FAILURE, model_name="customer_churn", stage="forecast")
    with transaction(engine) as connection:
        table.create(connection)
        record_failed_run(connection, failure)
        assert len(open_failures(connection)) == 1
    with transaction(engine) as connection:
        key = ForecastKey(datetime(2025, 3, 1, tzinfo=UTC), "1", 30)
        table.write(connection, key, pd.DataFrame({"customer_id": ["ann"], "probability": [0.5]}))
        assert open_failures(connection) == []
