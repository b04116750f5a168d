"""What a vendor delivered, as a table of texts: a header, and cells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dtc_data.catalogue import number_text
from dtc_data.core import SurveyFileError
from dtc_data.files import open_table
from dtc_data.surveys import FileOptions

_NUMBER: Final = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*(%?)")


@dataclass(frozen=True)
class DeliveredTable:
    """A table as a person sees it; empty rows and columns are gone."""

    path: Path
    names: tuple[str, ...]
    """Names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """Cells without the spaces around them; codes where the file has codes."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By column the words that an SPSS file has for its codes."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By column what an SPSS file says that it is."""

    def column(self, name: str) -> list[str]:
        """Return the cells of a column."""
        position = self.names.index(name)
        return [row[position] for row in self.rows]


def read_table(path: Path, label: str | None = None) -> DeliveredTable:
    """Read a file in any of the forms that survey files have; of a workbook the sheet with the column ``label``, if one is named.

    Raises
    ------
    SurveyFileError
        If it cannot be read, a row does not fit its header, or there is no row below it.
    """
    table = open_table(path, FileOptions(), [label] if label else [])
    names = [" ".join(name.split()) for name in table.names]
    columns: list[list[str]] = [[] for _ in names]
    for block in table.blocks():
        for place, wrong in block.misfits.items():
            raise SurveyFileError(f"{path}, {table.place} {place}: {wrong}")
        for position, cells in enumerate(columns):
            cells.extend(" ".join(cell.split()) for cell in block.texts(position))
    filled = [any(row) for row in zip(*columns, strict=True)]
    if not any(filled):
        raise SurveyFileError(f"{path}: there is no header with rows below it")
    kept = [position for position, cells in enumerate(columns) if any(cells)]
    named = tuple(names[position] or f"column {position + 1}" for position in kept)
    if repeated := [name for name in named if named.count(name) > 1]:
        raise SurveyFileError(f"{path}: the column {repeated[0]!r} is there twice: rename one of them")
    rows = zip(*(columns[position] for position in kept), strict=True)
    words = {
        name: {number_text(float(code)): word for code, word in table.value_labels[position].items()}
        for name, position in zip(named, kept, strict=True)
    }
    titles = {name: table.descriptions[position] for name, position in zip(named, kept, strict=True)}
    return DeliveredTable(
        path, named, tuple(row for row, there in zip(rows, filled, strict=True) if there), words, titles
    )


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
