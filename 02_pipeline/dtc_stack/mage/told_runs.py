"""Which runs ended badly and people have not heard of, in Mage's own database: nothing else knows for sure that a run has failed."""

from datetime import timedelta
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
)

NEWS: Final = timedelta(days=1)
"""How long after its end people are told of a run, if Telegram takes nothing before."""
FAILED: Final = "FAILED"
CANCELLED: Final = "CANCELLED"

_METADATA = MetaData()
_RUNS = Table(
    "pipeline_run",  # Mage's; the columns that are read here
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("status", String),
    Column("updated_at", DateTime(timezone=True)),
)
_TOLD = Table(
    "dtc_told_runs",
    _METADATA,
    Column("pipeline_run_id", Integer, primary_key=True, autoincrement=False),
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


def prepare(connection: Connection) -> None:
    """Make the table if it is missing; what ended before that is no news."""
    if inspect(connection).has_table(_TOLD.name):
        return
    _TOLD.create(connection, checkfirst=True)
    connection.execute(insert(_TOLD).from_select(["pipeline_run_id"], select(_RUNS.c.id).where(_ended_badly())))


def untold(connection: Connection) -> list[int]:
    """List the runs that failed or were cancelled and of which nobody was told. A run that goes on after that is news again."""
    goes_on = select(_RUNS.c.id).where(~_ended_badly())
    connection.execute(delete(_TOLD).where(_TOLD.c.pipeline_run_id.in_(goes_on)))
    told = select(_TOLD.c.pipeline_run_id)
    news = _RUNS.c.updated_at > func.now() - NEWS
    found = connection.scalars(select(_RUNS.c.id).where(_ended_badly(), news, _RUNS.c.id.not_in(told)))
    return sorted(found)


def note_told(connection: Connection, run_id: int) -> None:
    """Note that people were told of a run."""
    connection.execute(delete(_TOLD).where(_TOLD.c.pipeline_run_id == run_id))
    connection.execute(insert(_TOLD).values(pipeline_run_id=run_id))


def _ended_badly() -> ColumnElement[bool]:
    # Mage's column is of a type of its own, whose values are the names of the states.
    return cast(_RUNS.c.status, String).in_([FAILED, CANCELLED])
