"""Units that a person moved to another segment: what labels them from a wave on, whatever their features say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
)

from dtc_data.core import UNIT_ID, SettingsError, Wave

_METADATA: Final = MetaData()
_MOVES: Final = Table(
    "moved_units",
    _METADATA,
    Column("move", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_table", Text, nullable=False, index=True),
    Column(UNIT_ID, Text, nullable=False),
    Column("segment", Integer),  # none: an earlier move is taken back
    Column("since", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class MovedUnit:
    """That a unit belongs to a segment from a wave on."""

    unit_id: str
    segment: int | None
    """None where an earlier move was taken back."""
    since: Wave
    by: str
    why: str
    at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        own = {"unit_id": self.unit_id, "segment": self.segment, "since": str(self.since)}
        return own | {"by": self.by, "why": self.why, "at": self.at.isoformat()}


def move_unit(  # noqa: PLR0913 - what a record of a decision holds
    connection: Connection, table_name: str, unit_id: str, segment: int | None, since: Wave, *, by: str, why: str
) -> MovedUnit:
    """Record that a unit belongs to a segment from a wave on; nothing that is recorded is changed.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    table_name : str
        The unit table.
    unit_id : str
    segment : int, optional
        None takes an earlier move back.
    since : Wave
    by, why : str
        Who decided, and for what reason.

    Raises
    ------
    SettingsError
        If nobody or no reason is given.
    """
    for name, text in (("BY", by), ("WHY", why)):
        if not text.strip():
            raise SettingsError(f"{name} is missing: a move is recorded with who decided and why")
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {_MOVES.name}"))))
    _METADATA.create_all(connection)
    record = {"unit_table": table_name, UNIT_ID: unit_id, "segment": segment, "since": str(since)}
    values = record | {"by": by.strip(), "why": why.strip(), "at": func.clock_timestamp()}
    return _from_row(connection.execute(insert(_MOVES).values(values).returning(_MOVES)).one())


def moves_of(connection: Connection, table_name: str) -> list[MovedUnit]:
    """List all moves in a unit table, the first one first."""
    if not inspect(connection).has_table(_MOVES.name):
        return []
    found = select(_MOVES).where(_MOVES.c.unit_table == table_name).order_by(_MOVES.c.move)
    return [_from_row(row) for row in connection.execute(found)]


def moved_units(connection: Connection, table_name: str, wave: Wave) -> dict[str, MovedUnit]:
    """Return the moves that hold in a wave, by unit: the newest of each unit that is not taken back."""
    newest = {move.unit_id: move for move in moves_of(connection, table_name) if move.since <= wave}
    return {unit_id: move for unit_id, move in newest.items() if move.segment is not None}


def _from_row(row: Row[Any]) -> MovedUnit:
    return MovedUnit(row.unit_id, row.segment, Wave.parse(row.since), row.by, row.why, row.at)
