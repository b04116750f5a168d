"""CSV files as blocks of text columns, each row with the line that a person would look for."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from dtc_data.core import SurveyFileError

ROWS_PER_BLOCK: Final = 50_000
"""Rows held as text at a time, so that a large file needs little memory beside its numbers."""


@dataclass(frozen=True)
class Row:
    """One record of a CSV file."""

    line: int
    """Line on which it begins, counted from 1; the header is line 1."""
    cells: list[str]


def read_rows(path: Path) -> Iterator[Row]:
    """Read a CSV file record by record, the header first; blank lines are skipped.

    Raises
    ------
    SurveyFileError
        If the file cannot be opened, is not UTF-8, or has a stray quote; the message names the line.
    """
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield Row(line, cells)
                line = reader.line_num + 1
    except OSError as error:
        raise SurveyFileError(f"{path}: the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = _first_undecodable_line(path)
        raise SurveyFileError(f"{path}, line {line}: the text is not UTF-8; save the file as 'CSV UTF-8'") from error
    except csv.Error as error:
        raise SurveyFileError(f"{path}, line {line}: not a CSV row: {error}") from error


def _first_undecodable_line(path: Path) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                decoder.decode(line)
            except UnicodeDecodeError:
                return number
    return number


def blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Group rows into blocks of at most ``ROWS_PER_BLOCK``."""
    while block := list(islice(rows, ROWS_PER_BLOCK)):
        yield block
