"""What is said of the units of a wave beside their features and labels: one document per wave, as whoever made it wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, DateTime, MetaData, Table, Text, func, inspect, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from dtc_data.core import Wave

SHEETS: Final = Table(
    "incoming_sheets",
    MetaData(),
    Column("unit_table", Text, primary_key=True),
    Column("wave", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


@dataclass(frozen=True)
class WaveSheet:
    """The document of one wave."""

    wave: Wave
    content: dict[str, Any]
    made_at: datetime


def write_sheet(connection: Connection, table_name: str, wave: Wave, content: Mapping[str, Any]) -> None:
    """Keep the document of a wave, plain JSON types, in the place of an earlier one."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {SHEETS.name}"))))
    SHEETS.create(connection, checkfirst=True)
    row = {"unit_table": table_name, "wave": str(wave), "content": dict(content)}
    again = {"content": dict(content), "made_at": func.now()}
    connection.execute(
        insert(SHEETS).values(row).on_conflict_do_update(index_elements=["unit_table", "wave"], set_=again)
    )


def newest_sheets(connection: Connection, table_name: str, most: int) -> list[WaveSheet]:
    """Return the documents of the newest waves of a table, the newest first; none before there is any."""
    if not inspect(connection).has_table(SHEETS.name):
        return []
    columns = SHEETS.c.wave, SHEETS.c.content, SHEETS.c.made_at
    found = select(*columns).where(SHEETS.c.unit_table == table_name).order_by(SHEETS.c.wave.desc()).limit(most)
    return [WaveSheet(Wave.parse(wave), content, at) for wave, content, at in connection.execute(found)]
