"""What tests do to a respondent table, each in a transaction of its own."""

import pandas as pd
from dtc_data import Wave
from dtc_data.tables import IngestResult, UnitTable, transaction
from sqlalchemy import Engine, func, select
from sqlalchemy import table as sql_table


def ingest(engine: Engine, table: UnitTable, frame: pd.DataFrame) -> IngestResult:
    """Take respondents in."""
    with transaction(engine) as connection:
        return table.ingest(connection, frame)


def load(engine: Engine, table: UnitTable, wave: Wave) -> pd.DataFrame:
    """Read a wave."""
    with transaction(engine) as connection:
        return table.load(connection, wave)


def write_labels(engine: Engine, table: UnitTable, labels: pd.DataFrame, version: str) -> int:
    """Write labels, and tell how many rows changed."""
    with transaction(engine) as connection:
        return table.write_labels(connection, labels, version)


def count_rows(engine: Engine, name: str) -> int:
    """Count the rows of any table."""
    with transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(sql_table(name))) or 0
