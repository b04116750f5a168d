"""Figures of whole tables, made beside the pages: a page shows the last ones, and never waits for a scan."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from dtc_data.core import DtcError

from dtc_dashboard.errors import FiguresPendingError

MOST_PREPARED: Final = 500
"""Figures that are kept at once; the oldest give way, since people may ask for lists without end."""
SIDE_BY_SIDE: Final = 2
"""Figures that are made at a time; the others wait their turn, and Postgres keeps its cores for the pages."""

_log = structlog.get_logger()
_seen: ContextVar["Seen | None"] = ContextVar("figures_seen", default=None)
_patient: ContextVar[bool] = ContextVar("figures_patient", default=False)

Make = Callable[[], Any]
Key = tuple[str, ...]


@dataclass
class Seen:
    """What a page had to put up with: figures of before the last change, or none yet."""

    made_at: datetime | None = None
    """When the oldest figures were made for which newer ones are on their way; None if all are new."""
    pending: bool = False
    """Whether figures are made for the first time."""
    waited_seconds: float = 0.0
    """How long it waited already; all its figures share one patience."""

    def note(self, made_at: datetime | None) -> None:
        """Add figures of an earlier time, None for those that are not there yet."""
        if made_at is None:
            self.pending = True
        else:
            self.made_at = min(made_at, self.made_at or made_at)


@dataclass(frozen=True)
class _Kept:
    stamp: object
    of: object
    made_at: datetime
    figures: Any


@dataclass
class PreparedFigures:
    """Figures by key, each made once for each stamp of what it rests on, by one thread, whoever asks meanwhile.

    Nothing is written down: a process that is killed makes them again when it starts.
    """

    patience_seconds: float
    """How long a page waits for figures that are being made; small tables take less, so that their pages are always new."""
    _kept: dict[Key, _Kept] = field(default_factory=dict, init=False)
    _making: dict[Key, "Future[_Kept]"] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _makers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="figures"), init=False
    )

    def get(self, key: Key, stamp: object, make: Make, of: object = None) -> Any:
        """Return the figures of a stamp, or those of the one before while they are made; never those of another ``of``.

        Raises
        ------
        FiguresPendingError
            If there are none yet.
        DtcError
            As ``make`` does.
        """
        until = time.monotonic() + self._patience()
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if kept is not None and (kept.stamp, kept.of) == (stamp, of):
                    return kept.figures
                making = self._making.get(key)
                if making is None:
                    making = self._making[key] = self._makers.submit(self._make, key, stamp, make, of)
            made = self._await(making, until)
            if made is None:
                return self._those_before(kept, of)
            if (made.stamp, made.of) == (stamp, of):
                return made.figures

    def _patience(self) -> float:
        if _patient.get():
            return math.inf
        seen = _seen.get()
        return self.patience_seconds - (seen.waited_seconds if seen else 0.0)

    def _await(self, making: "Future[_Kept]", until: float) -> "_Kept | None":
        """Return what was made, None if it takes longer than a page may wait."""
        begun = time.monotonic()
        done, _ = wait([making], None if math.isinf(until) else max(until - begun, 0.0))
        if (seen := _seen.get()) is not None:
            seen.waited_seconds += time.monotonic() - begun
        return making.result() if done else None

    def _those_before(self, kept: "_Kept | None", of: object) -> Any:
        is_usable = kept is not None and kept.of == of
        if (seen := _seen.get()) is not None:
            seen.note(kept.made_at if kept is not None and is_usable else None)
        if kept is None or not is_usable:
            raise FiguresPendingError
        return kept.figures

    def _make(self, key: Key, stamp: object, make: Make, of: object) -> _Kept:
        try:
            made = _Kept(stamp, of, datetime.now(UTC), make())
            with self._lock:
                self._kept.pop(key, None)
                self._kept[key] = made
                while len(self._kept) > MOST_PREPARED:
                    del self._kept[next(iter(self._kept))]
        except DtcError as error:
            _log.warning("figures could not be made", reason=str(error))
            raise
        finally:
            with self._lock:
                self._making.pop(key, None)
        return made


def begin_watching() -> Seen:
    """Note from now on what this thread is shown, and how long it waited: a page begins so."""
    seen = Seen()
    _seen.set(seen)
    return seen


@contextmanager
def patiently() -> Iterator[None]:
    """Wait for new figures until the block ends, however long they take: for threads for which nobody waits."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)
