"""Dates as people and programs write them: ISO 8601, 15.01.2025, 01/15/2025, months, and the serial numbers of spreadsheets."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.core import FIRST_YEAR, LAST_YEAR, Wave, WaveError
from dtc_data.surveys.survey_columns import parse_dates
from dtc_data.surveys.survey_problems import Kind

DateOrder = Literal["day", "month"]

_SERIALS: Final = range(10_000, 110_000)
"""Days since 1899-12-30 that are taken for dates: from 1927 to 2201."""
_SERIAL_ZERO: Final = datetime(1899, 12, 30, tzinfo=UTC)
_MONTHS_OF_A_YEAR: Final = 12

_TIME = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
_DOTTED: Final = re.compile(rf"(?P<day>\d{{1,2}})\. ?(?P<month>\d{{1,2}})\. ?(?P<year>\d{{4}}){_TIME}", re.ASCII)
_YEAR_FIRST: Final = re.compile(rf"(?P<year>\d{{4}})[/.](?P<month>\d{{1,2}})[/.](?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_DIGITS: Final = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
_IN_TWO_ORDERS: Final = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/-])(?P<then>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TIME}", re.ASCII
)
_SERIAL: Final = re.compile(r"\d{5,6}(\.\d+)?", re.ASCII)
_MONTH: Final = re.compile(r"(?P<year>\d{4})[-/.M](?P<month>\d{1,2})", re.ASCII)
_MONTH_FIRST: Final = re.compile(r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII)
_NAMED_MONTH: Final = re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ -](?P<year>\d{4})", re.ASCII)


class DateColumn:
    """The dates of a file, collected block by block, since only all of them may tell the order of day and month.

    Parameters
    ----------
    order : str, optional
        Whether the day or the month comes first in dates like 01/02/2025.
    as_months : bool
        Whether the column holds months: then a date stands for the first moment of its month.
    """

    def __init__(self, order: DateOrder | None, *, as_months: bool = False) -> None:
        self._order = order
        self._as_months = as_months
        self._codes: dict[str, int] = {}
        self._parts: list[npt.NDArray[np.intp]] = []

    def add(self, cells: Sequence[str]) -> None:
        """Take the cells of a block."""
        codes = self._codes
        self._parts.append(np.array([codes.setdefault(cell, len(codes)) for cell in cells], dtype=np.intp))

    def read(self) -> tuple[pd.DatetimeIndex, dict[int, tuple[Kind, str]]]:
        """Return the moments of all cells in UTC, NaT where there is none, and what is wrong by position."""
        texts = list(self._codes)
        order, doubt = _order_of(texts, self._order)
        moments, objections = parse_dates(texts)
        values: list[Any] = moments.tolist()
        wrong: dict[int, tuple[Kind, str]] = {}
        for position, message in objections.items():
            found = _moment(texts[position].strip(), order or "day")
            if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR:
                values[position] = found
                if doubt and _is_open(texts[position]):
                    values[position], wrong[position] = pd.NaT, (Kind.DATE_ORDER, doubt.format(texts[position].strip()))
            else:
                wrong[position] = (Kind.DATE, message)
        return self._expanded(pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("us"), wrong)

    def _expanded(
        self, values: pd.DatetimeIndex, wrong: dict[int, tuple[Kind, str]]
    ) -> tuple[pd.DatetimeIndex, dict[int, tuple[Kind, str]]]:
        codes = np.concatenate([np.empty(0, dtype=np.intp), *self._parts])
        if self._as_months:
            values = (
                pd.DatetimeIndex(values.tz_localize(None).to_period("M").to_timestamp())
                .tz_localize("UTC")
                .as_unit("us")
            )
        if not wrong:
            return values[codes], {}
        rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist()
        return values[codes], {row: wrong[int(codes[row])] for row in rows}


def _order_of(texts: Sequence[str], given: DateOrder | None) -> tuple[DateOrder | None, str]:
    """Return the order of day and month, and what to ask if the dates leave it open or contradict each other."""
    if given:
        return given, ""
    pairs = [
        (int(found["first"]), int(found["then"])) for text in texts if (found := _IN_TWO_ORDERS.fullmatch(text.strip()))
    ]
    day_first = any(first > _MONTHS_OF_A_YEAR for first, _ in pairs)
    month_first = any(second > _MONTHS_OF_A_YEAR for _, second in pairs)
    if day_first != month_first:
        return ("day" if day_first else "month"), ""
    if day_first:
        return None, "{!r} stands beside dates in the other order: write all dates in one order"
    if all(first == second for first, second in pairs):
        return "day", ""
    return None, "{!r} may be two dates: say what comes first with --date-order day or --date-order month"


def _is_open(text: str) -> bool:
    return _IN_TWO_ORDERS.fullmatch(text.strip()) is not None


def _moment(text: str, order: DateOrder) -> datetime | None:
    """Return the moment that a text stands for, in UTC; None if it is none."""
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(text):
            try:
                return read(found, order)
            except (ValueError, OverflowError, WaveError):
                return None
    return None


def _date(found: re.Match[str], _: DateOrder) -> datetime:
    return _at(found, int(found["month"]), int(found["day"]))


def _ordered_date(found: re.Match[str], order: DateOrder) -> datetime:
    first, second = int(found["first"]), int(found["then"])
    return _at(found, *((second, first) if order == "day" else (first, second)))


def _at(found: re.Match[str], month: int, day: int) -> datetime:
    hour, minute, second = (int(found.groupdict().get(part) or 0) for part in ("hour", "minute", "second"))
    return datetime(int(found["year"]), month, day, hour, minute, second, tzinfo=UTC)


def _month(found: re.Match[str], _: DateOrder) -> datetime:
    return Wave(int(found["year"]), int(found["month"])).start


def _named_month(found: re.Match[str], _: DateOrder) -> datetime:
    return Wave.parse_month(found["name"], int(found["year"])).start


def _serial(found: re.Match[str], _: DateOrder) -> datetime | None:
    days = float(found[0])
    return _SERIAL_ZERO + timedelta(seconds=round(days * 86_400)) if int(days) in _SERIALS else None


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], DateOrder], datetime | None]], ...]] = (
    (_DOTTED, _date),
    (_YEAR_FIRST, _date),
    (_DIGITS, _date),
    (_IN_TWO_ORDERS, _ordered_date),
    (_SERIAL, _serial),
    (_MONTH, _month),
    (_MONTH_FIRST, _month),
    (_NAMED_MONTH, _named_month),
)
