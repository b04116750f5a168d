"""The promotions that the database remembers, read for the history."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table, inspect, select

_TABLE = Table(
    "promotions",
    MetaData(),
    *(Column(name, String) for name in ("model_name", "version", "previous_version", "action", "by", "why", "source")),
    Column("at", DateTime(timezone=True)),
)


@dataclass(frozen=True)
class Promotion:
    """Who put which version into production or refused it, when and why."""

    at: datetime
    action: str
    """``promoted``, ``rolled_back`` or ``rejected``."""
    version: str
    previous_version: str | None
    by: str
    why: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values for JSON."""
        return asdict(self) | {"at": self.at.isoformat()}


def promotions(connection: Connection, model_name: str) -> list[Promotion]:
    """Give what was decided about a registered model's versions, the first decision first.

    Before the first decision there is no table, and nothing is given.
    """
    if not inspect(connection).has_table(_TABLE.name):
        return []
    names = Promotion.__dataclass_fields__
    decided = select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.model_name == model_name).order_by(_TABLE.c.at)
    return [Promotion(**row) for row in connection.execute(decided).mappings()]
