"""The units of a request, in whatever form they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue, Feature

from dtc_service.errors import InvalidRequestError, TooLargeError

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Units:
    """Answers, and the id columns that the client wants back."""

    answers: FloatArray
    """``(n_units, n_features)`` in the order of the features, values in words as codes, NaN where none was given."""
    ids: Mapping[str, Any] = field(default_factory=dict)
    """Columns by name: lists, or columns of an Arrow table."""


@dataclass(frozen=True)
class Wanted:
    """What every reader of requests must know."""

    catalogue: Catalogue
    """Its features say which columns there are and which answers are valid."""
    max_rows: int
    """Most units in one request."""

    @property
    def missing_allowed(self) -> bool:
        """Whether answers may be missing."""
        return self.catalogue.missing_answers.minimum_answered is not None

    @property
    def minimum_answered(self) -> int | None:
        """Fewest answers with which a unit is labelled; None if none may be missing."""
        return self.catalogue.missing_answers.minimum_answered

    def check_rows(self, n_rows: int) -> None:
        """Refuse too many rows.

        Raises
        ------
        TooLargeError
            The message names the limit.
        """
        if n_rows > self.max_rows:
            raise TooLargeError(
                f"a request may hold {self.max_rows} {self.catalogue.words.units} (SERVICE_MAX_ROWS): send it in parts"
            )

    def check_columns(self, names: Sequence[str], ids: Sequence[str]) -> None:
        """Refuse a table whose columns are not the features and the id columns, each once, in any order.

        A survey file has columns for segment and weight, too. The segment is given here, and weights change no label, so
        both are passed over, whatever stands there.

        Raises
        ------
        InvalidRequestError
            The message names each column that is missing, unknown or given twice.
        """
        wanted = (*self.catalogue.feature_names, *ids)
        problems = {
            "missing": [name for name in wanted if name not in names],
            f"unknown (id columns are named in the query, as in ?id={self.catalogue.id_column})": [
                name for name in names if name not in {*wanted, *self._passed_over}
            ],
            "given twice": sorted({name for name in names if names.count(name) > 1}),
        }
        found = [f"{_listing(columns)} {problem}" for problem, columns in problems.items() if columns]
        if found:
            first = next(columns[0] for columns in problems.values() if columns)
            way_out = "; leave the cells of a column empty where its answers are missing"
            has_way_out = problems["missing"] and self.missing_allowed
            raise InvalidRequestError("; ".join(found) + (way_out if has_way_out else ""), field=first[:80])

    @property
    def _passed_over(self) -> set[str | None]:
        catalogue = self.catalogue
        return {catalogue.segment_column, catalogue.file_segment_column, catalogue.weight_column}


def refuse_wrong(values: FloatArray, feature: Feature, *, missing_allowed: bool) -> tuple[int, str, str] | None:
    """Find the first wrong answer to a feature: its row, the feature's name, and what is wrong; None if all are right.

    ``values`` ``(n_units,)`` are numbers or codes, NaN where an answer is missing.
    """
    low, high = feature.limits
    inside = (values >= low) & (values <= high)
    if feature.is_whole:
        inside &= values == np.rint(values)
    missing = np.isnan(values)
    if missing_allowed:
        inside |= missing
    if inside.all():
        return None
    row = int(np.argmin(inside))
    given = "the answer is missing: " if missing[row] else ""
    return row, feature.name, f"{given}expected {feature.words_for_valid}"


def refusal(row: int, field: str, problem: str) -> InvalidRequestError:
    """Make the error for one answer."""
    return InvalidRequestError(f"row {row} (counted from 0), field {field!r}: {problem}", row=row, field=field)


def _listing(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:10]) + (", …" if len(names) > 10 else "")  # noqa: PLR2004
    return f"column {shown} is" if len(names) == 1 else f"columns {shown} are"
