"""Transaction files, and what tells how they are read."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from dtc_data.core import FileProblems, TransactionsError
from dtc_data.transactions.files.file_formats import CSV, PARQUET, blocks_of, column_names
from dtc_data.transactions.files.known_layouts import known_layout
from dtc_data.transactions.files.layout import LAYOUT_FILE, Layout, load_layout


class LineFile:
    """A transaction file and the layout by which it is read.

    Parameters
    ----------
    path : Path
        CSV, Excel (.xlsx) or Parquet, by its ending.
    layout : Layout
        Which column is what.
    columns : sequence of str, optional
        The columns of the file, where they were read before: an Excel sheet gives its header only as a whole.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or lacks a column of the layout.
    """

    def __init__(self, path: Path, layout: Layout, columns: Sequence[str] | None = None) -> None:
        self.path = path
        self.layout = layout
        found = column_names(path, layout) if columns is None else columns
        if missing := [repr(name) for name in layout.used_columns if name not in found]:
            raise TransactionsError(
                f"{path}: the file has no column {', '.join(missing)}, which the layout {layout.name!r} names; "
                f"it has {', '.join(map(repr, found))}"
            )
        if repeated := [repr(name) for name in layout.used_columns if found.count(name) > 1]:
            raise TransactionsError(f"{path}: the file has more than one column {', '.join(repeated)}")

    @property
    def place(self) -> str:
        """What the file's lines are called, as a person finds them: lines of a text, rows of a table."""
        return "line" if self.path.suffix.lower() in CSV else "row"

    @property
    def date(self) -> datetime:
        """First moment after the file's day, in UTC: the layout's, else the day on which the file was last changed."""
        zone = ZoneInfo(self.layout.time_zone or "UTC")
        day = self.layout.file_date or datetime.fromtimestamp(self.path.stat().st_mtime, zone).date()
        return (pd.Timestamp(day) + pd.Timedelta(days=1)).tz_localize(zone).tz_convert("UTC").to_pydatetime()

    def digest(self) -> str:
        """Return what tells this file's bytes from others."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def blocks(self, problems: FileProblems) -> Iterator[pd.DataFrame]:
        """Read the file's lines.

        Parameters
        ----------
        problems : FileProblems
            Gets the rows of a text that have too few or too many cells.

        Yields
        ------
        DataFrame
            The columns that the layout names, cells as they are; the index is the place in the file.
        """
        return blocks_of(self.path, self.layout, problems)

    def products(self) -> pd.DataFrame:
        """Read the product file that the layout names, from the folder of this file.

        Returns
        -------
        DataFrame
            Columns product_id, description and department (texts), one row per product.
        """
        described = self.layout.products
        if described is None:
            raise TransactionsError(f"{self.path}: the layout {self.layout.name!r} names no product file")
        path = self.path.parent / described.file
        columns = described.model_dump(exclude={"file"}, exclude_none=True)
        try:
            is_table = path.suffix.lower() in PARQUET
            frame = (pd.read_parquet(path) if is_table else pd.read_csv(path, dtype=str))[list(columns.values())]
        except (OSError, ValueError, KeyError) as error:
            raise TransactionsError(f"{path}: the product file cannot be read: {error}") from error
        products = frame.set_axis(list(columns), axis="columns").astype("string[pyarrow]")
        return products.reindex(columns=["product_id", "description", "department"]).drop_duplicates("product_id")


def open_line_file(path: str | Path, layout: Layout | str | Path | None = None) -> LineFile:
    """Open a transaction file and find out how it is read.

    A layout that is given, or read from a file, wins; else a ``transactions.yaml`` beside the file; else the known layouts.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or nothing says what its columns are.
    LayoutError
        If the layout's file is wrong.
    """
    path = Path(path)
    beside = path.parent / LAYOUT_FILE
    if layout is None and beside.is_file():
        layout = beside
    if isinstance(layout, str | Path):
        layout = load_layout(layout)
    columns = None
    if layout is None:
        columns = column_names(path)
        layout = known_layout(columns)
        if layout is None:
            raise TransactionsError(
                f"{path}: what its columns {', '.join(map(repr, columns))} are is not known. Describe them in a "
                f"{LAYOUT_FILE} beside the file, or give one (docs/transactions.md shows an example)"
            )
    return LineFile(path, layout, columns)
