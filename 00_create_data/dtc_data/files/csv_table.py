"""CSV files: read record by record with their text kept, and written again with columns added to each line."""

import codecs
import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from dtc_data.catalogue import in_one_spelling
from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.csv_form import WHERE_TO_SAY, find_delimiter, find_encoding
from dtc_data.files.csv_rows import first_undecodable_line
from dtc_data.files.file_form import FileForm
from dtc_data.files.table_file import ROWS_PER_BLOCK, NewColumn

if TYPE_CHECKING:
    import pandas as pd

_MARK = "\ufeff"
_IN_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


class _Record(NamedTuple):
    line: int
    cells: list[str]
    text: str


@dataclass(frozen=True)
class CsvBlock:
    """Some records of a CSV file."""

    places: Sequence[int]
    misfits: Mapping[int, str]
    lines: Sequence[str]
    """The text of each record, as it stands in the file."""
    rows: Sequence[list[str]] = field(repr=False)

    @cached_property
    def _columns(self) -> list[tuple[str, ...]]:
        return list(zip(*self.rows, strict=True))

    def cells(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return list(self._columns[column]) if self.rows else []

    texts = cells

    def values(self, column: int) -> "pd.Series":
        """Return the cells of a column as a series of texts."""
        import pandas as pd  # noqa: PLC0415 - for those alone who want series

        return pd.Series(self.cells(column), dtype=object)


class FoundForm(NamedTuple):
    """How a CSV file is written."""

    encoding: str
    delimiter: str
    decimal: str | None
    """What stands before the decimals; None if the cells must tell."""
    is_plain: bool
    """Whether the first line that is not empty is the header, as other readers expect."""


def found_form(
    path: Path, options: FileForm, expected: Collection[str], error_type: type[DtcError] = SurveyFileError
) -> FoundForm:
    """Return how a CSV file is written, for readers of another make; parameters and errors are those of `CsvTable`."""
    table = CsvTable(path, options, expected, error_type)
    return FoundForm(table.encoding, table.delimiter, table.decimal, not table.names_its_delimiter)


class CsvTable:
    """A CSV file with a header.

    Parameters
    ----------
    path : Path
    options : FileForm
        Encoding and delimiter are found out if they are not given.
    expected : collection of str
        Names of columns, some of which it should have.
    error_type : type
        What is raised.

    Raises
    ------
    DtcError
        Of that type, if the file cannot be read, is not in its encoding, or is empty.
    """

    place = "line"

    def __init__(
        self,
        path: Path,
        options: FileForm,
        expected: Collection[str],
        error_type: type[DtcError] = SurveyFileError,
    ) -> None:
        self.path, self._error_type = path, error_type
        self.encoding = _codec(path, options.encoding, error_type) or find_encoding(path, error_type)
        self.delimiter = options.delimiter or find_delimiter(self._first_line(), expected)
        header = next(self._records(), None)
        if header is None:
            raise error_type(f"{path}: the file is empty")
        self.header = header.text
        self.names_its_delimiter = header.line > 1 and header.text.lstrip(_MARK).lower().startswith("sep=")
        self.names = [in_one_spelling(name) for name in header.cells]
        self.descriptions = [""] * len(self.names)
        self.value_labels: Sequence[Mapping[float, str]] = [{}] * len(self.names)
        self.decimal = options.decimal or ("." if self.delimiter == "," else None)
        self.form = f"{self.encoding}, {_IN_WORDS.get(self.delimiter, repr(self.delimiter))}"

    def blocks(self, *, to_write: bool = False) -> Iterator[Any]:
        """Read the records below the header; those that have too few or too many cells are misfits.

        Parameters
        ----------
        to_write : bool
            Whether the blocks keep the text of the records. Without it a plain file is read by Arrow.

        Raises
        ------
        DtcError
            If the text cannot be decoded, or has a stray quote.
        """
        if not to_write and self.encoding == "utf-8" and not self.names_its_delimiter:
            from dtc_data.files.text_blocks import read_text_blocks  # noqa: PLC0415 - slow

            yield from read_text_blocks(self.path, self.delimiter, self._error_type)[1]
            return
        records, width = self._records(), len(self.names)
        next(records)
        while part := list(islice(records, ROWS_PER_BLOCK)):
            misfits = {
                record.line: f"{len(record.cells)} cells, but the header has {width}"
                for record in part
                if len(record.cells) != width
            }
            fitting = [record for record in part if len(record.cells) == width] if misfits else part
            lines, rows, texts = zip(*fitting, strict=True) if fitting else ((), (), ())
            yield CsvBlock(lines, misfits, texts, rows)

    def _first_line(self) -> str:
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            return next((line.lstrip(_MARK) for line in file if line.strip(_MARK + " \r\n\t")), "")

    def _opened(self) -> IO[str]:
        return self.path.open(encoding=self.encoding, newline="")

    def _records(self) -> Iterator[_Record]:
        """Read records, the header first; blank lines belong to the record that follows them."""
        line = 1
        try:
            with self._opened() as file:
                kept = _KeptLines(file)
                reader = csv.reader(kept, delimiter=self.delimiter, strict=True)
                for cells in reader:
                    if (len(cells) > 1 or (cells and cells[0].strip())) and not _names_delimiter(cells, line):
                        yield _Record(line, cells, kept.taken())
                    line = reader.line_num + 1
        except OSError as error:
            raise self._error_type(f"{self.path}: the file cannot be read: {error.strerror}") from error
        except UnicodeError as error:
            raise self._error_type(
                f"{self.path}, line {first_undecodable_line(self.path, self.encoding)}: the text is not {self.encoding}; say what it is{WHERE_TO_SAY['encoding']}"
            ) from error
        except csv.Error as error:
            raise self._error_type(f"{self.path}, line {line}: not a CSV row: {error}") from error


class _KeptLines:
    """Lines of a file, without its byte order mark, that are kept until somebody takes their text."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._kept: list[str] = []
        self._is_first = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._kept.append(line)
        if self._is_first:
            self._is_first = False
            return line.removeprefix(_MARK)
        return line

    def taken(self) -> str:
        text = self._kept[0] if len(self._kept) == 1 else "".join(self._kept)
        self._kept.clear()
        return text


def _names_delimiter(cells: Sequence[str], line: int) -> bool:
    """Tell whether a record is the line ``sep=;`` by which Excel knows the delimiter."""
    return line == 1 and cells[0].lower().startswith("sep=") and len("".join(cells)) <= len("sep=;")


def _codec(path: Path, name: str | None, error_type: type[DtcError]) -> str | None:
    """Return the encoding that was named as we call it; None if it must be found out."""
    if name is None:
        return None
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        raise error_type(f"{path}: there is no encoding {name!r}: give one like utf-8, utf-16 or latin-1") from None
    if codec in {"utf-8-sig", "utf-8"}:
        return "utf-8"
    return None if codec == "utf-16" else codec


class CsvWriter:
    """Writes a CSV file again with columns at the end of each line; everything before them is the text that was read.

    Parameters
    ----------
    table : CsvTable
    target : Path
    columns : sequence of NewColumn
    decimal : str
        What stands before the decimals.
    """

    def __init__(self, table: CsvTable, target: Path, columns: Sequence[NewColumn], decimal: str) -> None:
        self._table = table
        self._formats = [_formatter(column, decimal) for column in columns]
        self._file = target.open("w", encoding=table.encoding, newline="")
        self._write_lines([table.header], [[_quoted(column.name, table.delimiter)] for column in columns])

    def write(self, block: CsvBlock, columns: Sequence[Sequence[Any]]) -> None:
        """Write a block, with the values of the new columns."""
        self._write_lines(
            block.lines,
            [self._cells(values, written) for values, written in zip(columns, self._formats, strict=True)],
        )

    def _cells(self, values: Sequence[Any], written: Callable[[Any], str]) -> list[str]:
        known: dict[Any, str] = {None: ""}
        cells = []
        for value in values:
            if value not in known:
                known[value] = _quoted(written(value), self._table.delimiter)
            cells.append(known[value])
        return cells

    def _write_lines(self, lines: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        added = map(self._table.delimiter.join, zip(*columns, strict=True))
        for line, cells in zip(lines, added, strict=True):
            text = line.rstrip("\r\n")
            self._file.write(f"{text}{self._table.delimiter}{cells}{line[len(text):] or _line_end(self._table.header)}")

    def close(self) -> None:
        """End the file."""
        self._file.close()


def _line_end(header: str) -> str:
    return header[len(header.rstrip("\r\n")) :] or "\n"


def _formatter(column: NewColumn, decimal: str) -> Callable[[Any], str]:
    return (lambda value: repr(float(value)).replace(".", decimal)) if column.kind == "number" else str


def _quoted(text: str, delimiter: str) -> str:
    if not any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return text
    line = StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow([text])
    return line.getvalue()
