"""Which survey files were ingested into which table, when, and what was remarked about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

_FILES: Final = Table(
    "incoming_files",
    MetaData(),
    Column("entry", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_table", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("inserted", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("remarks", JSONB, nullable=False),
    Column("ingested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


@dataclass(frozen=True)
class IngestedFile:
    """A survey file of which units were ingested."""

    name: str
    inserted: int
    unchanged: int
    """Units that were in the table before."""
    remarks: tuple[str, ...]
    """How it was read, what was passed over, and what was let pass."""
    ingested_at: datetime


def record_file(  # noqa: PLR0913 - what a row holds
    connection: Connection, table_name: str, name: str, *, inserted: int, unchanged: int, remarks: Sequence[str]
) -> None:
    """Add a file to the record, in the transaction of its units."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {_FILES.name}"))))
    _FILES.create(connection, checkfirst=True)
    row = {"unit_table": table_name, "name": name, "inserted": inserted, "unchanged": unchanged}
    connection.execute(insert(_FILES).values(row | {"remarks": list(remarks)}))


def files_ingested(connection: Connection, table_name: str) -> list[IngestedFile]:
    """Return the survey files that were ingested into a table, the newest first; none before there is a record."""
    if not inspect(connection).has_table(_FILES.name):
        return []
    columns = [_FILES.c[name] for name in ("name", "inserted", "unchanged", "remarks", "ingested_at")]
    found = select(*columns).where(_FILES.c.unit_table == table_name).order_by(_FILES.c.entry.desc())
    return [
        IngestedFile(name, inserted, unchanged, tuple(remarks), at)
        for name, inserted, unchanged, remarks, at in connection.execute(found)
    ]
