"""Frames into tables by COPY, the fastest way that Postgres offers."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from psycopg2 import sql
from sqlalchemy import Connection, Select, Table

from dtc_data.tables.streams.binary_rows import binary_rows

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_COPY: Final = 50_000
"""Rows held in PostgreSQL's own format at a time."""


def copy_into_temporary(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Make a temporary table and fill it with the columns of a frame that it has.

    Parameters
    ----------
    connection : Connection
        In a transaction, with psycopg2 below it.
    table : Table
        Declared ``TEMPORARY``; made here and dropped at the end of the transaction at the latest.
    frame : DataFrame
        With a column for each of the table's. Missing values become NULL, and doubles arrive exactly.
    """
    table.create(connection, checkfirst=False)
    copy_frame(connection, table, frame[[column.name for column in table.columns]])
    analyze(connection, table)


def copy_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Add the rows of a frame to a table.

    Parameters
    ----------
    connection : Connection
        In a transaction, with psycopg2 below it.
    table : Table
        With columns of the types that `binary_rows` writes, at least those of the frame.
    frame : DataFrame
        Its columns bear the keys of the table's. Missing values become NULL, and doubles arrive exactly.
    """
    keys = list(frame.columns)
    command = _copy_command(table, "binary", [table.c[key].name for key in keys])
    types = [table.c[key].type for key in keys]
    with closing(connection.connection.cursor()) as cursor:
        for start in range(0, len(frame), ROWS_PER_COPY):
            part = frame.iloc[start : start + ROWS_PER_COPY]
            cursor.copy_expert(command, BytesIO(binary_rows(types, [part[key] for key in keys])))


def copy_batches_into_temporary(connection: Connection, table: Table, batches: Iterable["pa.RecordBatch"]) -> int:
    """Make a temporary table and fill it with the columns of Arrow batches that it has, one batch in memory at a time.

    Returns
    -------
    int
        How many rows were copied.
    """
    from pyarrow import csv  # noqa: PLC0415 - only lines of transactions come in batches

    table.create(connection, checkfirst=False)
    columns = [column.name for column in table.columns]
    quoted = csv.WriteOptions(include_header=False, quoting_style="all_valid")  # so that only what is missing is bare
    rows = 0
    with closing(connection.connection.cursor()) as cursor:
        for batch in batches:
            text = BytesIO()
            csv.write_csv(batch.select(columns), text, quoted)
            text.seek(0)
            cursor.copy_expert(_copy_command(table, "CSV", columns), text)
            rows += batch.num_rows
    analyze(connection, table)
    return rows


def copy_query_to_file(connection: Connection, query: Select[Any], path: Path) -> None:
    """Write what a query selects to a CSV file with a header."""
    selected = query.compile(connection, compile_kwargs={"literal_binds": True})
    with path.open("wb") as file, closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(f"COPY ({selected}) TO STDOUT WITH (FORMAT csv, HEADER)", file)


def _copy_command(table: Table, written_as: str, names: Sequence[str]) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT {})").format(
        sql.Identifier(table.name), columns, sql.SQL(written_as)
    )


def analyze(connection: Connection, table: Table) -> None:
    """Let the planner know the new table: without figures it would join it row by row."""
    connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")
