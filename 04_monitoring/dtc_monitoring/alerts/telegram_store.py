"""What Postgres remembers about Telegram: the new id of a chat, and alerts that could not be delivered yet.

Without Postgres nothing is remembered, and the alert at hand is sent all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from dtc_data.core import DatabaseUnavailableError
from dtc_data.tables import transaction
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Engine,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from telegram import InlineKeyboardMarkup

from dtc_monitoring.alerts.telegram import Alert, Attempt

FIRST_WAIT: Final = timedelta(minutes=1)
"""After which an alert is tried again, if Telegram does not say when; each further wait is twice as long."""
LONGEST_WAIT: Final = timedelta(hours=1)

_TABLES: Final = MetaData()
_CHATS: Final = Table(
    "telegram_chats",
    _TABLES,
    Column("chat_id", Text, primary_key=True),  # as CHAT_ID has it
    Column("moved_to", Text, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False),
)
_ALERTS: Final = Table(
    "telegram_alerts",
    _TABLES,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("text", Text, nullable=False),
    Column("picture", LargeBinary),
    Column("buttons", JSONB),
    Column("kept_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
)

_log = structlog.get_logger()
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class TelegramStore:
    """The two tables in the customer database; they are made when there is something to remember."""

    engine: Engine
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def chat(self, chat_id: str) -> str:
        """Return the id that a chat has now, by the one that it had when CHAT_ID was set."""

        def read(connection: Connection) -> str:
            if not inspect(connection).has_table(_CHATS.name):
                return chat_id
            moved = connection.scalar(select(_CHATS.c.moved_to).where(_CHATS.c.chat_id == chat_id))
            return str(moved) if moved else chat_id

        return self._or_else(read, "whether the chat has a new id is not known", otherwise=chat_id)

    def remember_move(self, chat_id: str, moved_to: str) -> bool:
        """Remember a chat's new id; False if it was known already. True too if it cannot be remembered."""

        def write(connection: Connection) -> bool:
            _make_tables(connection)
            row = {"chat_id": chat_id, "moved_to": moved_to, "moved_at": self.clock()}
            statement = insert(_CHATS).values(row)
            statement = statement.on_conflict_do_update(
                index_elements=["chat_id"], set_=row, where=_CHATS.c.moved_to != moved_to
            )
            return connection.execute(statement).rowcount > 0

        return self._or_else(write, "the chat's new id could not be remembered", otherwise=True)

    def keep(self, alert: Alert, attempt: Attempt) -> bool:
        """Keep an alert that was not delivered; False if that cannot be done either."""

        def write(connection: Connection) -> bool:
            _make_tables(connection)
            row = {
                "text": alert.text,
                "picture": alert.picture,
                "buttons": alert.buttons.to_dict() if alert.buttons else None,
                "kept_at": self.clock(),
                "attempts": 1,
            }
            connection.execute(insert(_ALERTS).values(row | self._next_try(attempt, 1)))
            return True

        return self._or_else(write, "the alert could not be kept", otherwise=False)

    def send_due(self, send: Callable[[Alert], Attempt]) -> int:
        """Send the alerts that are due, the oldest first, until one is not delivered; return how many were.

        Each is locked while it is sent and gone when it was, so that of two senders one sends it. If the sender dies in
        between, it comes twice rather than never.
        """
        sent = 0
        one = partial(self._send_next, send)
        while self._or_else(one, "alerts that were kept wait on", otherwise=False):
            sent += 1
        return sent

    def _send_next(self, send: Callable[[Alert], Attempt], connection: Connection) -> bool:
        if not inspect(connection).has_table(_ALERTS.name):
            return False
        due = select(_ALERTS).where(_ALERTS.c.due_at <= self.clock()).order_by(_ALERTS.c.number).limit(1)
        row = connection.execute(due.with_for_update(skip_locked=True)).first()
        if row is None:
            return False
        attempt = send(_as_alert(row))
        own = _ALERTS.c.number == row.number
        if attempt.problem:
            tries = row.attempts + 1
            changes = {"attempts": tries} | self._next_try(attempt, tries)
            connection.execute(update(_ALERTS).where(own).values(changes))
            return False
        connection.execute(delete(_ALERTS).where(own))
        return True

    def _next_try(self, attempt: Attempt, tries: int) -> dict[str, Any]:
        wait = min(FIRST_WAIT * 2 ** (min(tries, 10) - 1), LONGEST_WAIT)
        if attempt.wait_seconds is not None:
            wait = timedelta(seconds=attempt.wait_seconds)
        return {"due_at": self.clock() + wait, "problem": attempt.problem}

    def _or_else(self, work: Callable[[Connection], _Result], what: str, *, otherwise: _Result) -> _Result:
        try:
            with transaction(self.engine) as connection:
                return work(connection)
        except DatabaseUnavailableError as error:
            _log.warning(what, reason=str(error))
            return otherwise


def _make_tables(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(_ALERTS.name))))
    _TABLES.create_all(connection)


def _as_alert(row: Row[*tuple[Any, ...]]) -> Alert:
    """Return the alert as it was, and say below its first line how old it is."""
    headline, _, rest = row.text.partition("\n")
    late = f"(Late: this is from {row.kept_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, when Telegram did not take it.)"
    buttons = InlineKeyboardMarkup.de_json(row.buttons, None) if row.buttons else None
    return Alert(f"{headline}\n{late}\n{rest}".rstrip(), row.picture, buttons)
