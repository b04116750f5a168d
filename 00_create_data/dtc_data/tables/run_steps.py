"""Steps of a pipeline run, each done once however often the run is executed: the table ``pipeline_steps``.

Who does a step holds a lock of the run and the step in a session of its own. Another execution of the run waits for that lock
and then takes over the result. Postgres releases the lock when the process that holds it dies, so whoever waits takes its place.
"""

import json
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, Final

import structlog
from sqlalchemy import Column, Connection, DateTime, Engine, MetaData, String, Table, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from dtc_data.core import DatabaseUnavailableError, RunStepError
from dtc_data.tables.database import database_errors, session, transaction

Result = dict[str, Any]

_KEEPALIVE: Final = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
"""So that Postgres notices within a minute that the machine of who holds a lock has gone, not only its process."""

_TABLE = Table(
    "pipeline_steps",
    MetaData(),
    Column("run_id", String, primary_key=True),
    Column("step", String, primary_key=True),
    Column("claimed_by", String, nullable=False),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("result", Text),  # JSON with all that Python writes; the type json takes neither NaN nor \u0000
    Column("error", Text),
)

_log = structlog.get_logger()


def once(
    engine: Engine, run_id: str, step: str, work: Callable[[], Result], *, without_database: bool = False
) -> Result:
    """Return the result of a step of a run, which is done unless another execution of the run has done it.

    A step that failed is done again by an execution that comes later, and not by one that waited for it.

    Parameters
    ----------
    engine : Engine
        The customer database.
    run_id, step : str
        Which step of which run.
    work : callable
        Does the step and gives plain JSON types.
    without_database : bool
        Do the step also where the database is out of reach. Then it may be done twice.

    Raises
    ------
    RunStepError
        If the step failed in the execution that was waited for; the message is that error's.
    DatabaseUnavailableError
        If the database is out of reach.
    """
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(session(engine))
            with database_errors(engine):
                known = _take(engine, connection, run_id, step)
        except DatabaseUnavailableError as error:
            if not without_database:
                raise
            _log.warning("nothing keeps this step from being done twice", step=step, reason=str(error))
            return work()
        return known if known is not None else _do(engine, connection, run_id, step, work)


def _take(engine: Engine, connection: Connection, run_id: str, step: str) -> Result | None:
    """Wait until nobody else does the step, and return the result if there is one; claim the step otherwise."""
    with transaction(engine) as own:
        own.execute(select(func.pg_advisory_xact_lock(func.hashtext(_TABLE.name))))
        _TABLE.create(own, checkfirst=True)
    key = func.hashtextextended(f"{_TABLE.name} {run_id} {step}", 0)
    connection.execute(text(_KEEPALIVE))
    waited = not connection.scalar(select(func.pg_try_advisory_lock(key)))
    if waited:
        connection.execute(select(func.pg_advisory_lock(key)))
    found = connection.execute(select(_TABLE).where(_TABLE.c.run_id == run_id, _TABLE.c.step == step)).one_or_none()
    if found is not None and found.result is not None:
        result: Result = json.loads(found.result)
        return result
    if waited and found is not None and found.error is not None:
        raise RunStepError(f"{step} failed in another execution of this run: {found.error}")
    if found is not None and found.ended_at is None:
        _log.warning("takes the place of an execution that died", step=step, of=found.claimed_by)
    claim = {"claimed_by": f"{socket.gethostname()}, process {os.getpid()}", "claimed_at": func.now()}
    fresh = claim | {"ended_at": None, "error": None}
    statement = insert(_TABLE).values(run_id=run_id, step=step, **claim)
    connection.execute(statement.on_conflict_do_update(index_elements=["run_id", "step"], set_=fresh))
    return None


def _do(engine: Engine, connection: Connection, run_id: str, step: str, work: Callable[[], Result]) -> Result:
    """Do a step that is claimed, and keep what came of it for other executions."""
    own = update(_TABLE).where(_TABLE.c.run_id == run_id, _TABLE.c.step == step).values(ended_at=func.now())
    try:
        document = json.dumps(work())
    except BaseException as error:
        with suppress(DBAPIError):  # the error of the step tells more
            connection.execute(own.values(error=str(error) or type(error).__name__))
        raise
    result: Result = json.loads(document)
    try:
        connection.execute(own.values(result=document))
    except DBAPIError:
        return _after_loss(engine, run_id, step, result)
    return result


def _after_loss(engine: Engine, run_id: str, step: str, result: Result) -> Result:
    """Return what counts if the session broke off, and the lock with it, while the step was done: what another one did, or ours."""
    try:
        return once(engine, run_id, step, lambda: result)
    except DatabaseUnavailableError as error:
        _log.warning("what came of a step is not kept for other executions", step=step, reason=str(error))
        return result
