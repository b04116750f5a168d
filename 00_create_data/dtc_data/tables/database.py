"""Connections to Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
from sqlalchemy import URL, Connection, Engine, create_engine, func, select
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from dtc_data.core import DatabaseUnavailableError, PostgresSettings

CONNECT_TIMEOUT_SECONDS = 5
"""How long a new connection may take before Postgres counts as down."""

_CANNOT = ("53", "57", "58", "25006", "42501")
"""How SQLSTATEs begin that are not the statement's fault: no space or memory left, cancelled or shutting down, an error of
the disk; and, in full, only reading is allowed, and no right to do so (PostgreSQL documentation, appendix A)."""


def make_engine(settings: PostgresSettings) -> Engine:
    """Make an engine whose sessions speak UTC; it connects when it is first used."""
    url = URL.create(
        "postgresql+psycopg2",  # named in full: SQLAlchemy 2.1 reads plain postgresql:// as psycopg 3
        username=settings.user,
        password=settings.password.get_secret_value(),
        host=settings.host,
        port=settings.port,
        database=settings.dbname,
    )
    session = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": "-c timezone=UTC", "application_name": "dtc"}
    return create_engine(url, connect_args=session, pool_pre_ping=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that commits at the end of the block and rolls back on any error.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached or refuses the login, and as `database_errors`.
    """
    connection = _connect(engine)
    with database_errors(engine), connection, connection.begin():
        yield connection


@contextmanager
def session(engine: Engine) -> Iterator[Connection]:
    """Open a session that commits each statement; it ends with the block, and every lock that it holds with it.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached or refuses the login.
    """
    connection = _connect(engine).execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()  # or it would go on in the pool, with its locks
    with connection:
        try:
            yield connection
        finally:
            # Postgres notices a moment later that a session has ended; whoever asks for a lock by then would be kept waiting.
            with suppress(SQLAlchemyError):  # a session that broke off holds none
                connection.execute(select(func.pg_advisory_unlock_all()))


@contextmanager
def database_errors(engine: Engine) -> Iterator[None]:
    """Tell what Postgres cannot do now from what it was asked wrongly.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres drops the connection inside the block, or takes nothing there: its disk is full, or the user may not write.
    """
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or str(getattr(error.orig, "pgcode", "")).startswith(_CANNOT):
            raise _unavailable(engine, error.orig) from error
        raise
    except psycopg2.OperationalError as error:  # COPY talks to psycopg2 directly
        raise _unavailable(engine, error) from error


def _connect(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise _unavailable(engine, error.orig) from error


def _unavailable(engine: Engine, error: BaseException | None) -> DatabaseUnavailableError:
    url = engine.url
    reason = " ".join(str(error).split())
    if not reason.endswith((".", "?", "!")):
        reason += "."
    return DatabaseUnavailableError(
        f"Postgres at {url.host}:{url.port}, database {url.database!r}, cannot be used: {reason} "
        "Check that it runs (make status) and that the POSTGRES_ settings in .env are its own."
    )
