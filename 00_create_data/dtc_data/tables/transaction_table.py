"""The transactions table: every line that came, when and out of which file it came, and what was judged about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, func, insert, inspect, select, text

from dtc_data.core import TransactionsError
from dtc_data.tables.streams import copy_batches_into_temporary, copy_query_to_file
from dtc_data.tables.transaction_schema import FILES, INCOMING, LINES


@dataclass(frozen=True)
class FileOfLines:
    """What is kept about a file beside its lines."""

    name: str
    digest: str
    """What tells its bytes from those of other files."""
    layout: str
    time_zone: str | None
    currency: str | None
    first_ordered_at: datetime
    last_ordered_at: datetime
    report: dict[str, Any]
    gives_arrivals: bool
    """Whether its lines say when they became known."""


@dataclass(frozen=True)
class FileTaken:
    """What taking in a file did."""

    inserted: int
    """Lines that were not in the table before."""
    unchanged: int = 0
    """Lines that earlier files brought already."""
    late: int = 0
    """Inserted lines of days that earlier files had covered: they count as known from now on."""
    taken_at: datetime | None = None
    """When this very file was ingested before, if it was."""

    def __str__(self) -> str:
        if self.taken_at:
            return f"nothing changed: this file was ingested on {self.taken_at:%Y-%m-%d %H:%M} UTC"
        late = f", {self.late:,} of them late (known from now on)" if self.late else ""
        return f"{self.inserted:,} lines inserted{late}, {self.unchanged:,} were there already"


def create_transactions(connection: Connection) -> None:
    """Make the tables if they are not there; several processes may do so at once."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("create transactions"))))
    if not inspect(connection).has_table(LINES.name):
        FILES.create(connection, checkfirst=False)
        LINES.create(connection, checkfirst=False)


def file_taken_before(connection: Connection, digest: str) -> FileTaken | None:
    """Return what is to be said about a file whose bytes were ingested before; None if they were not."""
    if not inspect(connection).has_table(FILES.name):
        return None
    taken_at = connection.scalar(select(FILES.c.ingested_at).where(FILES.c.digest == digest))
    return FileTaken(0, taken_at=taken_at) if taken_at else None


def ingest_lines(
    connection: Connection, file: FileOfLines, batches: Iterable[pa.RecordBatch], arrived_at: datetime | None
) -> FileTaken:
    """Ingest the lines of a file, those that are there already excepted.

    Lines that say the same are told apart by how many of them there are: a file brings only as many as the table lacks.

    Parameters
    ----------
    connection : Connection
        In a transaction; a raised error must end it.
    file : FileOfLines
        What is kept about the file.
    batches : iterable of RecordBatch
        Its lines with the columns of `dtc_data.tables.transaction_schema.INCOMING`.
    arrived_at : datetime, optional
        When lines of days that earlier files covered became known, where the file does not say so; None if they were known
        when they were ordered, as all other lines are taken to be.

    Raises
    ------
    TransactionsError
        If the file is in another currency than those before, or has an order of a customer that is another customer's.
    """
    # Readers go on; other writers wait, so that nothing changes between the comparison and the insertion.
    connection.exec_driver_sql(f"LOCK TABLE {FILES.name} IN SHARE ROW EXCLUSIVE MODE")
    if taken := file_taken_before(connection, file.digest):
        return taken
    _refuse_another_currency(connection, file)
    copied = copy_batches_into_temporary(connection, INCOMING, batches)
    _refuse_order_of_two(connection, file)
    covered = connection.execute(select(func.min(FILES.c.first_ordered_at), func.max(FILES.c.last_ordered_at))).one()
    kept = {name: value for name, value in asdict(file).items() if name in FILES.c}
    number = connection.scalar(insert(FILES).values(kept).returning(FILES.c.file))
    late = None if file.gives_arrivals else arrived_at
    parameters = {"file": number, "late": late, "first": covered[0], "last": covered[1]}
    inserted, of_them_late = connection.execute(text(_INSERT_NEW), parameters).one()
    INCOMING.drop(connection)
    return FileTaken(inserted, copied - inserted, of_them_late)


