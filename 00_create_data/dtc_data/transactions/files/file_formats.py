"""CSV, Excel and Parquet files as frames of raw cells, a block of lines at a time, so that a file may exceed memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from dtc_data.core import FileProblems, TransactionsError, csv_blocks, read_csv_rows
from dtc_data.transactions.files.layout import Layout

CSV: Final = (".csv", ".txt", ".tsv")
EXCEL: Final = (".xlsx",)
PARQUET: Final = (".parquet",)

ROWS_PER_BLOCK: Final = 100_000
"""Lines of an Excel or Parquet file held at a time."""


def column_names(path: Path, layout: Layout | None = None) -> list[str]:
    """List the columns of a file.

    Raises
    ------
    TransactionsError
        If it cannot be read, is empty, or is not a CSV, Excel or Parquet file.
    """
    suffix = path.suffix.lower()
    try:
        path.open("rb").close()
    except OSError as error:
        raise TransactionsError(f"{path}: the file cannot be read: {error.strerror}") from error
    if suffix in CSV:
        return [name.strip() for name in _csv_header(path, layout)]
    if suffix in EXCEL:
        return [str(name).strip() for name in next(_excel_rows(path, layout), [])]
    if suffix in PARQUET:
        return list(_parquet_file(path).schema_arrow.names)
    raise TransactionsError(f"{path}: the ending {path.suffix!r} is not known; give a .csv, .xlsx or .parquet file")


def blocks_of(path: Path, layout: Layout, problems: FileProblems) -> Iterator[pd.DataFrame]:
    """Read the lines of a file.

    Parameters
    ----------
    path : Path
        A file that has the layout's columns.
    layout : Layout
        Which column is what.
    problems : FileProblems
        Gets the rows of a text that have too few or too many cells.

    Yields
    ------
    DataFrame
        The columns that the layout names, cells as they are; the index is the place in the file.
    """
    suffix = path.suffix.lower()
    if suffix in CSV:
        return _csv_blocks(path, layout, problems)
    return _excel_blocks(path, layout) if suffix in EXCEL else _parquet_blocks(path, layout.used_columns)


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
            named = layout.sheet if layout else None
            name = named or book.sheet_names[0]
            if name not in book.sheet_names:
                raise TransactionsError(f"{path}: there is no sheet {name!r}, only {', '.join(book.sheet_names)}")
            rows = book.get_sheet_by_name(name).iter_rows()
            header = next(rows, None)
            if header is None:
                return
            if named is None:
                _refuse_sheets_alike(path, header, book)
            yield header
            yield from rows
    except python_calamine.CalamineError as error:
        raise TransactionsError(f"{path}: not an Excel file that could be read: {error}") from error


def _refuse_sheets_alike(path: Path, header: list[Any], book: Any) -> None:
    """Refuse a book with lines on several sheets, such as one for each year, of which only the first would be read."""
    first, *others = book.sheet_names
    if alike := [name for name in others if next(book.get_sheet_by_name(name).iter_rows(), None) == header]:
        raise TransactionsError(
            f"{path}: the sheets {', '.join(map(repr, [first, *alike]))} have the same columns, and only one is read. Name it as sheet in the "
            "layout, or save each as a file of its own and ingest one after the other"
        )


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
