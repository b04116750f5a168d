"""One unit through the waves, for people who look it up."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, inspect, select

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SEGMENT, UNIT_ID, Wave
from dtc_data.tables.table_schema import unit_table


@dataclass(frozen=True)
class UnitMoment:
    """A unit in one wave."""

    wave: Wave
    segment_id: int | None
    model_version: str | None
    """None where the vendor gave the segment, or nobody."""
    answers: dict[str, Any]
    """By feature, as the table has them."""


def path_of_unit(connection: Connection, catalogue: Catalogue, unit_id: str) -> list[UnitMoment]:
    """Return a unit in every wave that holds it, the earliest first; nothing if none does or there is no table."""
    if not inspect(connection).has_table(catalogue.unit_table):
        return []
    table = unit_table(catalogue, catalogue.unit_table)
    names = list(catalogue.feature_names)
    columns = [table.c[DATE], table.c[SEGMENT], table.c.model_version, *(table.c[name] for name in names)]
    found = connection.execute(select(*columns).where(table.c[UNIT_ID] == unit_id).order_by(table.c[DATE]))
    return [
        UnitMoment(_wave_of(date), segment, version, dict(zip(names, answers, strict=True)))
        for date, segment, version, *answers in found
    ]


def _wave_of(date: datetime) -> Wave:
    in_utc = date.astimezone(UTC)
    return Wave(in_utc.year, in_utc.month)
