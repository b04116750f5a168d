"""What the tests of the respondent table share."""

from collections.abc import Iterator

import pytest
from dtc_data.database import make_engine
from dtc_data.settings import PostgresSettings
from sqlalchemy import Engine


@pytest.fixture
def engine(customer_database: PostgresSettings) -> Iterator[Engine]:
    """An engine on a fresh database."""
    engine = make_engine(customer_database)
    yield engine
    engine.dispose()
