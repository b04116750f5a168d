"""The tables of forecasts and of their accounts: rows are added, and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.schema import CreateIndex

_METADATA: Final = MetaData()

FORECASTS: Final = Table(
    "customer_forecasts",
    _METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("cutoff", DateTime(timezone=True), primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("horizon_days", Integer, nullable=False),
    Column("probability", Double, nullable=False),
    Column("expected_amount", Double),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("segment", Text),
    Column("expected_segment", Text),
    Column("reason_1", Text),
    Column("reason_2", Text),
    Column("reason_3", Text),
)
_SEGMENTS: Final = ("segment", "expected_segment")
_REASONS: Final = ("reason_1", "reason_2", "reason_3")
LATER: Final = (*_SEGMENTS, *_REASONS)
"""Columns that tables of earlier days lack."""
ACCOUNTS: Final = Table(
    "forecast_accounts",
    _METADATA,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("cutoff", DateTime(timezone=True), primary_key=True),
    Column("status", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
_ROWS_AT_ONCE: Final = 5_000
_LOCK: Final = "create customer_forecasts"
_BY_RISK: Final = Index(
    "customer_forecasts_by_risk",
    FORECASTS.c.model,
    FORECASTS.c.version,
    FORECASTS.c.cutoff,
    FORECASTS.c.probability.desc().nulls_last(),
    FORECASTS.c.customer_id,
)
"""Whom to call is read in its order, so that a page need not sort a million customers."""


@dataclass(frozen=True, order=True)
class ForecastKey:
    """The forecasts that one version made at one cutoff."""

    cutoff: datetime
    version: str
    horizon_days: int


@dataclass(frozen=True)
class ForecastTable:
    """The forecasts of one registered model, in the transaction of the connection."""

    model: str

    @staticmethod
    def create(connection: Connection) -> None:
        """Make both tables if they are missing; several processes may do so at once."""
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LOCK))))
        _METADATA.create_all(connection)
        for name in LATER:
            connection.exec_driver_sql(f"ALTER TABLE {FORECASTS.name} ADD COLUMN IF NOT EXISTS {name} TEXT")
        connection.execute(CreateIndex(_BY_RISK, if_not_exists=True))

    @staticmethod
    def is_there(connection: Connection) -> bool:
        """Tell whether anything was ever forecast, for whoever only reads."""
        return inspect(connection).has_table(FORECASTS.name)

    def write(self, connection: Connection, key: ForecastKey, forecasts: pd.DataFrame) -> int:
        """Add forecasts and return how many are new. What was forecast once stays as it was.

        Parameters
        ----------
        connection : Connection
            Within a transaction.
        key : ForecastKey
            Version, cutoff and horizon.
        forecasts : DataFrame
            customer_id, probability and, where there are such, expected_amount, segment, expected_segment and reason_1 to reason_3.
        """
        own = {
            "model": self.model,
            "version": key.version,
            "cutoff": key.cutoff,
            "horizon_days": key.horizon_days,
        }
        optional = (name for name in ("expected_amount", *LATER) if name in forecasts)
        columns = ["customer_id", "probability", *optional]
        rows = [
            own | {name: None if pd.isna(value) else value for name, value in row.items()}
            for row in forecasts[columns].to_dict("records")
        ]
        before = self._count(connection, key)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            connection.execute(insert(FORECASTS).values(rows[start : start + _ROWS_AT_ONCE]).on_conflict_do_nothing())
        return self._count(connection, key) - before

    def load(self, connection: Connection, key: ForecastKey) -> pd.DataFrame:
        """Return customer_id, probability, expected_amount, segment and expected_segment of one version at one cutoff, by customer_id."""
        columns = [FORECASTS.c[name] for name in ("customer_id", "probability", "expected_amount", *_SEGMENTS)]
        rows = connection.execute(select(*columns).where(*self._of(key)).order_by(FORECASTS.c.customer_id)).all()
        return pd.DataFrame(rows, columns=[column.name for column in columns])

    def keys(self, connection: Connection) -> list[ForecastKey]:
        """Return all cutoffs and versions that were forecast, the oldest first."""
        columns = FORECASTS.c.cutoff, FORECASTS.c.version, FORECASTS.c.horizon_days
        query = select(*columns).where(FORECASTS.c.model == self.model).distinct().order_by(*columns)
        return [ForecastKey(*row) for row in connection.execute(query)]

    def write_account(
        self, connection: Connection, key: ForecastKey, status: str, words: str, figures: Mapping[str, Any]
    ) -> bool:
        """Add how the forecasts came out, and return whether that was not there yet."""
        values = {"model": self.model, "version": key.version, "cutoff": key.cutoff, "status": status, "words": words}
        done = connection.execute(insert(ACCOUNTS).values(**values, figures=dict(figures)).on_conflict_do_nothing())
        return bool(done.rowcount)

    def accounts(self, connection: Connection) -> list[dict[str, Any]]:
        """Return cutoff, version, status, words and figures of each account, the oldest cutoff first."""
        columns = [ACCOUNTS.c[name] for name in ("cutoff", "version", "status", "words", "figures")]
        query = select(*columns).where(ACCOUNTS.c.model == self.model).order_by(ACCOUNTS.c.cutoff, ACCOUNTS.c.made_at)
        return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name

    def _count(self, connection: Connection, key: ForecastKey) -> int:
        return int(connection.execute(select(func.count()).select_from(FORECASTS).where(*self._of(key))).scalar_one())

    def _of(self, key: ForecastKey) -> Sequence[Any]:
        return (
            FORECASTS.c.model == self.model,
            FORECASTS.c.version == key.version,
            FORECASTS.c.cutoff == key.cutoff,
        )
