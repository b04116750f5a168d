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
        """Make the folder again if it is gone; from then on this process counts from 0, in files that can be found."""
        if self._folder is not None and not self._folder.is_dir():
            self.begin_again()

    def begin_again(self) -> None:
        """Count in new files, since those so far cannot be used."""
        made = self._made()
        if made:
            self._generation += 1
        if made or not self._lost:
            _log.warning("the counters were lost", folder=str(self._folder), counting_again=made)
        self._lost = not made

    def _name(self) -> str:
        """Return what tells the files of this process from others; another name makes prometheus_client open new files."""
        return f"{os.getpid()}-{self._generation}"

    def _made(self) -> bool:
        if self._folder is None:
            return False
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self._folder, os.W_OK)
