"""What is wrong in a file, collected so that a person can mend several places at once."""

from pathlib import Path
from typing import Final

from dtc_data.core.errors import DtcError, SurveyFileError

SHOWN: Final = 5
"""Problems that a message describes; the others are counted."""


class FileProblems:
    """Problems in one file, the first of them by line.

    Parameters
    ----------
    path : Path
        The file.
    error_type : type of DtcError
        What is raised if there are any.
    place : str
        What the file's rows are called: ``line`` in a text, ``row`` in a sheet.
    """

    def __init__(self, path: Path, error_type: type[DtcError] = SurveyFileError, place: str = "line") -> None:
        self._path = path
        self._error_type = error_type
        self._place = place
        self._first: list[tuple[int, str]] = []
        self._total = 0
        self.lines: set[int] = set()
        """Lines with at least one problem."""

    def add(self, line: int, message: str, column: str | None = None) -> None:
        """Note a problem on a line, 0 for the file as a whole, and in a column if it belongs to one."""
        where = [f"{self._place} {line}"] if line else []
        where += [f"column {column!r}"] if column else []
        self._first.append((line, f"{', '.join(where)}: {message}" if where else message))
        self._total += 1
        self.lines.add(line)
        if len(self._first) > 2 * SHOWN:
            self._keep_first()

    def _keep_first(self) -> None:
        self._first.sort(key=lambda problem: problem[0])
        del self._first[SHOWN:]

    def raise_if_any(self) -> None:
        """Refuse the file if anything was found.

        Raises
        ------
        DtcError
            Of the type given, with the first problems and how many more there are.
        """
        if self._total == 0:
            return
        self._keep_first()
        more = self._total - len(self._first)
        described = "\n  ".join(text for _, text in self._first)
        rest = f"\n  and {more} more" if more else ""
        raise self._error_type(f"{self._path}: nothing was ingested, since\n  {described}{rest}")
