"""Columns of survey files that the catalogue does not have: kept beside the unit table, as they were written, for the way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Identity,
    MetaData,
    Subquery,
    Table,
    Text,
    case,
    func,
    insert,
    inspect,
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


@dataclass(frozen=True)
class KeptCells:
    """Reads further cells from the texts in which the database hands them out."""

    names: Sequence[str]
    """Names of all columns, in the order of the files."""
    files: Mapping[str, Sequence[str]]
    """Names of the columns that each file had, by its number."""

    def frame(self, texts: Sequence[str | None]) -> pd.DataFrame:
        """Return a column of texts for each name, missing where a unit has no text or its file had no such column."""
        columns = {name: np.full(len(texts), None, dtype=object) for name in self.names}
        files = np.array(["" if text is None else text.partition(_SEPARATOR)[0] for text in texts], dtype=object)
        for file in set(files) - {""}:
            rows = np.flatnonzero(files == file)
            # One long list and none for each unit, which the garbage collector would look through.
            cells = _SEPARATOR.join([texts[row] or "" for row in rows.tolist()]).split(_SEPARATOR)
            for position, name in enumerate(self.files[file], start=1):
                columns[name][rows] = cells[position :: 1 + len(self.files[file])]
        return pd.DataFrame(columns, index=range(len(texts)))


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
        of_waves = or_(*(within(self._answers, wave) for wave in waves))
        used = select(self._answers.c.file).where(of_waves).distinct()
        files = connection.execute(select(self._columns).where(self._columns.c.file.in_(used)).order_by("file"))
        columns = {one["name"]: ExtraColumn.from_dict(one) for file in files for one in file.columns}
        return list(columns.values())

    def kept(self, connection: Connection, columns: Sequence[ExtraColumn]) -> KeptCells:
        """Return what reads the texts that `texts` and `of_wave` select."""
        if not columns:
            return KeptCells([], {})
        files = connection.execute(select(self._columns))
        described = {str(file.file): [one["name"] for one in file.columns] for file in files}
        return KeptCells([column.name for column in columns], described)

    def texts(self, connection: Connection, waves: Sequence[Wave]) -> Iterator[list[str]]:
        """Read the further cells of the units of some waves in any order, a block at a time, each unit's in one text."""
        statement = select(self._text()).where(or_(*(within(self._answers, wave) for wave in waves)))
        rows = connection.execution_options(yield_per=_ROWS_PER_BLOCK).scalars(statement)
        for part in rows.partitions():
            yield list(part)

    def of_wave(self, wave: Wave) -> Subquery:
        """Select unit_id, date and `EXTRA`, the further cells in one text, of a wave, to be joined to its units."""
        own = self._answers.c
        return select(own.unit_id, own.date, self._text()).where(within(self._answers, wave)).subquery("beside")

    def _text(self) -> ColumnElement[str]:
        own = self._answers.c
        # Texts come out of Postgres and apart several times as fast as arrays do.
        return func.concat_ws(_SEPARATOR, own.file, func.array_to_string(own.cells, _SEPARATOR)).label(EXTRA)


def in_one_text(cells: Sequence[str]) -> str:
    """Return the cells of a unit as one text; two signs that Postgres or we could not keep in a cell become spaces."""
    text = _SEPARATOR.join(cells)
    if text.count(_SEPARATOR) >= len(cells) or "\0" in text:
        return _SEPARATOR.join(cell.replace(_SEPARATOR, " ").replace("\0", " ") for cell in cells)
    return text
