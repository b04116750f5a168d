"""How many units each segment has, wave by wave, counted by Postgres: for pages, which must not load a wave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Float, cast, func, inspect, select, text

from dtc_data.catalogue import Catalogue, answer_types
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, Wave
from dtc_data.tables.statements import month_of, within
from dtc_data.tables.table_schema import has_weights, unit_table
from dtc_data.tables.unit_table import UnitTable

_CHANGES: Final = text(
    "SELECT relid, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema() AND relname = :name"
)


@dataclass(frozen=True)
class WaveCounts:
    """The units of one wave, as their labels stand."""

    wave: Wave
    units: int
    by_version: Mapping[str | None, int]
    """Labelled units by the version that labelled them, None for the vendor; the most frequent first."""
    by_segment: Mapping[int, float]
    """Labelled units by the id of their segment; the sum of their weights where the wave has weights."""

    @property
    def labelled(self) -> int:
        """Units with a segment."""
        return sum(self.by_version.values())

    def share(self, segment_id: int) -> float | None:
        """Return the share of a segment among the labelled units, from 0 to 1; None without labels."""
        total = sum(self.by_segment.values())
        return self.by_segment.get(segment_id, 0.0) / total if total else None


def wave_counts(connection: Connection, catalogue: Catalogue) -> list[WaveCounts]:
    """Count the units of every wave, the earliest first; nothing while there is no table.

    Raises
    ------
    UnitTableError
        If the table does not fit the catalogue, or another registered model labelled it.
    """
    name = catalogue.unit_table
    if not inspect(connection).has_table(name):
        return []
    units = UnitTable(catalogue)
    units.require(connection)
    units.require_own_labels(connection)
    return _counted(connection, units)


def counts_of_wave(connection: Connection, units: UnitTable, wave: Wave) -> WaveCounts:
    """Count the units of one wave that has some, in a table that fits the catalogue."""
    (counts,) = _counted(connection, units, wave)
    return counts


def _counted(connection: Connection, units: UnitTable, wave: Wave | None = None) -> list[WaveCounts]:
    weighted = has_weights(connection, units.name)
    table = unit_table(units.catalogue, units.name, weighted=weighted)
    month = month_of(table.c[DATE]).label("month")
    weight = func.coalesce(func.sum(table.c[SURVEY_WEIGHT]), func.count()) if weighted else func.count()
    columns = (month, table.c[SEGMENT], table.c.model_version)
    counted = select(*columns, func.count().label("units"), cast(weight, Float).label("weight")).group_by(*columns)
    if wave is not None:
        counted = counted.where(within(table, wave))
    months: dict[Wave, list[Any]] = {}
    for row in connection.execute(counted.order_by(month)):
        months.setdefault(Wave(row.month.year, row.month.month), []).append(row)
    return [_of_wave(month, rows) for month, rows in months.items()]


def _of_wave(wave: Wave, rows: list[Any]) -> WaveCounts:
    by_version: dict[str | None, int] = {}
    by_segment: dict[int, float] = {}
    for row in rows:
        if row.segment is not None:
            by_version[row.model_version] = by_version.get(row.model_version, 0) + row.units
            by_segment[row.segment] = by_segment.get(row.segment, 0.0) + row.weight
    ordered = dict(sorted(by_version.items(), key=lambda entry: -entry[1]))
    return WaveCounts(wave, sum(row.units for row in rows), ordered, by_segment)


def change_stamp(connection: Connection, table_name: str) -> tuple[int, ...] | None:
    """Return what differs once a row of a table was added, changed or deleted; None if there is no such table.

    Postgres' own counters of changes, which cost nothing to read. They follow within about a second.
    """
    found = connection.execute(_CHANGES, {"name": table_name}).first()
    return None if found is None else tuple(found)


def units_of_segment(
    connection: Connection, catalogue: Catalogue, wave: Wave, segment_id: int, most: int
) -> pd.DataFrame:
    """Return so many units of a segment in a wave at most, with unit_id and the features as `UnitTable.load` gives them."""
    table = unit_table(catalogue, catalogue.unit_table)
    names = [UNIT_ID, *catalogue.feature_names]
    found = (
        select(*(table.c[name] for name in names))
        .where(table.c[DATE] >= wave.start, table.c[DATE] < wave.end, table.c[SEGMENT] == segment_id)
        .limit(most)
    )
    return pd.DataFrame(connection.execute(found), columns=names).astype(answer_types(catalogue.features))
