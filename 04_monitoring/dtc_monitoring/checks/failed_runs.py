"""Runs that did not come to their end, as the database keeps them: one row each, in the table ``pipeline_failures``, for whoever looks later."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    MetaData,
    Table,
    Text,
    and_,
    column,
    func,
    inspect,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import insert

from dtc_monitoring.checks.stored_checks import CHECKS

OPEN: Final = timedelta(days=30)
"""For how long a failed run is shown that nothing has made good."""
_TABLE: Final = Table(
    "pipeline_failures",
    MetaData(),
    Column("run_id", Text, primary_key=True),
    Column("model_name", Text, nullable=False),
    Column("survey", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reference_wave", Text, nullable=False),
    Column("current_wave", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

_FORECASTS: Final = table("customer_forecasts", column("model"), column("made_at"))


@dataclass(frozen=True)
class RunFailure:
    """What a run was about, and why it ended."""

    run_id: str
    model_name: str
    """Registered model of the segmentation; empty where the run was about all of them, or it is not known."""
    survey: str
    """Title of the segmentation for people; empty likewise."""
    stage: str
    """What the run was about when it ended: check, retraining, telling, start or forecast."""
    reference_wave: str
    current_wave: str
    reason: str


@dataclass(frozen=True)
class FailedRun(RunFailure):
    """A failure as it stands in the record."""

    failed_at: datetime


def record_failed_run(connection: Connection, failure: RunFailure) -> None:
    """Keep a failure; the same run again replaces its row. The table is made if it is not there yet."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(_TABLE.name))))
    _TABLE.create(connection, checkfirst=True)
    row = asdict(failure)
    again = row | {"failed_at": func.now()}
    connection.execute(insert(_TABLE).values(row).on_conflict_do_update(index_elements=["run_id"], set_=again))


def open_failures(connection: Connection) -> list[FailedRun]:
    """Return the runs that failed lately and that nothing has made good since: no check of the wave, no forecast; the newest first."""
    if not inspect(connection).has_table(_TABLE.name):
        return []
    wanted = [_TABLE.c.failed_at > func.now() - OPEN]
    if inspect(connection).has_table(CHECKS.name):
        same = and_(
            CHECKS.c.current_wave == _TABLE.c.current_wave,
            CHECKS.c.checked_at > _TABLE.c.failed_at,
            or_(_TABLE.c.model_name == "", CHECKS.c.model_name == _TABLE.c.model_name),
        )
        wanted.append(~select(CHECKS.c.run_id).where(same).exists())
    if inspect(connection).has_table(_FORECASTS.name):
        forecast = and_(_FORECASTS.c.model == _TABLE.c.model_name, _FORECASTS.c.made_at > _TABLE.c.failed_at)
        wanted.append(~select(_FORECASTS.c.model).where(forecast).exists())
    found = connection.execute(select(_TABLE).where(*wanted).order_by(_TABLE.c.failed_at.desc()))
    return [FailedRun(**row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name