_NAMES: Final = [column.name for column in INCOMING.columns]

_INSERT_NEW: Final = f"""
    WITH judged AS (
        SELECT *, arrived_at = ordered_at AND ordered_at BETWEEN :first AND :last AND CAST(:late AS timestamptz) IS NOT NULL AS is_late
        FROM {INCOMING.name}
        WHERE line_id IS NULL OR copy = 1
    ),
    inserted AS (
        INSERT INTO {LINES.name} ({", ".join(_NAMES)}, file)
        SELECT {", ".join(_NAMES).replace("arrived_at", "CASE WHEN is_late THEN :late ELSE arrived_at END")}, :file
        FROM judged ORDER BY digest
        ON CONFLICT (digest, copy) DO NOTHING
        RETURNING arrived_at
    )
    SELECT count(*), count(*) FILTER (WHERE arrived_at = :late) FROM inserted
"""  # noqa: S608 - the names are ours


def _refuse_another_currency(connection: Connection, file: FileOfLines) -> None:
    others = connection.scalars(
        select(FILES.c.currency).where(FILES.c.currency.is_not(None), FILES.c.currency != file.currency)
    )
    if other := others.first():
        raise TransactionsError(
            f"{file.name}: nothing was ingested: its amounts are in {file.currency}, those of earlier files in {other}. "
            "Convert them first, or keep the files in a database of their own"
        )


def _refuse_order_of_two(connection: Connection, file: FileOfLines) -> None:
    shared = (
        select(INCOMING.c.order_id, INCOMING.c.customer_id, INCOMING.c.place, LINES.c.customer_id.label("other"))
        .join(LINES, LINES.c.order_id == INCOMING.c.order_id)
        .where(LINES.c.customer_id != INCOMING.c.customer_id)
        .order_by(INCOMING.c.place)
        .limit(1)
    )
    if found := connection.execute(shared).first():
        raise TransactionsError(
            f"{file.name}: nothing was ingested: order {found.order_id!r} (place {found.place}) is of customer "
            f"{found.customer_id!r}, but an earlier file has it of customer {found.other!r}"
        )


def copy_lines_to_file(connection: Connection, path: Path, since: datetime, until: datetime) -> None:
    """Write the lines that count to a CSV file, so that tables larger than memory can be worked on.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    path : Path
        Gets the columns of `INCOMING` with a header; lines with an id also where they do not count, since they may correct others.
    since, until : datetime
        Lines ordered from then on, and both ordered and arrived before.

    Raises
    ------
    TransactionsError
        If no file was ingested yet.
    """
    if not inspect(connection).has_table(LINES.name):
        raise TransactionsError("there are no transactions; ingest a file first (make ingest_transactions)")
    counts = (LINES.c.treatment.is_(None)) | (LINES.c.line_id.is_not(None))
    known = (LINES.c.ordered_at >= since) & (LINES.c.ordered_at < until) & (LINES.c.arrived_at < until)
    copy_query_to_file(connection, select(*(LINES.c[name] for name in _NAMES)).where(counts, known), path)


def first_line_at(connection: Connection) -> datetime | None:
    """Return when the first line of all files was ordered; None if there is none."""
    if not inspect(connection).has_table(FILES.name):
        return None
    first: datetime | None = connection.scalar(select(func.min(FILES.c.first_ordered_at)))
    return first


def files_taken(connection: Connection) -> list[str]:
    """List the names of the files whose lines are in the table, the first ingested first."""
    if not inspect(connection).has_table(FILES.name):
        return []
    return list(connection.scalars(select(FILES.c.name).order_by(FILES.c.file)))


def last_line_at(connection: Connection) -> datetime | None:
    """Return when the last line was ordered; None if there is none."""
    if not inspect(connection).has_table(FILES.name):
        return None
    last: datetime | None = connection.scalar(select(func.max(FILES.c.last_ordered_at)))
    return last
