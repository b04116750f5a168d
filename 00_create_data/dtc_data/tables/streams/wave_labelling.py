"""Labels for a whole wave: answers stream out of Postgres, and labels go back to the place where each row lies.

Neither side names a unit, so that nothing is sorted, joined by a text or held in memory but one chunk and four bytes per label.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Double,
    Integer,
    MetaData,
    Select,
    Table,
    Update,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    update,
)

from dtc_data.catalogue import FeatureEncoding, FloatArray
from dtc_data.core import SEGMENT, SURVEY_WEIGHT, UNIT_ID, Wave
from dtc_data.tables.statements import within
from dtc_data.tables.streams.binary_rows import HEADER, NUMBER_BITS, Tid
from dtc_data.tables.streams.bulk_copy import copy_into_temporary

NO_SEGMENT: Final = -1
"""What stands for no segment in arrays; ids are never negative."""
ROWS_PER_CHUNK: Final = 50_000
"""Rows that are labelled at a time."""

_NEVER_LABELLED, _BY_VENDOR, _BY_THIS_VERSION, _BY_ANOTHER = range(4)

Label = Callable[[FloatArray], npt.NDArray[np.int64]]
"""Returns a segment's id, or `NO_SEGMENT`, for answers ``(n_units, n_features)``: codes for words, NaN where one is missing."""


@dataclass
class LabelledRows:
    """What there is to say about a wave once its rows were labelled; filled chunk by chunk."""

    units: int = 0
    changed: int = 0
    """Units whose segment or version is another than before."""
    first: int = 0
    """Those of the changed who have a segment for the first time."""
    first_without: int = 0
    """Those of the changed whom no version has seen before and who get none."""
    kept: int = 0
    """Units whose segment the vendor gave."""
    moved: int = 0
    """Units that have the segment into which a person moved them."""
    by_segment: dict[int, int] = field(default_factory=dict)
    """Units by the id of their segment."""
    weights: dict[int, float] = field(default_factory=dict)
    """Their weights, summed likewise; empty if no unit has one."""


class LabelStream:
    """Takes the rows that `answers_of` selects as PostgreSQL writes them, and labels them.

    Parameters
    ----------
    features : sequence of FeatureEncoding
        In the order in which ``label`` takes them.
    label : callable
        See `Label`.
    """

    def __init__(self, features: Sequence[FeatureEncoding], label: Label) -> None:
        self._label = label
        self._row = _row_type(len(features))
        self._n_features = len(features)
        self._pending: list[bytes] = []
        self._pending_bytes = -len(HEADER)
        self._places: list[npt.NDArray[np.int64]] = []
        self._segments: list[npt.NDArray[np.int64]] = []
        self._error: Exception | None = None
        self.counts = LabelledRows()

    def write(self, content: bytes) -> int:
        """Take a piece of the stream. An error is kept: in the middle of a COPY, raising would cost the connection."""
        if self._error is None:
            self._pending.append(bytes(content))
            self._pending_bytes += len(content)
            if self._pending_bytes >= ROWS_PER_CHUNK * self._row.itemsize:
                self._work()
        return len(content)

    def finish(self) -> pd.DataFrame:
        """Return place and segment of each row that must change, once the stream has ended; raise what went wrong."""
        if self._error is None:
            self._work()
        if self._error is not None:
            raise self._error
        places = np.concatenate([np.empty(0, dtype=np.int64), *self._places])
        segments = np.concatenate([np.empty(0, dtype=np.int64), *self._segments])
        missing = pd.arrays.IntegerArray(segments, segments == NO_SEGMENT)
        return pd.DataFrame({"place": places, SEGMENT: missing})

    def _work(self) -> None:
        content = b"".join(self._pending)
        if self._pending_bytes == len(content) - len(HEADER):
            content = content[len(HEADER) :]
        n_rows = len(content) // self._row.itemsize
        rest = content[n_rows * self._row.itemsize :]
        try:
            self._take(np.frombuffer(content, self._row, count=n_rows))
        except Exception as error:  # noqa: BLE001 - raised again by finish
            self._error = error
        self._pending, self._pending_bytes = [rest], len(rest)

    def _take(self, rows: npt.NDArray[Any]) -> None:
        answers = np.empty((len(rows), self._n_features))
        for position in range(self._n_features):
            answers[:, position] = rows[f"feature {position}"]
        before, source = rows["segment"].astype(np.int64), rows["source"]
        vendor = source == _BY_VENDOR
        held = rows["held"].astype(np.int64)
        moved = ~vendor & (held != NO_SEGMENT)
        after = np.where(vendor, before, np.where(moved, held, self._label(answers)))
        changed = ~vendor & ((after != before) | (source != _BY_THIS_VERSION))
        self._places.append(rows["page"][changed].astype(np.int64) << NUMBER_BITS | rows["number"][changed])
        self._segments.append(after[changed])
        self._count(after, rows["weight"].astype(np.float64))
        self.counts.units += len(rows)
        self.counts.changed += int(changed.sum())
        new = source == _NEVER_LABELLED
        self.counts.first += int((new & (after != NO_SEGMENT)).sum())
        self.counts.first_without += int((new & (after == NO_SEGMENT)).sum())
        self.counts.kept += int(vendor.sum())
        self.counts.moved += int(moved.sum())

    def _count(self, segments: npt.NDArray[np.int64], weights: FloatArray) -> None:
        weighted = ~np.isnan(weights)
        for segment in np.unique(segments[segments != NO_SEGMENT]).tolist():
            own = segments == segment
            self.counts.by_segment[segment] = self.counts.by_segment.get(segment, 0) + int(own.sum())
            if weighted.any():
                total = float(weights[own & weighted].sum())
                self.counts.weights[segment] = self.counts.weights.get(segment, 0.0) + total


