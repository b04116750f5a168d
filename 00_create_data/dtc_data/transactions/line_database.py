"""A DuckDB database for lines that leaves nothing behind, and writes to disk what does not fit into its memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

MEMORY_LIMIT: Final = "512MB"
"""What DuckDB may hold before it writes to disk."""


@contextmanager
def line_database(*, on_disk: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that speaks UTC, with tables in memory or on disk; it and its files go at the end of the block."""
    with TemporaryDirectory(prefix="dtc_lines_") as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(Path(folder) / "spilled"),
            "preserve_insertion_order": False,
        }
        database = duckdb.connect(str(Path(folder) / "lines.duckdb") if on_disk else ":memory:", config=settings)
        try:
            database.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            yield database
        finally:
            database.close()
