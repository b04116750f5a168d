"""The respondent table that tests of the data room begin with."""

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from fakes.units import ingest
from sqlalchemy import Engine


@pytest.fixture
def table(engine: Engine, small_catalogue: Catalogue) -> UnitTable:
    """An empty respondent table."""
    table = UnitTable(small_catalogue)
    with transaction(engine) as connection:
        table.create(connection)
    return table


@pytest.fixture
def january(small_catalogue: Catalogue) -> pd.DataFrame:
    """Two hundred respondents with the vendor's personas, not in the table yet."""
    return make_wave(small_catalogue, 200, 2, 42, Wave(2025, 1))


@pytest.fixture
def march(engine: Engine, table: UnitTable, small_catalogue: Catalogue) -> pd.DataFrame:
    """A hundred respondents without a persona, who are in the table."""
    march = make_wave(small_catalogue, 100, 2, 1, Wave(2025, 3), labelled=False)
    ingest(engine, table, march)
    return march
