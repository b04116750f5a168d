"""Transaction files into the transactions table, each in one transaction."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from dtc_data.tables import (
    FileOfLines,
    FileTaken,
    create_transactions,
    file_taken_before,
    ingest_lines,
    transaction,
)
from dtc_data.transactions.files import Layout, LineFile, open_line_file
from dtc_data.transactions.line_reading import gather_lines
from dtc_data.transactions.quality import CheckedLines, QualityReport


def ingest_transactions(
    engine: Engine,
    path: str | Path,
    layout: Layout | str | Path | None = None,
    *,
    arrived_at: datetime | None = None,
    known_as_ordered: bool = False,
) -> tuple[FileTaken, QualityReport | None]:
    """Judge the lines of a file and take all of them in, or nothing; the table is made if it is missing.

    Lines of days that earlier files had covered are late: they count as known from ``arrived_at`` on. All others, as a
    shop's whole past in its first file, count as known when they were ordered, unless the file says when they arrived.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    path : str or Path
        CSV, Excel (.xlsx) or Parquet; a CSV or Parquet file may be larger than memory.
    layout : Layout, str or Path, optional
        As for `dtc_data.transactions.read_lines`.
    arrived_at : datetime, optional
        When the file came; now by default.
    known_as_ordered : bool
        Whether lines of days that were covered before count as known when they were ordered, too.

    Returns
    -------
    taken : FileTaken
        What changed.
    report : QualityReport or None
        What was found in the file; None if the very same file was ingested before.

    Raises
    ------
    TransactionsError
        If the file is refused, or does not go together with those before.
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    file = open_line_file(path, layout)
    digest = file.digest()
    with transaction(engine) as connection:
        if taken := file_taken_before(connection, digest):
            return taken, None
    with CheckedLines(file) as checked:
        gather_lines(file, checked)
        report = checked.apply_rules()
        late = None if known_as_ordered else arrived_at or datetime.now(UTC)
        with transaction(engine) as connection:
            create_transactions(connection)
            taken = ingest_lines(connection, _kept(file, digest, report), checked.batches(), late)
    return taken, report


def _kept(file: LineFile, digest: str, report: QualityReport) -> FileOfLines:
    return FileOfLines(
        name=file.path.name,
        digest=digest,
        layout=report.layout,
        time_zone=report.time_zone,
        currency=report.currency,
        first_ordered_at=report.first_ordered_at,
        last_ordered_at=report.last_ordered_at,
        report=report.to_dict(),
        gives_arrivals=file.layout.columns.arrived_at is not None,
    )
