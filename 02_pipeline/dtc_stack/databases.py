"""Databases and their roles: each database belongs to one role, and no other role may enter it."""

from dataclasses import dataclass

import psycopg2
from dtc_data.core import DatabaseUnavailableError, SettingsError
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class that psycopg2 spells in lower case


@dataclass(frozen=True)
class Database:
    """A database with the one role that owns it."""

    name: str
    role: str
    password: str

    def url(self, host: str, port: int) -> str:
        """Return the SQLAlchemy URL with the password in it."""
        from sqlalchemy import URL  # noqa: PLC0415 - takes half a second, which `status` need not wait for

        return URL.create("postgresql+psycopg2", self.role, self.password, host, port, self.name).render_as_string(
            hide_password=False
        )


def prepare(host: str, port: int, admin: str, admin_password: str, wanted: tuple[Database, ...]) -> list[str]:
    """Make the roles and databases that are not there yet, and set the passwords.

    Safe to repeat: an existing database keeps its data. A changed password in ``.env`` takes effect here.

    Returns
    -------
    list of str
        Names of the databases that were made now.

    Raises
    ------
    DatabaseUnavailableError
        If the server cannot be reached or is still starting.
    SettingsError
        If it refuses the superuser's password.
    """
    try:
        server = psycopg2.connect(
            host=host, port=port, user=admin, password=admin_password, dbname="postgres", connect_timeout=5
        )
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())
        if "authentication failed" in reason:
            raise SettingsError(
                f"Postgres at {host}:{port} refuses the password of {admin}: put the POSTGRES_ADMIN_PASSWORD with which "
                "its data was made back into .env"
            ) from error
        raise DatabaseUnavailableError(f"Postgres at {host}:{port} cannot be reached: {reason}") from error
    server.autocommit = True  # CREATE DATABASE works in no transaction
    try:
        with server.cursor() as cursor:
            cursor.execute("SET log_min_error_statement = panic")  # the server would log a refused statement's password
        return [database.name for database in wanted if _prepare_one(server, database)]
    finally:
        server.close()


def _prepare_one(server: Connection, database: Database) -> bool:
    role, name = sql.Identifier(database.role), sql.Identifier(database.name)
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (database.role,))
        verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
        cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD %s").format(verb, role), (database.password,))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database.name,))
        if cursor.fetchone():
            return False
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    return True
