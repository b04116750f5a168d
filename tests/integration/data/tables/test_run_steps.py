"""A step of a run is done once, however often the run is executed."""

import json
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from dtc_data.core import DatabaseUnavailableError, PostgresSettings, RunStepError
from dtc_data.tables import make_engine, once, transaction
from fakes.at_once import at_once
from fakes.run_steps import begin_and_stay
from fakes.waiting import PATIENCE_SECONDS, wait_until
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration


class Step:
    """A step that notes each time that it is done."""

    def __init__(self, seconds: float = 0.0, *errors: Exception) -> None:
        self.done = 0
        self._seconds = seconds
        self._errors = list(errors)

    def __call__(self) -> dict[str, Any]:
        self.done += 1
        time.sleep(self._seconds)
        if self._errors:
            raise self._errors.pop(0)
        return {"number": self.done}


def rows(engine: Engine) -> list[Any]:
    with transaction(engine) as connection:
        return list(connection.execute(text("SELECT * FROM pipeline_steps ORDER BY run_id, step")))


def test_a_step_that_was_done_gives_its_result_again(engine: Engine) -> None:
    step = Step()
    assert [once(engine, "run 1", "check", step) for _ in range(3)] == [{"number": 1}] * 3
    assert step.done == 1


def test_steps_and_runs_are_told_apart(engine: Engine) -> None:
    step = Step()
    found = [once(engine, run, name, step)["number"] for run in ("run 1", "run 2") for name in ("check", "train")]
    assert found == [1, 2, 3, 4]


def test_of_executions_that_start_together_one_does_the_step_and_all_have_its_result(engine: Engine) -> None:
    for number in range(50):
        step = Step(0.01)
        found = at_once([partial(once, engine, f"run {number}", "check", step)] * 2)
        assert (found, step.done) == ([{"number": 1}] * 2, 1)
    assert [(row.run_id, row.step) for row in rows(engine)] == sorted((f"run {n}", "check") for n in range(50))


def executions_that_wait(engine: Engine) -> int:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with transaction(engine) as connection:
        return int(connection.scalar(text(waiting)) or 0)


def test_whoever_waits_for_a_step_that_fails_fails_with_its_reason_and_does_not_try_it(engine: Engine) -> None:
    done: list[str] = []

    def fail_once_the_others_wait() -> dict[str, Any]:
        done.append("check")
        wait_until(lambda: executions_that_wait(engine) == 2)
        raise ValueError("no respondents")

    def attempt() -> str:
        try:
            return str(once(engine, "run 1", "check", fail_once_the_others_wait))
        except (ValueError, RunStepError) as error:
            return f"{type(error).__name__}: {error}"

    found = sorted(at_once([attempt] * 3))
    told = "RunStepError: check failed in another execution of this run: no respondents"
    assert (found, done) == ([told, told, "ValueError: no respondents"], ["check"])


def test_a_step_that_failed_is_tried_again_by_who_comes_later(engine: Engine) -> None:
    step = Step(0, ValueError("no respondents"))
    with pytest.raises(ValueError, match="no respondents"):
        once(engine, "run 1", "check", step)
    (row,) = rows(engine)
    assert (row.error, row.result) == ("no respondents", None)
    assert once(engine, "run 1", "check", step) == {"number": 2}
    (row,) = rows(engine)
    assert (row.error, json.loads(row.result)) == (None, {"number": 2})


@pytest.fixture
def killed(customer_database: PostgresSettings, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Let another process begin the step; what is given kills it."""
    started = tmp_path / "started"
    process = multiprocessing.get_context("spawn").Process(
        target=begin_and_stay, args=(customer_database, "run 1", "check", started)
    )
    process.start()
    wait_until(started.exists)

    def kill() -> None:
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join(PATIENCE_SECONDS)

    yield kill
    process.kill()


def test_whoever_waits_takes_the_place_of_an_execution_that_is_killed(
    engine: Engine, killed: Callable[[], None]
) -> None:
    step, found = Step(), list[dict[str, Any]]()
    waiting = threading.Thread(target=lambda: found.append(once(engine, "run 1", "check", step)))
    waiting.start()
    wait_until(lambda: executions_that_wait(engine) == 1)
    assert (step.done, waiting.is_alive()) == (0, True)
    killed()
    waiting.join(PATIENCE_SECONDS)
    assert (found, step.done) == ([{"number": 1}], 1)
    (row,) = rows(engine)
    assert str(os.getpid()) in row.claimed_by


def break_all_sessions_off(engine: Engine) -> None:
    """Do to sessions what a restart of Postgres does."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    with transaction(engine) as connection:
        connection.execute(text(others))


def test_a_step_whose_session_breaks_off_gives_way_to_who_took_its_place(engine: Engine) -> None:
    def work() -> dict[str, Any]:
        break_all_sessions_off(engine)
        assert once(engine, "run 1", "check", lambda: {"by": "the second"}) == {"by": "the second"}
        return {"by": "the first"}

    assert once(engine, "run 1", "check", work) == {"by": "the second"}


def test_a_step_whose_session_breaks_off_is_kept_if_nobody_took_its_place(engine: Engine) -> None:
    def work() -> dict[str, Any]:
        break_all_sessions_off(engine)
        return {"by": "the first"}

    assert once(engine, "run 1", "check", work) == {"by": "the first"}
    assert once(engine, "run 1", "check", lambda: {"by": "the second"}) == {"by": "the first"}


def test_no_lock_outlives_its_step(engine: Engine) -> None:
    once(engine, "run 1", "check", Step())
    with pytest.raises(ValueError, match="wrong"):
        once(engine, "run 2", "check", Step(0, ValueError("wrong")))
    with transaction(engine) as connection:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        assert connection.scalar(text(held)) == 0


def test_what_json_of_postgres_would_not_take_is_kept_too(engine: Engine) -> None:
    odd = {"nothing": float("nan"), "text": "nul \x00 and half of a pair \ud83d", "list": [1, None]}
    first, again = (once(engine, "run 1", "check", lambda: dict(odd)) for _ in range(2))
    for found in (first, again):
        assert math.isnan(found.pop("nothing"))
    assert first == again == {"text": odd["text"], "list": odd["list"]}


def test_without_the_database_a_step_is_done_only_where_that_was_allowed(customer_database: PostgresSettings) -> None:
    nowhere = make_engine(customer_database.model_copy(update={"port": 9}))
    step = Step()
    with pytest.raises(DatabaseUnavailableError, match=r"127\.0\.0\.1:9"):
        once(nowhere, "run 1", "tell", step)
    assert step.done == 0
    with structlog.testing.capture_logs() as logs:
        assert once(nowhere, "run 1", "tell", step, without_database=True) == {"number": 1}
    assert [entry["event"] for entry in logs] == ["nothing keeps this step from being done twice"]
