"""Columns of survey files that the catalogue does not have: kept beside the unit table, as they were written, for the way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Identity,
    MetaData,
    Table,
    Text,
    any_,
    case,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from dtc_data.core import DATE, EXTRA, UNIT_ID, Wave, name_beside
from dtc_data.tables.statements import within
from dtc_data.tables.streams import copy_frame, copy_into_temporary

_SEPARATOR: Final = "\x1f"
"""Between the cells of one unit on their way into the database: the separator of units in ASCII."""
_ROWS_PER_BLOCK: Final = 20_000


@dataclass(frozen=True)
class ExtraColumn:
    """One column of a file, as it is to come out again."""

    name: str
    title: str = ""
    """What the file says it is, where files say so."""
    value_labels: Mapping[str, str] = field(default_factory=dict)
    """Words that the file has for codes, by the code as it is written."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(**document)


class ExtraAnswers:
    """Keeps the further columns of the files of one unit table.

    Every method works in the caller's transaction.

    Parameters
    ----------
    unit_table : str
        Name of the unit table.
    """

    def __init__(self, unit_table: str) -> None:
        metadata = MetaData()
        self._columns = Table(
            name_beside("extra_columns_", unit_table),
            metadata,
            Column("file", BigInteger, Identity(always=True), primary_key=True),
            Column("columns", JSONB, nullable=False),
        )
        self._answers = Table(
            name_beside("extra_answers_", unit_table),
            metadata,
            Column(UNIT_ID, Text, primary_key=True),
            Column(DATE, DateTime(timezone=True), primary_key=True),
            Column("file", BigInteger, nullable=False),
            Column("cells", ARRAY(Text), nullable=False),
        )
        self._incoming = Table(
            "incoming_extra",
            MetaData(),
            Column(UNIT_ID, Text),
            Column(DATE, DateTime(timezone=True)),
            Column(EXTRA, Text),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        self._metadata, self._waiting = metadata, False

    def beside(self, connection: Connection, blocks: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """Hand on blocks of units, and take the cells of their column `EXTRA`, see `in_one_text`, if they have it."""
        for units in blocks:
            if EXTRA in units:
                self._add(connection, units[[UNIT_ID, DATE, EXTRA]])
            yield units.drop(columns=EXTRA, errors="ignore")

    def _add(self, connection: Connection, block: pd.DataFrame) -> None:
        (copy_frame if self._waiting else copy_into_temporary)(connection, self._incoming, block)
        self._waiting = True

    def finish(self, connection: Connection, columns: Sequence[ExtraColumn]) -> None:
        """Keep what was added; what a file says later of the same unit takes the place of what one said before."""
        if not self._waiting:
            return
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {self._answers.name}"))))
        self._metadata.create_all(connection)
        described = [asdict(column) for column in columns]
        file = connection.scalar(select(func.min(self._columns.c.file)).where(self._columns.c.columns == described))
        if file is None:
            file = connection.scalar(insert(self._columns).values(columns=described).returning(self._columns.c.file))
        came = self._incoming.c
        # Postgres takes an empty text for no cell at all.
        cells = case((came[EXTRA] == "", array([""])), else_=func.string_to_array(came[EXTRA], _SEPARATOR))
        new = postgres_insert(self._answers).from_select(
            [UNIT_ID, DATE, "file", "cells"], select(came[UNIT_ID], came[DATE], file, cells)
        )
        changed = self._answers.c.cells.is_distinct_from(new.excluded.cells) | (
            self._answers.c.file != new.excluded.file
        )
        renewed = {"file": new.excluded.file, "cells": new.excluded.cells}
        connection.execute(new.on_conflict_do_update(index_elements=[UNIT_ID, DATE], set_=renewed, where=changed))
        self._incoming.drop(connection)
        self._waiting = False

    def columns(self, connection: Connection, waves: Sequence[Wave]) -> list[ExtraColumn]:
        """Return what the further columns of the units of some waves are, in the order of the files; empty if no file had any."""
        if not inspect(connection).has_table(self._answers.name):
            return []
        used = select(self._answers.c.file).where(self._of(waves)).distinct()
        files = connection.execute(select(self._columns).where(self._columns.c.file.in_(used)).order_by("file"))
        columns = {one["name"]: ExtraColumn.from_dict(one) for file in files for one in file.columns}
        return list(columns.values())

    def blocks(self, connection: Connection, waves: Sequence[Wave]) -> Iterator[pd.DataFrame]:
        """Read the further cells of the units of some waves in any order, a block at a time; see `of` for the columns."""
        if not inspect(connection).has_table(self._answers.name):
            return
        rows = connection.execute(
            select(self._answers).where(self._of(waves)), execution_options={"yield_per": _ROWS_PER_BLOCK}
        )
        described = self._described(connection)
        for part in rows.partitions():
            yield _frame(part, described)

    def of(self, connection: Connection, units: pd.DataFrame, columns: Sequence[ExtraColumn]) -> pd.DataFrame:
        """Return the further cells of some units, row by row: texts as the file had them, missing where it had no such column."""
        names = [column.name for column in columns]
        if not names:
            return pd.DataFrame(index=range(len(units)))
        key, own = [UNIT_ID, DATE], self._answers.c
        # One parameter and not one for each unit, which SQLAlchemy would name one by one.
        ids = literal(units[UNIT_ID].tolist(), ARRAY(Text))
        chosen = (own.unit_id == any_(ids)) & own.date.between(units[DATE].min(), units[DATE].max())
        found = _frame(connection.execute(select(self._answers).where(chosen)).all(), self._described(connection))
        beside = units[key].merge(found, on=key, how="left")
        return beside.reindex(columns=names).astype(object)

    def _of(self, waves: Sequence[Wave]) -> ColumnElement[bool]:
        return or_(*(within(self._answers, wave) for wave in waves))

    def _described(self, connection: Connection) -> dict[int, list[str]]:
        files = connection.execute(select(self._columns).order_by("file"))
        return {file.file: [one["name"] for one in file.columns] for file in files}


def _frame(rows: Sequence[Any], described: Mapping[int, Sequence[str]]) -> pd.DataFrame:
    """Return rows as a frame with unit_id, date and a column of texts for each that their files had."""
    parts = []
    for file in sorted({row.file for row in rows}):
        own = [row for row in rows if row.file == file]
        frame = pd.DataFrame([row.cells for row in own], columns=list(described[file]), dtype=object)
        frame.insert(0, DATE, pd.to_datetime([row.date for row in own], utc=True).as_unit("us"))
        frame.insert(0, UNIT_ID, [row.unit_id for row in own])
        parts.append(frame)
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame({UNIT_ID: pd.Series(dtype=object), DATE: pd.Series(dtype="datetime64[us, UTC]")})


def in_one_text(cells: Sequence[str]) -> str:
    """Return the cells of a unit as one text; two signs that Postgres or we could not keep in a cell become spaces."""
    text = _SEPARATOR.join(cells)
    if text.count(_SEPARATOR) >= len(cells) or "\0" in text:
        return _SEPARATOR.join(cell.replace(_SEPARATOR, " ").replace("\0", " ") for cell in cells)
    return text
