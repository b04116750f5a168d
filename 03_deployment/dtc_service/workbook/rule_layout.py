"""Where everything stands in the sheet that computes: one row per respondent, blocks of columns from answers to segment."""

from dataclasses import dataclass
from typing import Final

from openpyxl.utils import get_column_letter

RULE_SHEET: Final = "Rule"
VALUES_SHEET: Final = "Values"
SEGMENT_SHEET: Final = "Segments"

NAME_ROW: Final = 2
MEANING_ROW: Final = 3
LOWEST_ROW: Final = 4
HIGHEST_ROW: Final = 5
TURNED_ROW: Final = 6
CENTRE_ROW: Final = 7
DIVISOR_ROW: Final = 8
FIRST_CENTROID_ROW: Final = 9

FIRST_VALUE_ROW: Final = 2
"""In the sheet of values, below the feature's name."""
FIRST_SEGMENT_ROW: Final = 2
"""In the sheet of segments, below the header."""

TERMS_PER_CELL: Final = 60
"""Coordinates that one formula sums up; a formula may have 8,192 characters."""


@dataclass(frozen=True)
class RuleLayout:
    """Columns and rows of the sheet `RULE_SHEET`; positions count from 0."""

    n_features: int
    n_coordinates: int
    n_segments: int

    @property
    def first_row(self) -> int:
        """Row of the single respondent; the list follows below."""
        return FIRST_CENTROID_ROW + self.n_segments + 1

    @property
    def n_parts(self) -> int:
        """Cells over which the sum of a distance is spread."""
        return -(-self.n_coordinates // TERMS_PER_CELL)

    def value(self, feature: int) -> str:
        """Column of an answer as a number."""
        return _letter(2 + feature)

    def code(self, feature: int) -> str:
        """Column of the same if it is valid."""
        return _letter(2 + self.n_features + feature)

    def coordinate(self, position: int) -> str:
        """Column of a coordinate, between which distances are taken."""
        return _letter(2 + 2 * self.n_features + position)

    @property
    def invalid(self) -> str:
        """Column of the number of answers that are not valid."""
        return self._after_coordinates(0)

    @property
    def answered(self) -> str:
        """Column of the number of valid answers."""
        return self._after_coordinates(1)

    @property
    def usable(self) -> str:
        """Column that says whether there is a segment."""
        return self._after_coordinates(2)

    @property
    def smallest(self) -> str:
        """Column of the smallest squared distance."""
        return self._after_coordinates(3)

    @property
    def nearest(self) -> str:
        """Column of the nearest segment's number in the list of segments, from 1."""
        return self._after_coordinates(4)

    @property
    def second_smallest(self) -> str:
        """Column of the second smallest squared distance."""
        return self._after_coordinates(5)

    @property
    def runner_up(self) -> str:
        """Column of the second nearest segment's number."""
        return self._after_coordinates(6)

    @property
    def margin(self) -> str:
        """Column of the margin."""
        return self._after_coordinates(7)

    def part(self, segment: int, part: int) -> str:
        """Column of a distance summed up so far; the last part is the distance."""
        return self._after_coordinates(8 + part * self.n_segments + segment)

    def distance(self, segment: int) -> str:
        """Column of the squared distance to a segment."""
        return self.part(segment, self.n_parts - 1)

    def excess(self, segment: int) -> str:
        """Column that is 0 where the distance to a segment is the smallest."""
        return self._after_parts(segment)

    def other(self, segment: int) -> str:
        """Column of the distance to a segment that is not the nearest."""
        return self._after_parts(self.n_segments + segment)

    def other_excess(self, segment: int) -> str:
        """Column that is 0 where that is the smallest of them."""
        return self._after_parts(2 * self.n_segments + segment)

    @property
    def distances(self) -> tuple[str, str]:
        """First and last column of the distances; likewise below."""
        return self.distance(0), self.distance(self.n_segments - 1)

    @property
    def excesses(self) -> tuple[str, str]:
        """First and last column of what is 0 for the nearest segment."""
        return self.excess(0), self.excess(self.n_segments - 1)

    @property
    def others(self) -> tuple[str, str]:
        """First and last column of the distances to the other segments."""
        return self.other(0), self.other(self.n_segments - 1)

    @property
    def other_excesses(self) -> tuple[str, str]:
        """First and last column of what is 0 for the runner-up."""
        return self.other_excess(0), self.other_excess(self.n_segments - 1)

    def _after_coordinates(self, offset: int) -> str:
        return _letter(2 + 2 * self.n_features + self.n_coordinates + offset)

    def _after_parts(self, offset: int) -> str:
        return self._after_coordinates(8 + self.n_segments * self.n_parts + offset)


def value_column(feature: int) -> str:
    """Return the column of a feature's values in words, in the sheet of values."""
    return _letter(3 * feature + 1)


def label_column(feature: int) -> str:
    """Return the column of the labels that survey files have in the place of its answers, in lower case."""
    return _letter(3 * feature + 2)


def label_code_column(feature: int) -> str:
    """Return the column of the answers for which the labels stand; of a value in words the position, from 1."""
    return _letter(3 * feature + 3)


def _letter(column: int) -> str:
    return str(get_column_letter(column))
