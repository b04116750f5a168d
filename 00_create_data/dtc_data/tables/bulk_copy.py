"""Frames into tables by COPY, the fastest way that Postgres offers."""

import math
from collections.abc import Iterable, Sequence
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from psycopg2 import sql
from sqlalchemy import Connection, Select, Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_COPY: Final = 50_000
"""Rows held as text at a time."""

_NULL = r"\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


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
    command = _copy_command(table, "text")
    columns = [column.name for column in table.columns]
    with closing(connection.connection.cursor()) as cursor:
        for start in range(0, len(frame), ROWS_PER_COPY):
            part = frame.iloc[start : start + ROWS_PER_COPY]
            texts = [_as_text(part[column]) for column in columns]
            cursor.copy_expert(command, StringIO("\n".join(map("\t".join, zip(*texts, strict=True)))))
    _analyze(connection, table)


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
            cursor.copy_expert(_copy_command(table, "CSV"), text)
            rows += batch.num_rows
    _analyze(connection, table)
    return rows


def copy_query_to_file(connection: Connection, query: Select[Any], path: Path) -> None:
    """Write what a query selects to a CSV file with a header."""
    selected = query.compile(connection, compile_kwargs={"literal_binds": True})
    with path.open("wb") as file, closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(f"COPY ({selected}) TO STDOUT WITH (FORMAT csv, HEADER)", file)


def _copy_command(table: Table, written_as: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    return sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT {})").format(
        sql.Identifier(table.name), columns, sql.SQL(written_as)
    )


def _analyze(connection: Connection, table: Table) -> None:
    """Let the planner know the new table: without figures it would join it row by row."""
    connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")


def _as_text(column: pd.Series) -> Sequence[str]:
    """Write a column in COPY's text format."""
    if column.dtype == "float64":
        return [_NULL if math.isnan(value) else repr(value) for value in column.tolist()]
    codes, values = pd.factorize(column)
    texts = [str(value).translate(_ESCAPES) for value in values]
    texts.append(_NULL)  # found by factorize's code for missing values, -1
    return [texts[code] for code in codes.tolist()]
