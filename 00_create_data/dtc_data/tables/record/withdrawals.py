"""Waves that were withdrawn: their rows leave the unit table and stay in the record, with who decided and why.

A corrected file can be ingested afterwards. Whatever was found or labelled before rested on the old rows: times tell it, and
nothing that was recorded is changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

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
    delete,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from dtc_data.core import DATE, UNIT_ID, SettingsError, Wave, WaveError
from dtc_data.tables.table_schema import key_columns

if TYPE_CHECKING:
    from dtc_data.tables.unit_table import UnitTable  # with pandas; what asks for withdrawals alone stays quick

_METADATA: Final = MetaData()
_WAVES: Final = Table(
    "withdrawn_waves",
    _METADATA,
    Column("withdrawal", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_table", Text, nullable=False, index=True),
    Column("wave", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
_UNITS: Final = Table(
    "withdrawn_units",
    _METADATA,
    Column("withdrawal", BigInteger, nullable=False, index=True),
    Column(UNIT_ID, Text, nullable=False),
    Column(DATE, DateTime(timezone=True), nullable=False),
    Column("content", JSONB, nullable=False),  # the whole row, whatever columns its table had
)


@dataclass(frozen=True)
class Withdrawal:
    """One wave that was withdrawn."""

    wave: Wave
    units: int
    by: str
    why: str
    at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "wave": str(self.wave),
            "units": self.units,
            "by": self.by,
            "why": self.why,
            "at": self.at.isoformat(),
        }


def withdraw_wave(connection: Connection, table: "UnitTable", wave: Wave, *, by: str, why: str) -> Withdrawal:
    """Move the units of a wave out of their table into the record.

    Parameters
    ----------
    connection : Connection
        In a transaction; a raised error must end it.
    table : UnitTable
    wave : Wave
    by, why : str
        Who decided, and for what reason.

    Raises
    ------
    SettingsError
        If nobody or no reason is given.
    WaveError
        If the wave holds no units.
    UnitTableError
        If the table is missing or does not fit the catalogue.
    """
    for name, text in (("BY", by), ("WHY", why)):
        if not text.strip():
            raise SettingsError(f"{name} is missing: a withdrawal is recorded with who decided and why")
    table.require(connection)
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {_WAVES.name}"))))
    _METADATA.create_all(connection)
    units = Table(table.name, MetaData(), *key_columns(table.catalogue, primary_key=True))
    name = connection.dialect.identifier_preparer.format_table(units)
    connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")  # who ingests or labels now ends first
    of_wave = (units.c.date >= wave.start, units.c.date < wave.end)
    total = connection.scalar(select(func.count()).select_from(units).where(*of_wave)) or 0
    if not total:
        words = table.catalogue.words
        raise WaveError(
            f"wave {wave}: table {table.name!r} holds no {words.units} of that month; nothing was withdrawn"
        )
    # The time of the statement, not of the transaction: what was labelled while the lock was waited for came before.
    record = {"unit_table": table.name, "wave": str(wave), "units": total, "by": by.strip(), "why": why.strip()}
    kept = connection.execute(insert(_WAVES).values(record | {"at": func.clock_timestamp()}).returning(_WAVES)).one()
    row = func.to_jsonb(literal_column(name))
    rows = select(literal(kept.withdrawal), units.c.unit_id, units.c.date, row).where(*of_wave)
    connection.execute(insert(_UNITS).from_select(["withdrawal", UNIT_ID, DATE, "content"], rows))
    connection.execute(delete(units).where(*of_wave))
    return _from_row(kept)


def withdrawals_of(connection: Connection, table_name: str) -> list[Withdrawal]:
    """List the waves that were withdrawn from a unit table, the first withdrawal first."""
    if not inspect(connection).has_table(_WAVES.name):
        return []
    found = select(_WAVES).where(_WAVES.c.unit_table == table_name).order_by(_WAVES.c.withdrawal)
    return [_from_row(row) for row in connection.execute(found)]


def withdrawn_since(found: Iterable[Withdrawal], waves: Iterable[Wave], at: datetime) -> bool:
    """Tell whether what was found at a moment rested on rows of these waves that were withdrawn later."""
    concerned = set(waves)
    return any(one.wave in concerned and at <= one.at for one in found)


def _from_row(row: Row[Any]) -> Withdrawal:
    return Withdrawal(Wave.parse(row.wave), row.units, row.by, row.why, row.at)
