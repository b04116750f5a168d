"""The label history: which version of the model gave which unit which segment, and when.

Each unit table has one of its own, to which rows are only ever added. Its comment in Postgres names the registered
model: a version is a number, which says nothing if versions of two models stand beside each other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Insert,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.schema import SetTableComment

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SEGMENT, UNIT_ID, UnitTableError, Wave, name_beside
from dtc_data.tables.statements import month_of
from dtc_data.tables.table_schema import key_columns, segment_column

PREFIX: Final = "label_history_"
"""No unit table may begin like this, see `dtc_data.core.sql_names.PRODUCT_PREFIXES`."""

_COLUMNS: Final = (UNIT_ID, DATE, SEGMENT, "model_version", "labelled_at")
_COMMENT: Final = "labels of the registered model "
"""How the comment of a label history begins; the name of the model follows."""
_INDEX_SUFFIX: Final = "_of"


@dataclass(frozen=True)
class Labelling:
    """What one labelling did to a wave."""

    wave: Wave
    model_version: str
    at: datetime
    labels: int
    """Units whose segment or version was another afterwards."""


def history_name(unit_table: str) -> str:
    """Name the label history of a unit table; a digest keeps long names within what Postgres allows."""
    return name_beside(PREFIX, unit_table)


def history_table(unit_table: str, catalogue: Catalogue) -> Table:
    """Describe the label history of a unit table; the segment is missing where a model found none."""
    name = history_name(unit_table)
    return Table(
        name,
        MetaData(),
        Column("entry", BigInteger, Identity(always=True), primary_key=True),
        *key_columns(catalogue, primary_key=False),
        segment_column(catalogue),
        Column("model_version", Text, nullable=False),
        Column("labelled_at", DateTime(timezone=True), nullable=False),
        Index(name + _INDEX_SUFFIX, UNIT_ID, DATE),
    )


def require_own(connection: Connection, units: Table, history: Table, registered_model: str) -> bool:
    """Refuse labels of another registered model, and tell whether they are known to be this one's.

    Raises
    ------
    UnitTableError
        If they are another one's.
    """
    if not inspect(connection).has_table(history.name):
        return False
    comment = inspect(connection).get_table_comment(history.name)["text"] or ""
    own, known = _COMMENT + registered_model, comment.startswith(_COMMENT)
    if known and comment != own:
        raise UnitTableError(
            f"table {units.name!r} holds labels of the registered model {comment.removeprefix(_COMMENT)!r}, whose "
            f"versions are not those of {registered_model!r}: name a unit_table of its own in the catalogue, and "
            "ingest the survey files there"
        )
    return known


def begin(connection: Connection, units: Table, history: Table, registered_model: str) -> None:
    """Make the history if there is none, beginning with the labels that models gave before there was one.

    Only the first labelling takes the lock; one that runs at the same time waits for it.

    Raises
    ------
    UnitTableError
        If the table holds labels of another registered model.
    """
    if require_own(connection, units, history, registered_model):
        return
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {history.name}"))))
    if require_own(connection, units, history, registered_model):
        return
    if not inspect(connection).has_table(history.name):
        _make(connection, units, history)
    history.comment = _COMMENT + registered_model
    connection.execute(SetTableComment(history))


def _make(connection: Connection, units: Table, history: Table) -> None:
    history.create(connection, checkfirst=False)
    given = select(*(units.c[name] for name in _COLUMNS)).where(units.c.model_version.is_not(None))
    connection.execute(insert(history).from_select(list(_COLUMNS), given))


def recorded(labelling: Update, units: Table, history: Table) -> Insert:
    """Let one statement change labels and add each changed one to the history; it counts the changed ones."""
    changed = labelling.returning(*(units.c[name] for name in _COLUMNS)).cte("changed")
    return insert(history).from_select(list(_COLUMNS), select(*(changed.c[name] for name in _COLUMNS)))


def labellings(connection: Connection, history: Table) -> list[Labelling]:
    """Sum the history up by wave, version and time, in the order of time; nothing if there is no history."""
    if not inspect(connection).has_table(history.name):
        return []
    found = connection.execute(_by_labelling(history))
    return [Labelling(Wave(row.month.year, row.month.month), row.model_version, row.at, row.labels) for row in found]


def _by_labelling(history: Table) -> Select[Any]:
    month, at = month_of(history.c.date).label("month"), history.c.labelled_at.label("at")
    counted = select(month, history.c.model_version, at, func.count().label("labels"))
    return counted.group_by(month, history.c.model_version, at).order_by(at, month)
