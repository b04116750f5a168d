"""A CSV file as blocks of columns, each row with the line on which it begins.

A file is cut into lines by Arrow, at twenty times the speed of Python's reader. Where a line has another number of cells than the
header, or nothing on it, or a quote that does not stand around a whole cell of one line, Python's reader goes on from there: it knows
what to say about each line.
"""

import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow as pa
from pyarrow import csv

from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.csv_rows import CsvRow, csv_blocks, read_csv_rows
from dtc_data.files.text_column import TextColumn

if TYPE_CHECKING:
    import pandas as pd

BLOCK_BYTES: Final = 8 * 2**20
"""Bytes of a file that are held as text at a time."""

_NUL: Final = b"\0"
"""What only Python's reader understands."""
_LINE_ENDS: Final = frozenset("\r\n")


@dataclass(frozen=True, eq=False)
class TextBlock:
    """Some rows of a file."""

    lines: Sequence[int]
    """Line of each row that has as many cells as the header."""
    columns: Sequence[Sequence[str]]
    """The cells of these rows, column by column."""
    others: Sequence[tuple[int, int]] = ()
    """Line and number of cells of the other rows."""

    @property
    def places(self) -> Sequence[int]:
        """The same as `lines`."""
        return self.lines

    @property
    def misfits(self) -> dict[int, str]:
        """What is wrong with the other rows, by line."""
        return {line: f"{n_cells} cells, but the header has {len(self.columns)}" for line, n_cells in self.others}

    def cells(self, column: int) -> Sequence[str]:
        """Return the cells of a column."""
        return self.columns[column]

    texts = cells

    def values(self, column: int) -> "pd.Series":
        """Return the cells of a column as a series of texts, which stay Arrow's where they are."""
        import pandas as pd  # noqa: PLC0415 - for those alone who want series

        cells = self.columns[column]
        if isinstance(cells, TextColumn):
            return pd.Series(pd.array(cells.arrow, dtype="string[pyarrow]"))
        return pd.Series(cells, dtype=object)


def read_text_blocks(
    path: Path, delimiter: str = ",", error_type: type[DtcError] = SurveyFileError
) -> tuple[list[str] | None, Iterator[TextBlock]]:
    """Return the cells of a file's header, None if the file is empty, and the blocks below it.

    Raises
    ------
    DtcError
        Of the type given, if the file cannot be opened, is not in UTF-8, or has a stray quote; the message names the line. Also while blocks
        are taken.
    """
    rows = read_csv_rows(path, delimiter=delimiter, error_type=error_type)
    header = next(rows, None)
    if header is None:
        return None, iter(())
    width = len(header.cells)
    if width == 1 or _has(path, _NUL) or any(_LINE_ENDS.intersection(cell) for cell in header.cells):
        return header.cells, _careful_blocks(rows, width)
    return header.cells, _fast_blocks(path, header.line, width, delimiter, error_type)


def _has(path: Path, wanted: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(wanted) >= 0


def _careful_blocks(rows: Iterator[CsvRow], width: int) -> Iterator[TextBlock]:
    for block in csv_blocks(rows):
        whole = [row for row in block if len(row.cells) == width]
        columns = [[row.cells[position] for row in whole] for position in range(width)]
        others = [(row.line, len(row.cells)) for row in block if len(row.cells) != width]
        yield TextBlock([row.line for row in whole], columns, others)


def _fast_blocks(
    path: Path, header_line: int, width: int, delimiter: str, error_type: type[DtcError]
) -> Iterator[TextBlock]:
    line = header_line + 1
    with path.open("rb") as file:
        above = [file.readline() for _ in range(header_line)]
        for text in _whole_lines(file, above[-1]):
            columns = _columns(text, width, delimiter)
            if columns is None:
                break
            if columns:
                yield TextBlock(range(line, line + len(columns[0])), columns)
            line += text.count(b"\n") + 1
        else:
            return
    first = line
    rows = read_csv_rows(path, delimiter=delimiter, error_type=error_type)
    yield from _careful_blocks((row for row in rows if row.line >= first), width)


def _whole_lines(file: BinaryIO, header: bytes) -> Iterator[bytes]:
    """Cut the rest of a file into pieces that begin and end with a line; the last line end of each is left out."""
    if _is_odd(header.rstrip(b"\r\n")):  # line ends of a single \r: the file is one line
        yield header
        return
    rest = b""
    while content := file.read(BLOCK_BYTES):
        lines, end, rest = (rest + content).rpartition(b"\n")
        if end:
            yield lines
    yield rest


def _is_odd(text: bytes) -> bool:
    """Tell whether a line is empty, or ends with a single carriage return."""
    lone = text.count(b"\r") != text.count(b"\r\n")
    return lone or text[:1] in {b"\r", b"\n"} or b"\n\n" in text or b"\n\r\n" in text


def _has_plain_quotes(text: bytes, delimiter: str) -> bool:
    """Tell whether each quote belongs to a pair around a whole cell, without another one or a line end in it."""
    beside = re.escape(delimiter).encode()
    pairs = re.findall(rb'(?<![^%b\n])"[^"\r\n]*"(?![^%b\r\n])' % (beside, beside), text)
    return 2 * len(pairs) == text.count(b'"')


def _columns(text: bytes, width: int, delimiter: str) -> list[TextColumn] | None:
    """Cut lines into columns, none if nothing is on them; None if that needs more care."""
    text = text.rstrip(b"\r\n")
    if not text:
        return []
    quoted = b'"' in text
    if _is_odd(text) or (quoted and not _has_plain_quotes(text, delimiter)):
        return None
    names = [str(position) for position in range(width)]
    try:
        table = csv.read_csv(
            BytesIO(text),
            csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            csv.ParseOptions(quote_char='"' if quoted else False, double_quote=False, delimiter=delimiter),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return [TextColumn(column.combine_chunks()) for column in table.columns]