@dataclass(frozen=True)
class Wanted:
    """What is asked of the rows of a wave."""

    features: Sequence[FeatureEncoding]
    model_version: str
    """The version that labels."""
    held: Mapping[str, int]
    """Segments of the units that a person moved, by id."""


def label_rows(connection: Connection, table: Table, wave: Wave, stream: LabelStream, wanted: Wanted) -> pd.DataFrame:
    """Send the rows of a wave through a stream, and return those that must change."""
    query = answers_of(table, wave, wanted)
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    with closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(f"COPY ({text}) TO STDOUT WITH (FORMAT binary)", stream)
    return stream.finish()


def answers_of(table: Table, wave: Wave, wanted: Wanted) -> Select[Any]:
    """Select place, answers, segment, who gave it, weight and move of a wave's units, all of fixed width and never NULL."""
    not_a_number = cast(literal("NaN"), Double)
    weight = func.coalesce(table.c[SURVEY_WEIGHT], not_a_number) if SURVEY_WEIGHT in table.c else not_a_number
    version = table.c.model_version
    source = case(
        (and_(version.is_(None), table.c.segment.is_(None)), literal_column(str(_NEVER_LABELLED))),
        (version.is_(None), literal_column(str(_BY_VENDOR))),
        (version == wanted.model_version, literal_column(str(_BY_THIS_VERSION))),
        else_=literal_column(str(_BY_ANOTHER)),
    )
    columns = (
        place_of(table),
        *(func.coalesce(_number(table, feature), not_a_number) for feature in wanted.features),
        func.coalesce(table.c.segment, literal_column(str(NO_SEGMENT))),
        cast(source, Integer),
        weight,
        _held(table, wanted.held),
    )
    return select(*columns).select_from(table).where(within(table, wave))


def relabel(table: Table, incoming: Table, model_version: str) -> Update:
    """Set the incoming segments, each in its place; nothing may have moved since the places were read."""
    return (
        update(table)
        .values(segment=incoming.c.segment, model_version=model_version, labelled_at=func.now())
        .where(place_of(table) == incoming.c.place)
    )


def incoming_places(connection: Connection, changed: pd.DataFrame) -> Table:
    """Make a temporary table of places with their segments."""
    table = Table(
        "incoming_places",
        MetaData(),
        SqlColumn("place", Tid, nullable=False),
        SqlColumn(SEGMENT, Integer),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    copy_into_temporary(connection, table, changed)
    return table


def place_of(table: Table) -> ColumnElement[Any]:
    """Return the system column that says where a row lies."""
    place: ColumnClause[Any] = column("ctid", Tid())
    place.table = table
    return place


def _number(table: Table, feature: FeatureEncoding) -> ColumnElement[Any]:
    answers = table.c[feature.name]
    if not feature.in_words:
        return answers
    codes: Mapping[str, float] = feature.codes
    # A value that the catalogue does not have, which the table's check keeps out, becomes one that no model takes.
    return case(codes, value=answers, else_=case((answers.is_not(None), cast(literal("Infinity"), Double))))


def _held(table: Table, held: Mapping[str, int]) -> ColumnElement[Any]:
    nothing: ColumnElement[Any] = literal_column(str(NO_SEGMENT))
    segments: dict[str, ColumnElement[Any]] = {unit: literal_column(str(segment)) for unit, segment in held.items()}
    return cast(case(segments, value=table.c[UNIT_ID], else_=nothing) if segments else nothing, Integer)


def _row_type(n_features: int) -> np.dtype[Any]:
    """Return the type of a row: the number of its fields, then the length and the content of each."""
    members = [("n_fields", ">i2"), ("length of place", ">i4"), ("page", ">u4"), ("number", ">u2")]
    fields = [(f"feature {position}", ">f8") for position in range(n_features)]
    fields += [("segment", ">i4"), ("source", ">i4"), ("weight", ">f8"), ("held", ">i4")]
    for name, kind in fields:
        members += [(f"length of {name}", ">i4"), (name, kind)]
    return np.dtype(members)
