"""Frames into tables by COPY, the fastest way that Postgres offers."""

import math
from collections.abc import Sequence
from contextlib import closing
from io import StringIO
from typing import Final

import pandas as pd
from psycopg2 import sql
from sqlalchemy import Connection, Table

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
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    )
    columns = [column.name for column in table.columns]
    with closing(connection.connection.cursor()) as cursor:
        for start in range(0, len(frame), ROWS_PER_COPY):
            part = frame.iloc[start : start + ROWS_PER_COPY]
            texts = [_as_text(part[column]) for column in columns]
            cursor.copy_expert(command, StringIO("\n".join(map("\t".join, zip(*texts, strict=True)))))
    # Without figures about the new table the planner would join it row by row.
    connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")


def _as_text(column: pd.Series) -> Sequence[str]:
    """Write a column in COPY's text format."""
    if column.dtype == "float64":
        return [_NULL if math.isnan(value) else repr(value) for value in column.tolist()]
    codes, values = pd.factorize(column)
    texts = [str(value).translate(_ESCAPES) for value in values]
    texts.append(_NULL)  # found by factorize's code for missing values, -1
    return [texts[code] for code in codes.tolist()]
