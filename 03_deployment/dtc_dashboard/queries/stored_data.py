"""What was ingested and labelled when."""

from dataclasses import dataclass

from dtc_data.catalogue import Segmentation
from dtc_data.tables import (
    IngestedFile,
    Labelling,
    TakenFile,
    UnitTable,
    WaveCounts,
    Withdrawal,
    files_ingested,
    transaction,
    transaction_files_taken,
    withdrawals_of,
)

from dtc_dashboard.queries.overview import counts_of
from dtc_dashboard.queries.sources import Sources


@dataclass(frozen=True)
class StoredData:
    """The table of one segmentation."""

    segmentation: Segmentation
    waves: tuple[WaveCounts, ...]
    """The latest first."""
    labellings: tuple[Labelling, ...]
    """The newest first."""
    files: tuple[IngestedFile, ...]
    """The newest first."""
    withdrawals: tuple[Withdrawal, ...]
    """The newest first."""


def stored_data_of(sources: Sources, segmentation: Segmentation) -> StoredData:
    """Return the waves of a segmentation and who labelled them.

    Raises
    ------
    DatabaseUnavailableError, UnitTableError
        If Postgres cannot be reached, or the table does not fit the catalogue.
    """

    def read() -> tuple[Labelling, ...]:
        with transaction(sources.engine) as connection:
            return tuple(UnitTable(segmentation.catalogue).labellings(connection)[::-1])

    waves = tuple(counts_of(sources, segmentation)[::-1])
    labellings = sources.prepared(segmentation, ("labellings",), read) if waves else ()
    table_name = segmentation.catalogue.unit_table
    with transaction(sources.engine) as connection:
        files = tuple(files_ingested(connection, table_name))
        withdrawals = tuple(withdrawals_of(connection, table_name)[::-1])
    return StoredData(segmentation, waves, labellings, files, withdrawals)


def transaction_files(sources: Sources) -> list[TakenFile]:
    """Return the files of transactions that were ingested, the newest first; errors as `stored_data_of`."""
    with transaction(sources.engine) as connection:
        return transaction_files_taken(connection)
