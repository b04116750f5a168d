"""What the tests on a real PostgreSQL share."""

from collections.abc import Iterator

import pytest
from dtc_data.core import PostgresSettings
from dtc_data.tables import make_engine
from sqlalchemy import Engine


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
