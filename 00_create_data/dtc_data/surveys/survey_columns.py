"""How the text cells of a survey file become numbers, dates, personas and ids.

Each function takes one column's cells and returns its values with the objections to single cells, by position. A column
without a problem is handled as a whole; only cells that look wrong are looked at one by one.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from dtc_data.catalogue import NUMBER, Objections
from dtc_data.core import FIRST_YEAR, LAST_YEAR

LONGEST_ID: Final = 200
"""Characters of a customer id; Postgres cannot index much longer keys."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?")
_ZONE = re.compile(r"[T ].*([Zz]|[+-][0-9:]+)$")


def parse_dates(cells: Sequence[str]) -> tuple[pd.DatetimeIndex, Objections]:
    """Read dates or times in ISO 8601, without a zone in UTC; an unreadable one is NaT."""
    codes, texts = pd.factorize(np.array(cells, dtype=object))
    candidates = [text.strip() if _DATE.fullmatch(text.strip()) else None for text in texts]
    cells_of_dates = pd.Series(candidates, dtype=object)
    zoned = np.array([text is not None and _ZONE.search(text) is not None for text in candidates], dtype=bool)
    # Apart: among zoned times pandas would give a time without a zone the zone of an earlier one.
    dates = pd.DatetimeIndex(
        pd.concat(
            pd.to_datetime(part, format="ISO8601", utc=True, errors="coerce")
            for part in (cells_of_dates[zoned], cells_of_dates[~zoned])
        ).sort_index()
    )
    dates = pd.DatetimeIndex(dates.where((dates.year >= FIRST_YEAR) & (dates.year <= LAST_YEAR)))
    values = dates.as_unit("us")[codes]  # what Postgres keeps
    return values, {int(row): _objection_to_date(cells[row]) for row in np.flatnonzero(values.isna())}


def _objection_to_date(cell: str) -> str:
    if not cell.strip():
        return "the date is missing"
    with suppress(ValueError):
        # Counts further than pandas. In the first and the last year the time zone alone can put a date outside.
        if not FIRST_YEAR < datetime.fromisoformat(cell.strip()).year < LAST_YEAR:
            return f"{cell!r} lies in a year that cannot be right: dates must lie between {FIRST_YEAR} and {LAST_YEAR}"
    return f"{cell!r} is not a readable date: write it like 2025-01-31 or 2025-01-31T09:30:00+01:00"


def parse_segments(cells: Sequence[str], segment_ids: Sequence[int]) -> tuple[ExtensionArray, Objections]:
    """Read persona ids (Int64); an empty cell means that the vendor gave none."""
    codes, texts = pd.factorize(np.array(cells, dtype=object))
    numbers = {text: float(text) for text in texts if NUMBER.fullmatch(text)}  # 1.0 is how pandas writes 1 beside gaps
    known = [int(numbers[text]) if numbers.get(text) in segment_ids else None for text in texts]
    wrong = np.array([bool(text.strip()) and segment is None for text, segment in zip(texts, known, strict=True)])
    ids = ", ".join(str(segment_id) for segment_id in segment_ids)
    objections = {
        int(row): f"{cells[row]!r} is not the id of a persona in the catalogue ({ids})"
        for row in np.flatnonzero(wrong[codes])
    }
    return pd.array(known, dtype="Int64").take(codes), objections


def parse_ids(cells: Sequence[str]) -> tuple[list[str], Objections]:
    """Read customer ids, without the spaces around them."""
    values = [cell.strip() for cell in cells]
    suspicious = not "".join(values).isprintable() or not all(0 < len(value) <= LONGEST_ID for value in values)
    objections = {row: _objection_to_id(value) for row, value in enumerate(values)} if suspicious else {}
    return values, {row: message for row, message in objections.items() if message}


def _objection_to_id(value: str) -> str:
    if not value:
        return "the id is missing"
    if len(value) > LONGEST_ID:
        return f"the id has {len(value)} characters; at most {LONGEST_ID} are allowed"
    return "" if value.isprintable() else f"the id {value!r} holds characters that cannot be printed"
