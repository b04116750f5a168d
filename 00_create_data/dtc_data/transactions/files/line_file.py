"""Transaction files as frames of raw cells, a block of lines at a time, so that a file may be larger than memory."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from dtc_data.core import FileProblems, TransactionsError, csv_blocks, read_csv_rows
from dtc_data.transactions.files.known_layouts import known_layout
from dtc_data.transactions.files.layout import LAYOUT_FILE, Layout, load_layout

ROWS_PER_BLOCK: Final = 100_000
"""Lines of an Excel or Parquet file held at a time."""
_CSV, _EXCEL, _PARQUET = {".csv", ".txt", ".tsv"}, {".xlsx"}, {".parquet"}


class LineFile:
    """A transaction file and the layout by which it is read.

    Parameters
    ----------
    path : Path
        CSV, Excel (.xlsx) or Parquet, by its ending.
    layout : Layout
        Which column is what.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or lacks a column of the layout.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.layout = layout
        found = column_names(path, layout)
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
        return "line" if self.path.suffix.lower() in _CSV else "row"

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
        columns = self.layout.used_columns
        if self.path.suffix.lower() in _CSV:
            return _csv_blocks(self.path, self.layout, problems)
        if self.path.suffix.lower() in _EXCEL:
            return _excel_blocks(self.path, self.layout)
        return _parquet_blocks(self.path, columns)

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
            is_table = path.suffix.lower() in _PARQUET
            frame = (pd.read_parquet(path) if is_table else pd.read_csv(path, dtype=str))[list(columns.values())]
        except (OSError, ValueError, KeyError) as error:
            raise TransactionsError(f"{path}: the product file cannot be read: {error}") from error
        products = frame.set_axis(list(columns), axis="columns").astype("string[pyarrow]")
        return products.reindex(columns=["product_id", "description", "department"]).drop_duplicates("product_id")


def open_line_file(path: str | Path, layout: Layout | None = None) -> LineFile:
    """Open a transaction file and find out how it is read.

    A layout that is given wins; else a ``transactions.yaml`` beside the file; else the known layouts.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or nothing says what its columns are.
    LayoutError
        If the layout beside the file is wrong.
    """
    path = Path(path)
    beside = path.parent / LAYOUT_FILE
    if layout is None and beside.is_file():
        layout = load_layout(beside)
    if layout is None:
        columns = column_names(path)
        layout = known_layout(columns)
        if layout is None:
            raise TransactionsError(
                f"{path}: what its columns {', '.join(map(repr, columns))} are is not known. Describe them in a "
                f"{LAYOUT_FILE} beside the file, or give one (docs/transactions.md shows an example)"
            )
    return LineFile(path, layout)


def column_names(path: Path, layout: Layout | None = None) -> list[str]:
    """List the columns of a file.

    Raises
    ------
    TransactionsError
        If it cannot be read, is empty, or is no CSV, Excel or Parquet file.
    """
    suffix = path.suffix.lower()
    try:
        path.open("rb").close()
    except OSError as error:
        raise TransactionsError(f"{path}: the file cannot be read: {error.strerror}") from error
    if suffix in _CSV:
        return [name.strip() for name in _csv_header(path, layout)]
    if suffix in _EXCEL:
        return [str(name).strip() for name in next(_excel_rows(path, layout), [])]
    if suffix in _PARQUET:
        return list(_parquet_file(path).schema_arrow.names)
    raise TransactionsError(f"{path}: the ending {path.suffix!r} is not known; give a .csv, .xlsx or .parquet file")


def _csv_options(layout: Layout | None) -> dict[str, Any]:
    given = {"encoding": layout.encoding, "delimiter": layout.delimiter} if layout else {}
    return {**given, "error_type": TransactionsError}


def _csv_header(path: Path, layout: Layout | None) -> list[str]:
    header = next(read_csv_rows(path, **_csv_options(layout)), None)
    if header is None:
        raise TransactionsError(f"{path}: the file is empty")
    return header.cells


def _csv_blocks(path: Path, layout: Layout, problems: FileProblems) -> Iterator[pd.DataFrame]:
    rows = read_csv_rows(path, **_csv_options(layout))
    header = [name.strip() for name in next(rows).cells]
    for block in csv_blocks(rows):
        for row in block:
            if len(row.cells) != len(header):
                problems.add(row.line, f"{len(row.cells)} cells, but the header has {len(header)}")
        whole = [row for row in block if len(row.cells) == len(header)]
        yield _frame([row.cells for row in whole], [row.line for row in whole], header, layout)


def _frame(rows: Sequence[Sequence[Any]], places: Sequence[int], header: list[str], layout: Layout) -> pd.DataFrame:
    positions = {name: header.index(name) for name in layout.used_columns}
    cells = {name: pd.Series([row[at] for row in rows], dtype=object) for name, at in positions.items()}
    return pd.DataFrame(cells).set_axis(pd.Index(list(places), dtype="int64"), axis="index")


def _excel_rows(path: Path, layout: Layout | None) -> Iterator[list[Any]]:
    import python_calamine  # noqa: PLC0415 - only Excel files need it; openpyxl takes seven times as long

    try:
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            name = (layout.sheet if layout else None) or book.sheet_names[0]
            if name not in book.sheet_names:
                raise TransactionsError(f"{path}: there is no sheet {name!r}, only {', '.join(book.sheet_names)}")
            yield from book.get_sheet_by_name(name).iter_rows()
    except python_calamine.CalamineError as error:
        raise TransactionsError(f"{path}: not an Excel file that could be read: {error}") from error


def _excel_blocks(path: Path, layout: Layout) -> Iterator[pd.DataFrame]:
    numbered = enumerate(_excel_rows(path, layout), start=1)
    _, header = next(numbered)
    names = [str(name).strip() for name in header]
    rows, places = [], []
    for place, row in numbered:
        if any(cell != "" for cell in row):
            rows.append(row)
            places.append(place)
        if len(rows) == ROWS_PER_BLOCK:
            yield _frame(rows, places, names, layout)
            rows, places = [], []
    yield _frame(rows, places, names, layout)


def _parquet_file(path: Path) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - only Parquet files need it, and it takes half a second
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise TransactionsError(f"{path}: not a Parquet file that could be read: {error}") from error


def _parquet_blocks(path: Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    import pyarrow as pa  # noqa: PLC0415 - see above

    whole_numbers = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}
    first = 1
    for batch in _parquet_file(path).iter_batches(batch_size=ROWS_PER_BLOCK, columns=list(columns)):
        # Whole numbers beside gaps stay whole: as doubles, long ids would lose digits.
        frame = batch.to_pandas(types_mapper=whole_numbers.get)
        yield frame.set_axis(pd.RangeIndex(first, first + len(frame)), axis="index")
        first += len(frame)
