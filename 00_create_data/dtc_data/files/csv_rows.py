"""CSV files as blocks of text columns, each row with the line that a person would look for."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from dtc_data.core import DtcError, SurveyFileError

UTF_8: Final = "utf-8-sig"
"""UTF-8 with or without a byte order mark."""

ROWS_PER_BLOCK: Final = 50_000
"""Rows held as text at a time, so that a large file needs little memory beside its numbers."""


@dataclass(frozen=True)
class CsvRow:
    """One record of a CSV file."""

    line: int
    """Line on which it begins, counted from 1; the header is line 1."""
    cells: list[str]


def read_csv_rows(
    path: Path, *, encoding: str = UTF_8, delimiter: str = ",", error_type: type[DtcError] = SurveyFileError
) -> Iterator[CsvRow]:
    """Read a CSV file record by record, the header first; blank lines are skipped.

    Raises
    ------
    DtcError
        Of the type given, if the file cannot be opened, is not in the encoding, or has a stray quote; the message names
        the line.
    """
    line = 1
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield CsvRow(line, cells)
                line = reader.line_num + 1
    except OSError as error:
        raise error_type(f"{path}: the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = first_undecodable_line(path, encoding)
        name = "UTF-8" if encoding == UTF_8 else encoding
        raise error_type(f"{path}, line {line}: the text is not {name}; save the file as 'CSV UTF-8'") from error
    except csv.Error as error:
        raise error_type(f"{path}, line {line}: not a CSV row: {error}") from error


def first_undecodable_line(path: Path, encoding: str) -> int:
    """Return the first line of a file that is not in an encoding, counted from 1."""
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 1
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                decoder.decode(line)
            except UnicodeDecodeError:
                return number
    return number


def csv_blocks(rows: Iterator[CsvRow]) -> Iterator[list[CsvRow]]:
    """Group rows into blocks of at most ``ROWS_PER_BLOCK``."""
    while block := list(islice(rows, ROWS_PER_BLOCK)):
        yield block
