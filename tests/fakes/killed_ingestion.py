"""A process that is killed while it ingests a file of transactions."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dtc_data.core import PostgresSettings, read_settings
from dtc_data.tables import make_engine
from dtc_data.transactions import ingest_transactions
from dtc_data.transactions.quality import CheckedLines
from fakes.transaction_files import SHOP


def ingest_and_die(path: Path) -> None:
    """Ingest a file, and be killed after its first lines."""
    batches = CheckedLines.batches

    def first_batch(judged: CheckedLines) -> Iterator[Any]:
        yield next(iter(batches(judged)))
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(CheckedLines, "batches", first_batch)  # noqa: B010 - of this process, which ends
    ingest_transactions(make_engine(read_settings(PostgresSettings)), path, SHOP)
