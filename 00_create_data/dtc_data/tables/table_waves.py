"""Which months a table of units holds, told without its catalogue and without pandas: small commands ask for no more."""

from sqlalchemy import Column, Connection, DateTime, MetaData, Table, inspect

from dtc_data.core import Wave
from dtc_data.tables.statements import months


def waves_in(connection: Connection, table_name: str) -> list[Wave] | None:
    """List the months in which there are units, the earliest first; None if there is no such table with dates."""
    inspector = inspect(connection)
    if not inspector.has_table(table_name):
        return None
    if "date" not in {column["name"] for column in inspector.get_columns(table_name)}:
        return None
    table = Table(table_name, MetaData(), Column("date", DateTime(timezone=True)))
    return [Wave(start.year, start.month) for start in connection.scalars(months(table))]
