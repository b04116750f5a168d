"""Waves of customers in Postgres: what each customer was as of each month's end, and the lookback by which that was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    inspect,
    or_,
    select,
)

from dtc_data.core import UnitTableError, Wave, WaveError
from dtc_data.tables.streams import copy_into_temporary

BOUGHT: Final = "bought"
"""Status of customers with features; the others have none, and get no segment."""

_KEY: Final = ("date", "lookback_days", "customer_id")

WAVES: Final = Table(
    "transaction_waves",
    MetaData(),
    Column("date", DateTime(timezone=True), primary_key=True),
    Column("lookback_days", Integer, primary_key=True),
    Column("cutoff", DateTime(timezone=True), nullable=False),
    Column("is_covered", Boolean, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Each wave that was made: ``date`` is the last day of its month, and there are lines from before the lookback if it
``is_covered``."""


@dataclass(frozen=True)
class CustomerWave:
    """Customers as of one month's end, seen back over some days."""

    wave: Wave
    lookback_days: int
    is_covered: bool
    """Whether there are lines from before the lookback: a wave without cannot be compared with others."""


class CustomerWaveTable:
    """The table of customers by month's end and lookback, and the one of the waves that were made.

    Every method works in the caller's transaction.

    Parameters
    ----------
    features : sequence of str
        Names of the features.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = tuple(features)
        self._table = Table("transaction_features", MetaData(), *self._columns(in_key=True))

    def _columns(self, *, in_key: bool) -> list[Column[Any]]:
        return [
            Column("date", DateTime(timezone=True), primary_key=in_key, nullable=False),
            Column("lookback_days", Integer, primary_key=in_key, nullable=False, autoincrement=False),
            Column("customer_id", Text, primary_key=in_key, nullable=False),
            Column("status", Text, nullable=False),
            *(Column(name, Double) for name in self.features),
        ]

    def create(self, connection: Connection) -> None:
        """Make the tables if they are not there; several processes may do so at once."""
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("create transaction_features"))))
        if not inspect(connection).has_table(self._table.name):
            WAVES.create(connection, checkfirst=False)
            self._table.create(connection, checkfirst=False)

    def write(self, connection: Connection, made: CustomerWave, customers: pd.DataFrame, *, replace: bool) -> bool:
        """Write a wave; one that is there already must be the same.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        made : CustomerWave
            Which wave it is.
        customers : DataFrame
            Columns customer_id, status and the features (missing unless the status is `BOUGHT`).
        replace : bool
            Whether a wave that is there otherwise gives way.

        Returns
        -------
        bool
            Whether anything changed.

        Raises
        ------
        UnitTableError
            If the wave is there otherwise and must not be replaced.
        """
        names = [column.name for column in self._table.columns]
        incoming = Table(
            "incoming_customers",
            MetaData(),
            *self._columns(in_key=False),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        given = customers.assign(date=_date_of(made.wave), lookback_days=made.lookback_days)
        copy_into_temporary(connection, incoming, given.reindex(columns=names))
        there = connection.execute(select(WAVES.c.made_at).where(_is(WAVES, made))).first() is not None
        different = self._count_different(connection, incoming, made) if there else 0
        if different and not replace:
            raise UnitTableError(
                f"wave {made.wave} with a lookback of {made.lookback_days} days is there already, and customers in it differ now "
                f"({different:,}): "
                "lines were ingested since that count as known before its cutoff. Keep it, or make it again with --replace"
            )
        if different or not there:
            for table in (self._table, WAVES):
                connection.execute(delete(table).where(_is(table, made)))
            connection.execute(insert(self._table).from_select(names, select(*(incoming.c[name] for name in names))))
            row = {"date": _date_of(made.wave), "lookback_days": made.lookback_days, "cutoff": made.wave.end}
            connection.execute(insert(WAVES).values(**row, is_covered=made.is_covered))
        incoming.drop(connection)
        return bool(different) or not there

    def _count_different(self, connection: Connection, incoming: Table, made: CustomerWave) -> int:
        stored = select(self._table).where(_is(self._table, made)).subquery("stored")
        same_key = and_(*(stored.c[name] == incoming.c[name] for name in _KEY))
        differs = or_(
            *(stored.c[name].is_distinct_from(incoming.c[name]) for name in ("customer_id", "status", *self.features))
        )
        return (
            connection.scalar(
                select(func.count()).select_from(stored.join(incoming, same_key, full=True)).where(differs)
            )
            or 0
        )

    def load(self, connection: Connection, wave: Wave, lookback_days: int) -> pd.DataFrame:
        """Read the customers of a wave who bought, ordered by customer_id.

        Returns
        -------
        DataFrame
            Columns customer_id, date (UTC, the last day of the month) and the features (float64).

        Raises
        ------
        WaveError
            If the wave was not made.
        """
        names = ["customer_id", "date", *self.features]
        table = self._table
        if not inspect(connection).has_table(table.name):
            raise WaveError(f"wave {wave}: no waves of customers were made yet (make customer_waves FROM= TO=)")
        chosen = and_(table.c.date == _date_of(wave), table.c.lookback_days == lookback_days, table.c.status == BOUGHT)
        query = select(*(table.c[name] for name in names)).where(chosen).order_by(table.c.customer_id.collate("C"))
        frame = pd.DataFrame(connection.execute(query), columns=names)
        if frame.empty:
            raise WaveError(
                f"wave {wave}: it holds no customers with a lookback of {lookback_days} days; make it first"
            )
        return frame.astype({"date": "datetime64[us, UTC]", **dict.fromkeys(self.features, "float64")})

    def waves(self, connection: Connection) -> list[CustomerWave]:
        """List the waves that were made, the earliest first."""
        if not inspect(connection).has_table(WAVES.name):
            return []
        rows = connection.execute(select(WAVES).order_by(WAVES.c.date, WAVES.c.lookback_days))
        return [CustomerWave(Wave(row.date.year, row.date.month), row.lookback_days, row.is_covered) for row in rows]


def _date_of(wave: Wave) -> pd.Timestamp:
    """Return the last day of a month: units of a wave lie inside of it."""
    return pd.Timestamp(wave.end) - pd.Timedelta(days=1)


def _is(table: Table, made: CustomerWave) -> Any:
    return and_(table.c.date == _date_of(made.wave), table.c.lookback_days == made.lookback_days)
