"""Dates as people and programs write them: ISO 8601, 15.01.2025, 01/15/2025, months, and the serial numbers of spreadsheets."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from dtc_data.catalogue import NUMBER
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


def are_dates(cells: Iterable[str]) -> bool:
    """Return whether all cells that hold something are dates, and none is a number as well."""
    given = sorted({cell.strip() for cell in cells} - {""})
    if not given or any(NUMBER.fullmatch(cell) for cell in given):
        return False
    return any(not DateReading(order, lambda: (given,)).read(given)[1] for order in get_args(DateOrder))


class DateReading:
    """Reads the dates of a file, block by block.

    Parameters
    ----------
    order : str, optional
        Whether the day or the month comes first in dates like 01/02/2025. If it is not given, all dates of the file are
        looked at as soon as there is such a date.
    all_dates : callable
        Returns the cells of all blocks.
    as_months : bool
        Whether the column holds months: then a date stands for the first moment of its month.
    """

    def __init__(
        self, order: DateOrder | None, all_dates: Callable[[], Iterable[Sequence[str]]], *, as_months: bool = False
    ) -> None:
        self._order, self._doubt = order, ""
        self._is_settled = order is not None
        self._all_dates = all_dates
        self._as_months = as_months

    def read(self, cells: Sequence[str]) -> tuple[pd.DatetimeIndex, dict[int, tuple[Kind, str]]]:
        """Return the moments of some cells in UTC, NaT where there is none, and what is wrong by position."""
        codes, unique = pd.factorize(np.array(cells, dtype=object))
        texts = [str(text) for text in unique]
        moments, objections = parse_dates(texts)
        if objections:
            moments, wrong = self._less_usual(texts, moments, objections)
        else:
            wrong = {}
        if self._as_months:
            moments = moments.tz_localize(None).to_period("M").to_timestamp().tz_localize("UTC").as_unit("us")
        rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
        return moments[codes], {row: wrong[int(codes[row])] for row in rows}

    def _less_usual(
        self, texts: Sequence[str], moments: pd.DatetimeIndex, objections: Mapping[int, str]
    ) -> tuple[pd.DatetimeIndex, dict[int, tuple[Kind, str]]]:
        """Read the dates that are not written in ISO 8601."""
        values: list[Any] = moments.tolist()
        wrong: dict[int, tuple[Kind, str]] = {}
        for position, message in objections.items():
            text = texts[position].strip()
            is_open = _IN_TWO_ORDERS.fullmatch(text) is not None
            if is_open and not self._is_settled:
                self._settle()
            found = _moment(text, self._order or "day")
            if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
                wrong[position] = (Kind.DATE, message)
            elif is_open and self._doubt:
                wrong[position] = (Kind.DATE_ORDER, self._doubt.format(text))
            else:
                values[position] = found
        return pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("us"), wrong

    def _settle(self) -> None:
        texts = {cell for cells in self._all_dates() for cell in cells}
        self._order, self._doubt = _order_of(sorted(texts))
        self._is_settled = True


def _order_of(texts: Sequence[str]) -> tuple[DateOrder | None, str]:
    """Return the order of day and month, and what to ask if the dates leave it open or contradict each other."""
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
