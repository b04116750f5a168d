"""Excel files: read by calamine, and written again by openpyxl with columns added to the sheet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dtc_data.catalogue import in_one_spelling, number_text
from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.file_form import FileForm
from dtc_data.files.table_file import EITHER, ROWS_PER_BLOCK, NewColumn

if TYPE_CHECKING:
    import pandas as pd

ROWS_ABOVE_HEADER: Final = 20
"""Among how many rows the header is looked for, since sheets may begin with a title."""

_NARROW: Final = 2
"""Up to so many columns a title cannot be told from a header."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files begin that Excel has encrypted, and those of Excel 2003 and before."""


@dataclass(frozen=True)
class ExcelBlock:
    """Some rows of a sheet that are not empty."""

    places: Sequence[int]
    rows: Sequence[Sequence[Any]]
    misfits: Mapping[int, str]

    def cells(self, column: int) -> list[str]:
        """Return the cells of a column as texts; an answer true or false is 1 or 0."""
        return [_text(row[column]) for row in self.rows]

    texts = cells

    def values(self, column: int) -> "pd.Series":
        """Return the cells of a column as the sheet has them: numbers, texts, dates and moments, empty texts for empty cells."""
        import pandas as pd  # noqa: PLC0415 - for those alone who want series

        return pd.Series([row[column] for row in self.rows], dtype=object)


class ExcelTable:
    """A sheet of an Excel file.

    Parameters
    ----------
    path : Path
    options : FileForm
        May name the sheet; else it is the one with most of the expected names in a row near its top.
    expected : collection of str
        Names of columns, some of which it should have.
    error_type : type
        What is raised.

    Raises
    ------
    DtcError
        Of that type, if the file cannot be read, has no such sheet, or is empty.
    """

    place = "row"

    def __init__(
        self,
        path: Path,
        options: FileForm,
        expected: Collection[str],
        error_type: type[DtcError] = SurveyFileError,
    ) -> None:
        self.path = path
        sheets = {name: sheet for name, sheet in _read_sheets(path, options.sheet, error_type).items() if sheet.height}
        found = {name: _find_header(sheet, expected) for name, sheet in sheets.items()}
        if not found:
            raise error_type(f"{path}: the file is empty")
        self.sheet = max(found, key=lambda name: found[name][:2])
        self.header_row = found[self.sheet].row + 1
        self._sheet = sheets[self.sheet]
        headers = {name: _names(next(islice(_rows(sheet), found[name].row, None))) for name, sheet in sheets.items()}
        self.names = headers[self.sheet]
        self.sheets_alike = [name for name, names in headers.items() if names == self.names]
        self.descriptions = [""] * len(self.names)
        self.value_labels: Sequence[Mapping[float, str]] = [{}] * len(self.names)
        self.decimal = "." if options.decimal == "." else EITHER
        self.form = f"sheet {self.sheet!r}, header in row {self.header_row}"

    @property
    def empty_columns(self) -> list[int]:
        """Columns without a name and without a cell."""
        unnamed = {column for column, name in enumerate(self.names) if not name}
        for row in _rows(self._sheet):
            if not unnamed:
                break
            unnamed = {column for column in unnamed if _is_empty(row[column])}
        return sorted(unnamed)

    def blocks(self, *, to_write: bool = False) -> Iterator[ExcelBlock]:  # noqa: ARG002 - they hold all of it
        """Read the rows below the header; empty ones are passed over."""
        filled = (
            (place, row)
            for place, row in enumerate(islice(_rows(self._sheet), self.header_row, None), start=self.header_row + 1)
            if not all(map(_is_empty, row))
        )
        while part := list(islice(filled, ROWS_PER_BLOCK)):
            places, rows = zip(*part, strict=True)
            yield ExcelBlock(places, rows, {})


def _read_sheets(path: Path, wanted: str | None, error_type: type[DtcError]) -> dict[str, Any]:
    import python_calamine  # noqa: PLC0415 - only Excel files need it; openpyxl takes seven times as long

    try:
        with path.open("rb") as file:
            if file.read(len(_OLE)) == _OLE:
                raise error_type(
                    f"{path}: not an Excel file that could be read: it has a password, or is an .xls file by another name; save "
                    "it as .xlsx without a password"
                )
            file.seek(0)
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            if wanted is not None and wanted not in book.sheet_names:
                raise error_type(f"{path}: there is no sheet {wanted!r}, only {', '.join(book.sheet_names)}")
            names = book.sheet_names if wanted is None else [wanted]
            return {name: book.get_sheet_by_name(name) for name in names}
    except OSError as error:
        raise error_type(f"{path}: the file cannot be read: {error.strerror}") from error
    except python_calamine.CalamineError as error:
        raise error_type(f"{path}: not an Excel file that could be read: {error}") from error


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Return the rows of a sheet from its very first, each from its very first cell; they become Python objects one by one."""
    before: list[Any] = [""] * sheet.start[1]
    return (before + row for row in sheet.iter_rows()) if before else iter(sheet.iter_rows())


def _names(cells: Sequence[Any]) -> list[str]:
    return [in_one_spelling(_text(cell)) for cell in cells]


class _Header(NamedTuple):
    """A row that may be the header of a sheet."""

    expected: int
    """How many of the expected names it has."""
    filled: int
    """How many of its cells are not empty."""
    row: int
    """Its position."""


def _find_header(sheet: Any, expected: Collection[str]) -> _Header:
    """Return the row with the most expected names; if none has any, the first that is more than half as wide as the widest."""
    rows = list(islice(_rows(sheet), ROWS_ABOVE_HEADER))
    filled = [sum(not _is_empty(cell) for cell in row) for row in rows]
    scores = [len(set(_names(row)).intersection(expected)) for row in rows]
    if best := max(scores):
        return _Header(best, filled[scores.index(best)], scores.index(best))
    fewest = max(filled) // 2 + 1 if max(filled) > _NARROW else 1  # above a wide table, a few cells are its title
    row = next((position for position, cells in enumerate(filled) if cells >= fewest), None)
    if row is None:  # the table begins further down
        row = next((position for position, cells in enumerate(_rows(sheet)) if not all(map(_is_empty, cells))), 0)
        return _Header(0, 0, row)
    return _Header(0, filled[row], row)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, int | float):
        return number_text(float(cell))
    return cell.isoformat() if isinstance(cell, date | datetime) else "" if cell is None else str(cell)


class ExcelWriter:
    """Writes an Excel file again, with everything that openpyxl keeps of it, and columns behind those of the sheet.

    Parameters
    ----------
    table : ExcelTable
    target : Path
    columns : sequence of NewColumn
    """

    def __init__(self, table: ExcelTable, target: Path, columns: Sequence[NewColumn]) -> None:
        import openpyxl  # noqa: PLC0415 - slow, and only Excel files need it

        self._target = target
        self._book = openpyxl.load_workbook(table.path, keep_vba=table.path.suffix.lower() == ".xlsm")
        self._sheet = self._book[table.sheet]
        self._first = len(table.names) + 1
        for offset, column in enumerate(columns):
            self._sheet.cell(table.header_row, self._first + offset, column.name)

    def write(self, block: ExcelBlock, columns: Sequence[Sequence[Any]]) -> None:
        """Write the values of the new columns beside the rows of a block."""
        for row, values in zip(block.places, zip(*columns, strict=True), strict=True):
            for offset, value in enumerate(values):
                if value is not None:
                    self._sheet.cell(row, self._first + offset, value)

    def close(self) -> None:
        """Write the file."""
        self._book.save(self._target)
