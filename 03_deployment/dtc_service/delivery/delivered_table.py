"""What a vendor delivered, as a table of texts: a header, and cells."""

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dtc_data.core import SurveyFileError

_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*(%?)")


@dataclass(frozen=True)
class DeliveredTable:
    """A table as a person sees it; empty rows and columns are gone."""

    path: Path
    names: tuple[str, ...]
    """Names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """Cells without the spaces around them."""

    def column(self, name: str) -> list[str]:
        """Return the cells of a column."""
        position = self.names.index(name)
        return [row[position] for row in self.rows]


def read_table(path: Path) -> DeliveredTable:
    """Read a CSV or Excel file.

    Raises
    ------
    SurveyFileError
        If it cannot be read, or holds no row below its header.
    """
    if not path.is_file():
        raise SurveyFileError(f"{path}: there is no such file")
    cells = _excel(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path)
    filled = [row for row in cells if any(row)]
    if len(filled) < 2:  # noqa: PLR2004 - a header and a row
        raise SurveyFileError(f"{path}: there is no header with rows below it")
    width = max(map(len, filled))
    padded = [[*row, *[""] * (width - len(row))] for row in filled]
    kept = [position for position in range(width) if any(row[position] for row in padded[1:])]
    names = [padded[0][position] or f"column {position + 1}" for position in kept]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise SurveyFileError(f"{path}: the column {repeated[0]!r} is there twice: rename one of them")
    rows = tuple(tuple(row[position] for position in kept) for row in padded[1:])
    return DeliveredTable(path, tuple(names), rows)


def number_in(cell: str) -> float | None:
    """Return the number in a cell, 0.45 for ``45 %`` and ``0,45``; None if it holds no number."""
    found = _NUMBER.fullmatch(cell)
    if found is None:
        return None
    value = float(cell.removesuffix("%").strip().replace(",", "."))
    return value / 100 if found[4] else value


def numbers_in(cells: list[str]) -> list[float] | None:
    """Return the numbers in cells of which some may be empty; None if one holds something else, or all are empty."""
    values = [number_in(cell) for cell in cells if cell]
    return [value for value in values if value is not None] if values and None not in values else None


def _excel(path: Path) -> list[list[str]]:
    import openpyxl  # noqa: PLC0415 - only Excel files need it

    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # a zip, XML or key error, as the file happens to be broken
        raise SurveyFileError(f"{path}: the Excel file cannot be read: {error}") from error
    return [[_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else " ".join(str(value).split())


def _csv(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return [[" ".join(cell.split()) for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter)]
