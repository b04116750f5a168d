"""Which files of transactions were taken, for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, inspect, select

from dtc_data.tables.transaction_schema import FILES


@dataclass(frozen=True)
class TakenFile:
    """A file of transactions that was ingested, with the report about its quality as a plain document."""

    name: str
    first_ordered_at: datetime
    last_ordered_at: datetime
    ingested_at: datetime
    report: dict[str, Any]


def transaction_files_taken(connection: Connection) -> list[TakenFile]:
    """Return the files of transactions that were ingested, the newest first; none while there is no table."""
    if not inspect(connection).has_table(FILES.name):
        return []
    columns = [FILES.c[name] for name in ("name", "first_ordered_at", "last_ordered_at", "ingested_at", "report")]
    found = connection.execute(select(*columns).order_by(FILES.c.ingested_at.desc()))
    return [TakenFile(*row) for row in found]
