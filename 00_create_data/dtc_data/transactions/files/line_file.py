"""Transaction files, and what tells how they are read."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from dtc_data.catalogue import in_one_spelling
from dtc_data.core import FileProblems, TransactionsError
from dtc_data.files import DecimalCommas, FileForm, TableFile, open_table
from dtc_data.transactions.files.known_layouts import KNOWN_COLUMNS, known_layout
from dtc_data.transactions.files.layout import LAYOUT_FILE, Layout, load_layout
from dtc_data.transactions.files.line_blocks import blocks_of, open_lines


class LineFile:
    """A transaction file and the layout by which it is read.

    Parameters
    ----------
    path : Path
        CSV, Excel, SPSS or Parquet, by its ending.
    layout : Layout
        Which column is what.
    table : TableFile, optional
        The file, where it is open already: an Excel sheet gives its header only as a whole.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or lacks a column of the layout.
    """

    def __init__(self, path: Path, layout: Layout, table: TableFile | None = None) -> None:
        self.path = path
        self.layout = layout
        self._table = table or open_lines(path, layout, layout.used_columns)
        self.decimals = DecimalCommas(self._table.decimal, is_sure=layout.decimal is not None)
        """Reads numbers that are written as text; it knows after all blocks what their commas mean."""
        found = list(self._table.names)
        if missing := [repr(name) for name in layout.used_columns if in_one_spelling(name) not in found]:
            raise TransactionsError(
                f"{path}: the file has no column {', '.join(missing)}, which the layout {layout.name!r} names; "
                f"it has {', '.join(map(repr, found))}"
            )
        if repeated := [repr(name) for name in layout.used_columns if found.count(in_one_spelling(name)) > 1]:
            raise TransactionsError(f"{path}: the file has more than one column {', '.join(repeated)}")

    @property
    def place(self) -> str:
        """What the file's lines are called, as a person finds them: lines of a text, rows of a table."""
        return self._table.place

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
        return blocks_of(self._table, self.layout.used_columns, problems)

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
            parts = list(self._product_blocks(path, tuple(columns.values())))
        except TransactionsError as error:
            said = str(error).removeprefix(f"{path}: ")
            raise TransactionsError(f"{path}: the product file cannot be read: {said}") from error
        products = pd.concat(parts).set_axis(list(columns), axis="columns") if parts else pd.DataFrame()
        return products.reindex(columns=["product_id", "description", "department"]).drop_duplicates("product_id")

    @staticmethod
    def _product_blocks(path: Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        table = open_table(path, FileForm(), [in_one_spelling(name) for name in columns], TransactionsError)
        if missing := [repr(name) for name in columns if in_one_spelling(name) not in table.names]:
            raise TransactionsError(f"{path}: it has no column {', '.join(missing)}")
        problems = FileProblems(path, TransactionsError, table.place)
        for block in blocks_of(table, columns, problems):
            yield block.astype("string[pyarrow]")
        problems.raise_if_any()


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
    table = None
    if layout is None:
        table = open_lines(path, None, KNOWN_COLUMNS)
        layout = known_layout(table.names)
        if layout is None:
            raise TransactionsError(
                f"{path}: what its columns {', '.join(map(repr, table.names))} are is not known. Describe them in a "
                f"{LAYOUT_FILE} next to the file, or give one (docs/transactions.md shows an example)"
            )
    return LineFile(path, layout, table)
