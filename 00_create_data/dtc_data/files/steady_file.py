"""Whether a file stays as it is while it is read: what was checked must be what is written or ingested."""

from pathlib import Path

from dtc_data.core import SurveyFileError


class SteadyFile:
    """Notices that a file was changed since this was made.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._state()

    def check(self, undone: str) -> None:
        """Refuse a file that was changed since then.

        Parameters
        ----------
        undone : str
            What was not done because of it, like ``nothing was written``.

        Raises
        ------
        SurveyFileError
            If it was replaced, written to or removed.
        """
        if self._state() != self._seen:
            raise SurveyFileError(
                f"{self._path}: the file was changed while it was read, and {undone}. Try again once nobody writes to it"
            )

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
