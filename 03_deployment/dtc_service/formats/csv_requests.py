"""Units out of a CSV request: a header, UTF-8, separated by commas; an empty cell is a missing answer.

Where the header has no comma, semicolons, tabs and bars separate columns, too. Beside semicolons, as spreadsheets of many
languages write them, a comma in a number is a decimal comma.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from dtc_data.catalogue import parse_answers

from dtc_service.errors import InvalidRequestError
from dtc_service.formats.request_rows import FloatArray, Units, Wanted, refusal

_SEPARATORS: Final = (",", ";", "\t", "|")
_WITH_DECIMAL_COMMAS: Final = ";"
ROWS_PER_BLOCK: Final = 20_000
"""Rows held as text at a time, so that a large request needs little memory beside its numbers."""


def read_csv(body: bytes, wanted: Wanted, ids: Sequence[str]) -> Units:
    """Read units; columns are taken by name, in any order.

    Raises
    ------
    InvalidRequestError
        If the text, the header or a cell is wrong; with row and field where there is one.
    TooLargeError
        If there are too many units.
    """
    separator = _separator(body)
    rows = _rows(body, separator)
    names = [name.strip() for name in next(rows, [])]
    wanted.check_columns(names, ids)
    blocks: list[FloatArray] = []
    id_columns: dict[str, list[str]] = {name: [] for name in ids}
    n_rows = 0
    while block := list(islice(rows, ROWS_PER_BLOCK)):
        wanted.check_rows(n_rows + len(block))
        columns = dict(zip(names, _columns(block, len(names), n_rows), strict=True))
        numbers = _with_points(columns, wanted) if separator == _WITH_DECIMAL_COMMAS else columns
        blocks.append(_answers(numbers, wanted, n_rows))
        for name, cells in id_columns.items():
            cells.extend(columns[name])
        n_rows += len(block)
    empty = np.empty((0, len(wanted.catalogue.features)))
    return Units(np.concatenate([empty, *blocks]), id_columns)


def _separator(body: bytes) -> str:
    """Return what separates the columns, by the first line."""
    header = body.lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    return next((mark for mark in _SEPARATORS if mark in header), ",")


def _with_points(columns: dict[str, tuple[str, ...]], wanted: Wanted) -> dict[str, tuple[str, ...]]:
    numbers = {feature.name for feature in wanted.catalogue.features if not feature.in_words}
    return {
        name: tuple(cell.replace(",", ".") for cell in cells) if name in numbers else cells
        for name, cells in columns.items()
    }


def _rows(body: bytes, separator: str) -> Iterator[list[str]]:
    """Return the header and the rows; blank lines are skipped."""
    number = -1
    try:
        text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=separator, strict=True)
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield cells
                number += 1
    except UnicodeDecodeError as error:
        raise InvalidRequestError("the body is not UTF-8") from error
    except csv.Error as error:
        where = f"row {number} (counted from 0)" if number >= 0 else "the header"
        raise InvalidRequestError(f"{where} is not CSV: {error}", row=number if number >= 0 else None) from error


def _columns(block: Sequence[list[str]], width: int, first_row: int) -> Iterator[tuple[str, ...]]:
    for number, cells in enumerate(block, start=first_row):
        if len(cells) != width:
            message = f"row {number} (counted from 0): {len(cells)} cells, but the header has {width}"
            raise InvalidRequestError(message, row=number)
    return zip(*block, strict=True)


def _answers(columns: dict[str, tuple[str, ...]], wanted: Wanted, first_row: int) -> FloatArray:
    features = wanted.catalogue.features
    parsed = {
        feature: parse_answers(columns[feature.name], feature, missing_allowed=wanted.missing_allowed)
        for feature in features
    }
    wrong = [(min(objections), feature) for feature, (_, objections) in parsed.items() if objections]
    if wrong:
        row, feature = min(wrong, key=lambda place: place[0])
        given = "the answer is missing" if not columns[feature.name][row].strip() else "this is not an answer"
        raise refusal(first_row + row, feature.name, f"{given}: expected {feature.words_for_valid}")
    return np.column_stack([values for values, _ in parsed.values()])
