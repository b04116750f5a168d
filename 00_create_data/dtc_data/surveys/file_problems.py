"""What is wrong in a survey file, collected so that a person can correct several places at once."""

from pathlib import Path
from typing import Final

from dtc_data.core import SurveyFileError

SHOWN: Final = 5
"""Problems that a message describes; the others are counted."""


class Findings:
    """Problems in one file, the first of them by line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[tuple[int, str]] = []
        self._total = 0
        self.lines: set[int] = set()
        """Lines with at least one problem."""

    def add(self, line: int, message: str, column: str | None = None) -> None:
        """Note a problem on a line, and in a column if it belongs to one."""
        self._first.append((line, f"line {line}{f', column {column!r}' if column else ''}: {message}"))
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
        SurveyFileError
            With the first problems and how many more there are.
        """
        if self._total == 0:
            return
        self._keep_first()
        more = self._total - len(self._first)
        described = "\n  ".join(text for _, text in self._first)
        rest = f"\n  and {more} more" if more else ""
        raise SurveyFileError(f"{self._path}: nothing was ingested, since\n  {described}{rest}")
