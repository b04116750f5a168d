"""The embedded server, its databases and their roles."""

import shutil
import subprocess
import uuid
from pathlib import Path

import psycopg2
import pytest
from dtc_data.core import DatabaseUnavailableError, SettingsError
from dtc_stack.databases import Database, prepare
from dtc_stack.errors import StackError
from dtc_stack.programs import ADMIN, embedded_postgres
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from fakes.ports import free_port

pytestmark = pytest.mark.integration

ADMIN_PASSWORD = "only-for-tests"
AWKWARD = """p@ss:w/o#r%d?'"$ \\x"""


def fresh(password: str) -> Database:
    name = f"test_{uuid.uuid4().hex[:12]}"
    return Database(name, name, password)


def connect(server: EmbeddedPostgres, database: Database, dbname: str | None = None) -> None:
    """Log in and leave."""
    psycopg2.connect(
        host=server.host,
        port=server.port,
        user=database.role,
        password=database.password,
        dbname=dbname or database.name,
    ).close()


def test_databases_are_made_once(postgres: EmbeddedPostgres) -> None:
    database = fresh("first")
    arguments = (postgres.host, postgres.port, ADMIN, ADMIN_PASSWORD, (database,))
    assert prepare(*arguments) == [database.name]
    assert prepare(*arguments) == []
    connect(postgres, database)


def test_a_changed_password_takes_effect(postgres: EmbeddedPostgres) -> None:
    first = fresh("first")
    second = Database(first.name, first.role, AWKWARD)
    prepare(postgres.host, postgres.port, ADMIN, ADMIN_PASSWORD, (first,))
    prepare(postgres.host, postgres.port, ADMIN, ADMIN_PASSWORD, (second,))
    connect(postgres, second)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(postgres, first)


def test_no_role_enters_another_s_database(postgres: EmbeddedPostgres) -> None:
    mine, yours = fresh("first"), fresh("first")
    prepare(postgres.host, postgres.port, ADMIN, ADMIN_PASSWORD, (mine, yours))
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        connect(postgres, mine, dbname=yours.name)


def test_the_url_of_a_database_holds_any_password(postgres: EmbeddedPostgres) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - only this test reads the URL as MLflow does

    database = fresh(AWKWARD)
    prepare(postgres.host, postgres.port, ADMIN, ADMIN_PASSWORD, (database,))
    with create_engine(database.url(postgres.host, postgres.port)).connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == database.role


def test_a_wrong_superuser_password_is_named_with_its_setting(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(SettingsError, match="POSTGRES_ADMIN_PASSWORD"):
        prepare(postgres.host, postgres.port, ADMIN, "wrong", ())


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(DatabaseUnavailableError, match="cannot be reached"):
        prepare("127.0.0.1", free_port(), ADMIN, ADMIN_PASSWORD, ())


def test_a_cluster_is_made_once(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "with spaces" / "data", "127.0.0.1", free_port())
    assert server.initialise(ADMIN_PASSWORD)
    assert not server.initialise(ADMIN_PASSWORD)
    assert [path.name for path in server.data_folder.parent.iterdir()] == ["data"]


def test_a_checkout_that_only_its_owner_may_enter_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = embedded_postgres.binaries_folder().parents[1]
    for folder in package.parent.glob(f"{package.name}*"):  # with the libraries that lie beside it
        shutil.copytree(folder, closed / folder.name)
    monkeypatch.setattr(embedded_postgres, "binaries_folder", lambda: closed / package.name / "pginstall" / "bin")
    server = EmbeddedPostgres(closed / "data", "127.0.0.1", free_port())
    assert server.initialise(ADMIN_PASSWORD)
    found = subprocess.run(
        [*server.command(), "-C", "data_directory"], capture_output=True, text=True, check=True, cwd="/"
    )
    assert found.stdout.strip() == str(closed / "data")


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "data", "127.0.0.1", free_port())
    (tmp_path / "data.draft").mkdir()
    (tmp_path / "data.draft" / "PG_VERSION").write_text("16")
    assert server.initialise(ADMIN_PASSWORD)


def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(StackError, match=r"made by PostgreSQL 15, the stack runs 16"):
        EmbeddedPostgres(tmp_path / "data", "127.0.0.1", free_port()).initialise(ADMIN_PASSWORD)
