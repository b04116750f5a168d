"""The files in which a worker counts for all to read, made again where somebody has cleaned them away.

Counting must never cost a response: prometheus_client opens a file when something is counted for the first time, in the middle
of a request, and raises if its folder is gone. A worker that starts then does not start, and Gunicorn ends the whole service.
"""

import os
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import values

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where all workers of a service count; without it a process counts in memory."""
COUNTING_ERRORS: Final = (OSError, ValueError)
"""What counting raises without its files; the second if a file was closed while others could not be opened."""

_log = structlog.get_logger(__name__)


class CounterFiles:
    """The files of this process. Make it before the first counter."""

    def __init__(self) -> None:
        self._folder = Path(os.environ[FOLDER_VARIABLE]) if FOLDER_VARIABLE in os.environ else None
        self._generation = 0
        self._lost = False
        if self._folder is not None and not self._made():
            _log.warning("this worker shows only its own numbers", folder=str(self._folder))
            self._folder = None
        shared = self._folder is not None
        values.ValueClass = values.MultiProcessValue(self._name) if shared else values.MutexValue  # type: ignore[no-untyped-call]

    @property
    def shared(self) -> bool:
        """Whether the numbers of all workers can be read together."""
        return self._folder is not None

    def look(self) -> None:
        """Begin again if the files are gone; from then on this process counts from 0, in files that can be found.

        The folder itself says nothing: another worker may have made it again already.
        """
        if self._folder is not None and not self._mark(self._folder).exists():
            self.begin_again()

    def begin_again(self) -> None:
        """Count in new files, since those so far cannot be used."""
        self._generation += 1
        made = self._made()
        if not made:
            self._generation -= 1
        if made or not self._lost:
            _log.warning("the counters were lost", folder=str(self._folder), counting_again=made)
        self._lost = not made

    def _name(self) -> str:
        """Return what tells the files of this process from others; another name makes prometheus_client open new files."""
        return f"{os.getpid()}-{self._generation}"

    def _mark(self, folder: Path) -> Path:
        """Return where an empty file lies beside those of this process: while it is there, so are they."""
        return folder / f"{self._name()}.mark"

    def _made(self) -> bool:
        if self._folder is None:
            return False
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._mark(self._folder).touch(mode=0o600)
        except OSError:
            return False
        return True
