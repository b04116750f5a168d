"""Which failed runs people have yet to hear of, with Mage's table of runs as it is in Postgres."""

from collections.abc import Callable, Iterator

import pytest
from dtc_data.tables import transaction
from dtc_stack.mage.told_runs import note_told, prepare, untold
from sqlalchemy import Connection, Engine, text

pytestmark = pytest.mark.integration

STATES = ("INITIAL", "RUNNING", "COMPLETED", "FAILED", "CANCELLED")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A database with Mage's runs, of which the first failed before anybody was told of any."""
    with transaction(engine) as connection:
        connection.execute(text(f"CREATE TYPE pipelinerunstatus AS ENUM {STATES}"))
        connection.execute(
            text("CREATE TABLE pipeline_run (id int, status pipelinerunstatus, updated_at timestamptz DEFAULT now())")
        )
        connection.execute(text("INSERT INTO pipeline_run VALUES (1, 'FAILED')"))
        prepare(connection)
        yield connection


@pytest.fixture
def put(connection: Connection) -> Callable[..., None]:
    """Let runs be in a state."""

    def do(status: str, *runs: int, ago: str = "0 hours") -> None:
        for run in runs:
            values = {"run": run, "status": status, "ago": ago}
            connection.execute(text("DELETE FROM pipeline_run WHERE id = :run"), values)
            statement = "INSERT INTO pipeline_run VALUES (:run, CAST(:status AS pipelinerunstatus), now() - CAST(:ago AS interval))"
            connection.execute(text(statement), values)

    return do


def test_what_failed_before_is_no_news(connection: Connection) -> None:
    assert untold(connection) == []
    prepare(connection)
    assert untold(connection) == []


def test_failed_and_cancelled_runs_are_told_of_once(connection: Connection, put: Callable[..., None]) -> None:
    put("FAILED", 2)
    put("CANCELLED", 3)
    put("COMPLETED", 4)
    put("RUNNING", 5)
    put("INITIAL", 6)
    assert untold(connection) == [2, 3]
    note_told(connection, 2)
    assert untold(connection) == [3]


def test_a_run_that_is_taken_up_again_and_fails_again_is_told_of_again(
    connection: Connection, put: Callable[..., None]
) -> None:
    put("FAILED", 2)
    note_told(connection, 2)
    put("RUNNING", 2)
    assert untold(connection) == []
    put("FAILED", 2)
    assert untold(connection) == [2]


def test_what_telegram_has_not_taken_for_a_day_is_no_news_any_more(
    connection: Connection, put: Callable[..., None]
) -> None:
    put("FAILED", 2, ago="23 hours")
    put("FAILED", 3, ago="25 hours")
    assert untold(connection) == [2]


def test_noting_twice_is_no_error(connection: Connection, put: Callable[..., None]) -> None:
    put("FAILED", 2)
    note_told(connection, 2)
    note_told(connection, 2)
    assert untold(connection) == []
