"""What is wrong in a survey file: every kind of problem with its count and first rows, and which kinds may pass."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from dtc_data.core import SettingsError, SurveyFileError

SHOWN: Final = 5
"""Rows that are shown of each problem."""

INGESTED: Final = "nothing was ingested"
"""What is not done with a file of problems, where nothing else is said."""


class Kind(StrEnum):
    """The kinds of problem, by the names that ``--allow`` takes."""

    COLUMNS = "columns"
    """A column is missing, or there twice."""
    CELLS = "cells"
    """A row has more or fewer cells than the header."""
    UNREADABLE = "unreadable"
    """An answer is neither a number nor a label."""
    RANGE = "range"
    """An answer is a number that cannot be given."""
    MISSING = "missing"
    """An answer is missing where the catalogue allows none."""
    DATE = "date"
    """A date is missing or cannot be read."""
    DATE_ORDER = "date_order"
    """Day and month of a date cannot be told apart."""
    DECIMAL = "decimal"
    """It cannot be told whether a comma stands before decimals or thousands."""
    WAVE = "wave"
    """A date lies outside the wave that was named."""
    ID = "id"
    """An id is missing or cannot be printed."""
    REPEATED = "repeated"
    """A unit is there twice with the same date."""
    SEGMENT = "segment"
    """The vendor's segment is not in the catalogue."""
    WEIGHT = "weight"
    """A weight is missing or is none."""
    WEIGHTLESS = "weightless"
    """All weights of a wave are 0."""
    FIELDWORK = "fieldwork"
    """One fieldwork, by its length, lies in two months and would make two waves."""
    CODE = "code"
    """A number that usually means don't know stands far from all other answers."""


IF_ALLOWED: Final = {
    Kind.UNREADABLE: "takes them as missing answers",
    Kind.RANGE: "takes them as missing answers",
    Kind.MISSING: "leaves these {units} out, or without a label in label_file",
    Kind.DATE: "leaves these {units} out",
    Kind.WAVE: "takes these dates as the first or last day of the wave",
    Kind.ID: "leaves these {units} out",
    Kind.REPEATED: "keeps the first of each",
    Kind.SEGMENT: "takes them as not given",
    Kind.WEIGHT: "leaves these {units} out",
    Kind.FIELDWORK: "makes a wave of each month",
    Kind.CODE: "takes them as answers",
}
"""What happens to rows with a problem that may pass; other kinds may not."""


@dataclass
class Problem:
    """All problems of one kind in one column."""

    kind: Kind
    column: str | None
    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)
    """The first rows by place, with what is wrong there; place 0 is the file as a whole."""

    def add(self, place: int, message: str) -> None:
        """Count one, and keep it if it is among the first."""
        self.count += 1
        self.first.append((place, message))
        if len(self.first) > 2 * SHOWN:
            self.keep_first()

    def keep_first(self) -> None:
        """Forget all but the first."""
        self.first.sort()
        del self.first[SHOWN:]


class SurveyProblems:
    """The problems of one file.

    Parameters
    ----------
    path : Path
    place : str
        What rows are called: ``line`` or ``row``.
    allow : collection of str
        Kinds that may pass.
    units : str
        What the units are called.
    undone : str
        What was not done because of them.

    Raises
    ------
    SettingsError
        If something is allowed that is not a kind of problem, or may not pass.
    """

    def __init__(
        self,
        path: Path,
        place: str,
        allow: Collection[str] = (),
        units: str = "units",
        undone: str = INGESTED,
    ) -> None:
        if strange := sorted(set(allow).difference(IF_ALLOWED)):
            raise SettingsError(f"--allow {strange[0]}: what may pass is {', '.join(IF_ALLOWED)}")
        self.path, self.place, self.units, self.undone = path, place, units, undone
        self.is_refused = False
        """Whether there is any that may not pass."""
        self.rows = 0
        """Rows of the file, as far as it was read."""
        self.lines: set[int] = set()
        """Places of rows with a problem."""
        self._allow = frozenset(allow)
        self._found: dict[tuple[Kind, str | None], Problem] = {}

    def add(self, kind: Kind, place: int, message: str, column: str | None = None) -> None:
        """Note a problem in a row, or in the file as a whole at place 0."""
        problem = self._found.get((kind, column))
        if problem is None:
            problem = self._found[kind, column] = Problem(kind, column)
        problem.add(place, message)
        self.is_refused |= kind not in self._allow
        if place:
            self.lines.add(place)

    def add_doubts(self, doubts: Iterable[tuple[str, str]]) -> None:
        """Note the columns of which it cannot be told what their commas mean, with what is to be said of each."""
        for column, message in doubts:
            self.add(Kind.DECIMAL, 0, message, column)

    def add_many(self, kind: Kind, count: int, place: int, message: str, column: str) -> None:
        """Note as many problems that are alike, of which the first is shown."""
        self.add(kind, place, message, column)
        self._found[kind, column].count += count - 1

    def add_all(self, kind: Kind, found: Iterable[tuple[int, str]], column: str | None = None) -> None:
        """Note problems of one kind, each with its place."""
        for place, message in found:
            self.add(kind, place, message, column)

    @property
    def found(self) -> list[Problem]:
        """All problems, in the order of their first rows."""
        for problem in self._found.values():
            problem.keep_first()
        return sorted(self._found.values(), key=lambda problem: (problem.first[0][0], problem.kind))

    def may_pass(self, kind: Kind) -> bool:
        """Tell whether a kind was allowed."""
        return kind in self._allow

    def where(self, problem: Problem, place: int) -> str:
        """Say where a problem is."""
        column = f"column {problem.column!r}" if problem.column else ""
        return ", ".join(filter(None, [f"{self.place} {place}" if place else "", column]))

    def raise_if_refused(self) -> None:
        """Refuse the file if it has problems that may not pass.

        Raises
        ------
        RefusedFileError
            With all of them.
        """
        if self.is_refused:
            raise RefusedFileError(self)


class RefusedFileError(SurveyFileError):
    """A survey file has problems; ``problems`` holds all of them."""

    def __init__(self, problems: SurveyProblems) -> None:
        from dtc_data.surveys.problem_report import report_text  # noqa: PLC0415 - it describes what stands above

        super().__init__(report_text(problems))
        self.problems = problems
