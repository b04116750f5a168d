"""Servers and data that tests share. Every server is real, on a free port and in a folder of its own."""

import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dtc_data import Catalogue, load_catalogue
from dtc_data.core import DatabaseUnavailableError, PostgresSettings, settle_environment
from dtc_data.tables import make_engine
from dtc_stack.databases import Database, prepare
from dtc_stack.programs import ADMIN
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from fakes.catalogues import SHIPPED_CATALOGUE
from fakes.ports import free_port
from fakes.shared_server import StartedServer, shared_server, spawn
from fakes.telegram import FakeTelegram
from fakes.waiting import wait_until
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr
from sqlalchemy import Engine

settle_environment()  # what tests start is not a program that calls out either

ADMIN_PASSWORD = "only-for-tests"

# The same examples on every machine, and no limits of time: neither for an example nor for drawing them.
hypothesis_settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL server."""
    with shared_server(
        "postgres", tmp_path_factory, _start_postgres, signal.SIGQUIT
    ) as running:  # at once: no data is kept
        yield EmbeddedPostgres(Path(running.folder) / "data", "127.0.0.1", running.port)


def _start_postgres(folder: Path) -> StartedServer:
    server = EmbeddedPostgres(folder / "data", "127.0.0.1", free_port())
    server.initialise(ADMIN_PASSWORD)
    log = folder / "log"
    pid = spawn([*server.command(), "-cfsync=off"], log)

    def accepts() -> bool:
        with contextlib.suppress(DatabaseUnavailableError):
            prepare(server.host, server.port, ADMIN, ADMIN_PASSWORD, ())
            return True
        return False

    wait_until(accepts, log.read_text)
    return StartedServer(server.port, pid, str(folder))


def _fresh_database(server: EmbeddedPostgres) -> Database:
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = Database(name, name, uuid.uuid4().hex)
    prepare(server.host, server.port, ADMIN, ADMIN_PASSWORD, (database,))
    return database


@pytest.fixture
def customer_database(postgres: EmbeddedPostgres) -> PostgresSettings:
    """Settings of a fresh, empty database."""
    database = _fresh_database(postgres)
    return PostgresSettings(
        user=database.role,
        password=SecretStr(database.password),
        dbname=database.name,
        host=postgres.host,
        port=postgres.port,
    )


@pytest.fixture
def engine(customer_database: PostgresSettings) -> Iterator[Engine]:
    """An engine on a fresh database."""
    engine = make_engine(customer_database)
    yield engine
    engine.dispose()


@pytest.fixture
def database_in_environment(customer_database: PostgresSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of that database, as a command reads them."""
    for name, value in customer_database.model_dump().items():
        monkeypatch.setenv(f"POSTGRES_{name.upper()}", value.get_secret_value() if name == "password" else str(value))


@pytest.fixture(scope="session")
def mlflow_uri(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real MLflow server on Postgres that proxies its artifacts."""

    def start(folder: Path) -> StartedServer:
        return _start_mlflow(folder, _fresh_database(postgres).url(postgres.host, postgres.port))

    with shared_server("mlflow", tmp_path_factory, start, signal.SIGTERM) as running:
        yield _mlflow_url(running.port)


def _start_mlflow(folder: Path, database_url: str) -> StartedServer:
    port, log = free_port(), folder / "log"
    environment = os.environ | {
        "MLFLOW_BACKEND_STORE_URI": database_url,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    command = [str(Path(sys.executable).parent / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--artifacts-destination", str(folder / "artifacts"), "--workers", "1"]
    command += ["--app-name", "model_training"]
    pid = spawn(command, log, environment)
    wait_until(lambda: _answers(f"{_mlflow_url(port)}/api/2.0/mlflow/registered-models/search"), log.read_text)
    return StartedServer(port, pid, str(folder))


def _mlflow_url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    """A local server in Telegram's place, to which the settings lead."""
    with FakeTelegram() as server:
        monkeypatch.setenv("BOT_TOKEN", server.token)
        monkeypatch.setenv("CHAT_ID", server.chat_id)
        monkeypatch.setenv("TELEGRAM_API_URL", server.base_url)
        yield server


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load_catalogue(SHIPPED_CATALOGUE)


@pytest.fixture(scope="session")
def small_catalogue() -> Catalogue:
    """Two personas in three features, one of them scaled."""
    return Catalogue.model_validate(
        {
            "name": "small",
            "unit_table": "small_features",
            "registered_model": "small_model",
            "features": [{"name": "price"}, {"name": "ecology"}, {"name": "visits", "scale": 10.0}],
            "personas": [
                {"id": 7, "name": "Thrifty Theo", "centroid": [1.0, 2.0, 30.0]},
                {"id": 3, "name": "Green Greta", "centroid": [4.0, 5.0, 10.0]},
            ],
        }
    )
