"""Numbers with decimal commas, as texts in other languages than English have them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol, runtime_checkable

from dtc_data.files.csv_form import WHERE_TO_SAY
from dtc_data.files.table_file import EITHER

_WITH_COMMA: Final = re.compile(r"\s*[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?\s*", re.ASCII)
_WITH_THOUSANDS: Final = re.compile(r"\s*[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?\s*", re.ASCII)
_MAY_BE_THOUSANDS: Final = re.compile(r"\s*[+-]?[1-9][0-9]{0,2},[0-9]{3}\s*", re.ASCII)
_WITH_POINT: Final = re.compile(r"\s*[+-]?[0-9]*\.[0-9]+\s*", re.ASCII)


@runtime_checkable
class HasMarks(Protocol):
    """Cells that know a faster way to find a character than one by one."""

    def has(self, mark: str) -> bool:
        """Tell whether a character is in any cell."""


class DecimalCommas:
    """Reads numbers with decimal commas, if the file has them, and finds out whether it has.

    Parameters
    ----------
    decimal : str, optional
        What stands before the decimals, or `EITHER`; None if that must be found out.
    is_sure : bool
        Whether a person said so.
    """

    def __init__(self, decimal: str | None, *, is_sure: bool = False) -> None:
        self._given = decimal
        self._commas: dict[str, str] = {}
        self._points: set[str] = set()
        self._is_sure = is_sure

    @property
    def sign(self) -> str | None:
        """What stands before the decimals, as far as is known."""
        if self._given and self._given != EITHER:
            return self._given
        return "," if self._commas else "." if self._points else None

    def points(self, cells: Sequence[str], column: str) -> Sequence[str]:
        """Return the cells of a column with points in their numbers."""
        if self._given == ".":
            return cells
        has = cells.has if isinstance(cells, HasMarks) else "".join(cells).__contains__
        if self._given == ",":
            return [_with_point(cell) for cell in cells] if has(",") or has(".") else cells
        if self._given != EITHER and has(".") and any(map(_WITH_POINT.fullmatch, cells)):
            self._points.add(column)
        if not has(","):
            return cells
        for cell in cells:
            if "," in cell and _WITH_COMMA.fullmatch(cell):
                self._commas.setdefault(column, cell.strip())
                self._is_sure |= _MAY_BE_THOUSANDS.fullmatch(cell) is None
        return [cell.replace(",", ".") if "," in cell and _WITH_COMMA.fullmatch(cell) else cell for cell in cells]

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Return the columns of which it cannot be told what their commas mean, once all cells were read, and what is to be said of each."""
        ask = f"say what stands before the decimals, a comma or a point,{WHERE_TO_SAY['decimal']}"
        for column in sorted(self._commas.keys() & self._points):
            yield column, f"numbers like {self._commas[column]!r} stand beside others with a point; {ask}"
        if self._commas and not self._is_sure and not self._points:
            column, cell = next(iter(self._commas.items()))
            yield column, f"{cell!r} may be a thousand and more, or have three decimals; {ask}"


def _with_point(cell: str) -> str:
    if _WITH_THOUSANDS.fullmatch(cell):
        cell = cell.replace(".", "")
    return cell.replace(",", ".") if _WITH_COMMA.fullmatch(cell) else cell
