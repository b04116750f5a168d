from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from dtc_data import Wave
from dtc_data.tables import transaction
from dtc_monitoring import ColumnDrift, DriftVerdict
from dtc_monitoring.checks import latest_checks
from dtc_monitoring.checks.drift_check import DriftCheck
from dtc_monitoring.checks.stored_checks import record_check
from fakes.at_once import at_once
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration


@pytest.fixture
def check() -> DriftCheck:
    columns = (
        ColumnDrift("price", "ks", 0.31, 1e-17, drifted=True),
        ColumnDrift("ecology", "z", -0.2, 0.84, drifted=False),
    )
    return DriftCheck(
        run_id="7_20250401T000000",
        model_name="small_model",
        reference_wave=Wave(2025, 1),
        current_wave=Wave(2025, 3),
        checked_at=datetime(2025, 4, 1, 6, 30, 12, 345678, tzinfo=UTC),
        mlflow_run_id="0123abcd",
        report_url="http://127.0.0.1:5050/#/experiments/2/runs/0123abcd/artifacts",
        verdict=DriftVerdict("drift", 0.5, 0.5, columns, 500, 480, 0.05),
    )


def test_a_check_is_read_back_as_it_was_recorded(engine: Engine, check: DriftCheck) -> None:
    with transaction(engine) as connection:
        record_check(connection, check)
    with transaction(engine) as connection:
        assert latest_checks(connection, "small_model") == [check]


def test_a_check_survives_the_way_through_json(check: DriftCheck) -> None:
    assert DriftCheck.from_dict(check.to_dict()) == check


def test_before_the_first_check_there_is_none(engine: Engine) -> None:
    with transaction(engine) as connection:
        assert latest_checks(connection, "small_model") == []


def test_recording_a_pipeline_run_again_replaces_its_row(engine: Engine, check: DriftCheck) -> None:
    again = replace(check, mlflow_run_id="second", verdict=replace(check.verdict, status="stable", drifted_share=0.0))
    with transaction(engine) as connection:
        record_check(connection, check)
        record_check(connection, again)
        assert latest_checks(connection, "small_model") == [again]


def test_the_newest_checks_of_a_model_come_first_and_no_other_model_s(engine: Engine, check: DriftCheck) -> None:
    months = [Wave(2025, month) for month in (2, 3, 4)]
    with transaction(engine) as connection:
        for wave in months:
            later = replace(check, run_id=str(wave), current_wave=wave, checked_at=wave.end)
            record_check(connection, later)
        record_check(connection, replace(check, run_id="elsewhere", model_name="another_model"))
        assert [found.current_wave for found in latest_checks(connection, "small_model")] == months[::-1]
        assert [found.current_wave for found in latest_checks(connection, "small_model", limit=1)] == months[-1:]


def test_people_can_ask_the_table_itself(engine: Engine, check: DriftCheck) -> None:
    with transaction(engine) as connection:
        record_check(connection, check)
        question = (
            "SELECT status, verdict->'columns'->0->>'name', checked_at FROM drift_checks WHERE drifted_share >= 0.5"
        )
        assert connection.execute(text(question)).one() == ("drift", "price", check.checked_at)


def test_first_checks_at_the_same_moment_are_all_kept(engine: Engine, check: DriftCheck) -> None:
    def record(run_id: str) -> None:
        with transaction(engine) as connection:
            record_check(connection, replace(check, run_id=run_id))

    at_once(partial(record, f"run {n}") for n in range(6))
    with transaction(engine) as connection:
        assert len(latest_checks(connection, "small_model")) == 6


def test_a_check_in_a_transaction_that_is_rolled_back_is_not_kept(engine: Engine, check: DriftCheck) -> None:
    with engine.connect() as connection:
        record_check(connection, check)
        connection.rollback()
    with transaction(engine) as connection:
        assert latest_checks(connection, "small_model") == []
