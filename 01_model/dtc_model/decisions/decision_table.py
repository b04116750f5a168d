"""Decisions on versions as the database keeps them, one row each, never changed: the table ``promotions``."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

from dtc_data.catalogue import is_readable
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, func, inspect, select
from sqlalchemy.exc import OperationalError

from dtc_model.errors import RegistryConflictError

Action = Literal["promoted", "rolled_back", "rejected"]
Source = Literal["auto", "command", "dashboard", "telegram", "elsewhere"]

WITH_REASONS: Final[frozenset[Source]] = frozenset({"command", "dashboard"})
"""Sources of decisions for which a person names the version and says why; a button is pressed without."""
ELSEWHERE: Final[Source] = "elsewhere"
"""Source of a decision that this program only noticed: somebody moved the alias in MLflow."""

LOCK_SECONDS: Final = 60
"""How long a decision waits for another one that is being made."""

_TABLE = Table(
    "promotions",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("model_name", String, nullable=False, index=True),
    Column("version", String, nullable=False),
    Column("previous_version", String),
    Column("action", String, nullable=False),
    Column("by", String, nullable=False),
    Column("why", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("source", String, nullable=False),
)


@dataclass(frozen=True)
class Decision:
    """Who decided what on which version, when and why."""

    id: str
    model_name: str
    version: str
    """The version that the decision is on; after a rollback the one that is in production again."""
    previous_version: str | None
    """The version that was in production before."""
    action: Action
    by: str
    why: str
    at: datetime
    source: Source

    @classmethod
    def now(  # noqa: PLR0913 - a decision is what it is
        cls,
        action: Action,
        *,
        model_name: str,
        version: str,
        previous_version: str | None,
        by: str,
        why: str,
        source: Source,
    ) -> Self:
        """Make a decision with an id of its own."""
        # With its fraction of a second: whether a training had begun by then may hang on it.
        now = datetime.now(UTC)
        return cls(uuid.uuid4().hex, model_name, version, previous_version, action, plain(by), plain(why), now, source)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        return cls(**{**values, "at": datetime.fromisoformat(values["at"])})

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self) | {"at": self.at.isoformat()}

    def to_json(self) -> str:
        """Write the decision as it stands in the registry, in a tag of its version."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @property
    def left(self) -> str | None:
        """The version that was rolled back from; None if this is not a rollback."""
        return self.previous_version if self.action == "rolled_back" else None

    @property
    def about_left(self) -> str:
        """Say of a rollback what it did to the version that was rolled back from; of others what they did."""
        if self.left is None:
            return str(self)
        return (
            f"version {self.left} was in production before and was taken back by {self.by} on {self.at:%Y-%m-%d %H:%M} "
            f"UTC: {self.why}"
        )

    def __str__(self) -> str:
        verb = {"promoted": "put into production", "rolled_back": "brought back", "rejected": "rejected"}[self.action]
        return f"version {self.version} was {verb} by {self.by} on {self.at:%Y-%m-%d %H:%M} UTC: {self.why}"


def plain(text: str) -> str:
    """Put a text on one line and leave out what a record cannot hold, and what would turn the text around it.

    Postgres refuses control characters and MLflow halves of characters, which would come to light only after the alias has moved.
    """
    line = " ".join(text.split())
    return "".join(character for character in line if is_readable(character))


def lock_decisions(connection: Connection, model_name: str) -> None:
    """Let this transaction alone decide on a model; others wait, and decisions on other models go on.

    The table is made if it is missing.

    Raises
    ------
    RegistryConflictError
        If another decision on the model is not made within `LOCK_SECONDS`.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    try:
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(_TABLE.name), func.hashtext(model_name))))
        _make_table(connection)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise RegistryConflictError(
                f"somebody else has been deciding on a version of {model_name!r} for {LOCK_SECONDS} seconds: see which "
                "version is in production, then try again"
            ) from error
        raise


def _make_table(connection: Connection) -> None:
    """Make the table if it is missing; the first decisions on two models at once wait for each other here."""
    if inspect(connection).has_table(_TABLE.name):
        return
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {_TABLE.name}"))))
    _TABLE.create(connection, checkfirst=True)


def append_decision(connection: Connection, decision: Decision) -> None:
    """Add a row."""
    connection.execute(_TABLE.insert().values(asdict(decision)))


def read_decisions(connection: Connection, model_name: str) -> list[Decision]:
    """Return the decisions on a model, the oldest first."""
    if not inspect(connection).has_table(_TABLE.name):
        return []
    columns = [column for column in _TABLE.columns if column.name != "number"]
    rows = connection.execute(select(*columns).where(_TABLE.c.model_name == model_name).order_by(_TABLE.c.number))
    return [_from_row(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's name for a row as a mapping


def way_back(decisions: Sequence[Decision]) -> list[str]:
    """Return the versions that were in production, the newest last, without those that were rolled back from.

    A rollback is an undo: it takes the newest version off, so that the next one goes further back.
    """
    way: list[str] = []
    for decision in decisions:
        if decision.action == "rejected":
            continue
        if not way and decision.previous_version is not None:
            way.append(decision.previous_version)
        if decision.action == "rolled_back" and decision.version in way[:-1]:
            del way[len(way) - 1 - way[-2::-1].index(decision.version) :]
        else:
            way.append(decision.version)
    return way


def _from_row(row: Mapping[Any, Any]) -> Decision:
    return Decision(**{str(name): value for name, value in row.items()})
