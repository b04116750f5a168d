"""What is told of a run that ended badly."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from dtc_stack.mage.block_log import error_in
from dtc_stack.mage.failed_runs import reason_of, stage_of, tell_people
from fakes.telegram import FakeTelegram

LOADED = {"name_waves": "completed", "load_reference": "completed", "load_current": "completed"}
CHECKED = LOADED | {"select_features": "completed", "check_drift": "completed"}
DRIFT = CHECKED | {"notify_no_drift": "condition_failed"}


@pytest.mark.parametrize(
    ("statuses", "stage"),
    [
        ({}, "check"),
        ({"name_waves": "failed", "check_drift": "initial"}, "check"),
        (LOADED | {"select_features": "failed", "check_drift": "upstream_failed"}, "check"),
        (CHECKED | {"check_drift": "failed", "train_models": "upstream_failed"}, "check"),
        (CHECKED | {"check_drift": "cancelled"}, "check"),
        (DRIFT | {"train_models": "failed", "promote_model": "upstream_failed"}, "retraining"),
        (DRIFT | {"train_models": "completed", "register_best_model": "failed"}, "retraining"),
        (DRIFT | {"train_models": "cancelled", "promote_model": "cancelled"}, "retraining"),
        (DRIFT | {"train_models": "completed", "promote_model": "completed", "notify_drift": "failed"}, "telling"),
        (CHECKED | {"train_models": "condition_failed", "promote_model": "condition_failed"}, "telling"),
        (CHECKED | {"train_models": "initial", "promote_model": "initial", "notify_no_drift": "initial"}, "telling"),
    ],
)
def test_people_are_told_what_the_run_was_about(statuses: dict[str, str], stage: str) -> None:
    assert stage_of(statuses) == stage


def test_the_reason_is_that_of_the_steps_that_failed() -> None:
    assert reason_of(7, "failed", {"select_features": "no respondents"}) == "select_features: no respondents"
    both = reason_of(7, "failed", {"load_current": "gone", "load_reference": None})
    assert both == "load_current: gone; load_reference: Mage keeps no message"


def test_a_run_without_a_failed_step_says_what_is_known_of_it() -> None:
    assert reason_of(7, "cancelled", {}) == "Run 7 was cancelled in Mage before its end."
    assert reason_of(7, "failed", {}).startswith("Run 7 failed, and none of its steps did")


def test_the_last_error_in_a_log_counts() -> None:
    lines = [json.dumps({"message": "m", "error_stacktrace": text}) for text in ("first", 'a "quoted" \\ one\nof two')]
    assert error_in("\n".join(["started", *lines, "ended"])) == 'a "quoted" \\ one\nof two'
    assert error_in("started\nended") is None


def ended_run(pipeline: str, failed_block: str, error: str, variables: dict[str, Any]) -> SimpleNamespace:
    """A run as Mage describes it, of which a block failed."""
    log = {"content": json.dumps({"error_stacktrace": error})}
    block = SimpleNamespace(block_uuid=failed_block, status=SimpleNamespace(value="failed"), logs=log)
    return SimpleNamespace(
        id=7,
        pipeline_uuid=pipeline,
        status=SimpleNamespace(value="failed"),
        block_runs=[block],
        failed_block_runs=[block],
        get_variables=lambda: variables,
    )


def test_an_error_outside_the_code_of_a_block_is_told_with_the_waves(telegram: FakeTelegram) -> None:
    variables = {"reference_wave": "2025-01", "current_wave": "2025-03"}
    run = ended_run("dtc_persona_analysis_pipeline", "select_features", "column 'sample' is there twice", variables)
    assert tell_people(run)["status"] == "sent"
    (message,) = telegram.messages
    assert message.text.startswith("The check failed")
    for part in ("DTC personas, wave 2025-03", "2025-01", "select_features: column 'sample' is there twice"):
        assert part in message.text


def test_monthly_checks_that_failed_are_told_with_the_month(telegram: FakeTelegram) -> None:
    variables = {"execution_date": datetime(2025, 5, 1, tzinfo=UTC)}
    tell_people(ended_run("monthly_checks", "start_checks", "stores: Mage takes no run", variables))
    (message,) = telegram.messages
    assert message.text.startswith("The monthly checks did not all start")
    assert "Wave 2025-04" in message.text


def test_a_run_of_forecasts_that_failed_is_no_all_clear_and_names_the_way_on(telegram: FakeTelegram) -> None:
    run = ended_run("customer_behaviour_pipeline", "settle_forecasts", "the lines end", {"current_wave": "2017-11"})
    assert tell_people(run)["status"] == "sent"
    (message,) = telegram.messages
    assert message.text.startswith("The forecast run failed")
    for part in (
        "Wave 2017-11",
        "settle_forecasts: the lines end",
        "not an all-clear",
        "make forecast_pipeline WAVE=2017-11",
    ):
        assert part in message.text


def test_a_run_whose_variables_cannot_be_read_is_told_all_the_same(telegram: FakeTelegram) -> None:
    tell_people(ended_run("dtc_persona_analysis_pipeline", "name_waves", "which waves?", {}))
    (message,) = telegram.messages
    assert "name_waves: which waves?" in message.text
