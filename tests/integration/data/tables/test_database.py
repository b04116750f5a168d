"""Connections to a real Postgres."""

import pytest
from dtc_data.core import DatabaseUnavailableError, PostgresSettings
from dtc_data.core.sql_names import RESERVED_WORDS
from dtc_data.tables import make_engine, transaction
from pydantic import SecretStr
from sqlalchemy.exc import ProgrammingError

pytestmark = pytest.mark.integration


def test_sessions_speak_utc(customer_database: PostgresSettings) -> None:
    with transaction(make_engine(customer_database)) as connection:
        assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"


def test_a_transaction_commits_at_its_end_and_rolls_back_on_an_error(customer_database: PostgresSettings) -> None:
    engine = make_engine(customer_database)
    with transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE kept (n integer)")

    def fail_half_way() -> None:
        with transaction(engine) as connection:
            connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
            raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        fail_half_way()
    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"port": 1}, {"password": SecretStr("wrong")}, {"dbname": "nowhere"}, {"user": "nobody"}, {"host": "no.such.host.invalid"}],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_a_server_that_cannot_be_used_is_named_with_the_way_out(
    wrong: dict[str, object], customer_database: PostgresSettings
) -> None:
    settings = customer_database.model_copy(update=wrong)

    with pytest.raises(DatabaseUnavailableError) as caught, transaction(make_engine(settings)):
        pass

    message = str(caught.value)
    assert f"Postgres at {settings.host}:{settings.port}, database {settings.dbname!r}" in message
    assert "POSTGRES_ settings in .env" in message
    assert customer_database.password.get_secret_value() not in message


def test_a_connection_that_breaks_half_way_is_the_same_error(customer_database: PostgresSettings) -> None:
    engine = make_engine(customer_database)

    def lose_the_connection() -> None:
        with transaction(engine) as connection:
            own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with transaction(engine) as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(DatabaseUnavailableError, match=r"cannot be used: (server closed the|terminating) connection"):
        lose_the_connection()


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["DO $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"], "no space left on device"),
        (["SET TRANSACTION READ ONLY", "CREATE TABLE new (n integer)"], "read-only transaction"),
        (["SELECT * FROM pg_authid"], "permission denied"),
        (["SET statement_timeout = 1", "SELECT pg_sleep(9)"], "statement timeout"),
    ],
)
def test_a_server_that_takes_nothing_is_the_same_error(
    statements: list[str], reason: str, customer_database: PostgresSettings
) -> None:
    with (
        pytest.raises(DatabaseUnavailableError, match=reason) as caught,
        transaction(make_engine(customer_database)) as connection,
    ):
        _ = [connection.exec_driver_sql(statement) for statement in statements]
    assert "SQL:" not in str(caught.value)


def test_a_mistake_in_a_statement_is_no_outage(customer_database: PostgresSettings) -> None:
    with pytest.raises(ProgrammingError), transaction(make_engine(customer_database)) as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")


def test_an_engine_recovers_when_the_server_dropped_its_idle_connections(customer_database: PostgresSettings) -> None:
    engine = make_engine(customer_database)
    with transaction(engine) as connection:
        old = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with transaction(make_engine(customer_database)) as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({old}, 10000)")  # waits until it has ended

    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != old


def test_the_list_of_reserved_words_is_that_of_postgres(customer_database: PostgresSettings) -> None:
    with transaction(make_engine(customer_database)) as connection:
        words = (
            connection.exec_driver_sql("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')").scalars().all()
        )

    assert set(words) == RESERVED_WORDS
