"""The segmentations that a process serves: a model holder for each, found again whenever the catalogues change."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog
from dtc_data.catalogue import Catalogue, ListedSegmentations, Segmentation
from dtc_data.core import UnknownSegmentationError

from dtc_service.errors import NoModelError
from dtc_service.serving.labeller import Labeller
from dtc_service.serving.model_holder import ModelHolder

LOOK_SECONDS: Final = 1.0
"""How often the folder of the catalogues is looked at."""

_log = structlog.get_logger(__name__)


@dataclass
class Served:
    """One segmentation, and the model of it that is in production."""

    segmentation: Segmentation
    holder: ModelHolder
    problem: str | None = None
    """What is wrong with the catalogue's file by now; it is served as it was before."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue by which requests are read."""
        return self.segmentation.catalogue


class Holds(Protocol):
    """Makes the holder of a segmentation, and lets one follow an edited catalogue."""

    def make(self, segmentation: Segmentation) -> ModelHolder:
        """Return a holder that is not started yet."""

    def renew(self, holder: ModelHolder, segmentation: Segmentation) -> None:
        """Let a holder read requests by another state of its catalogue."""

    def forget(self, segmentation: Segmentation) -> None:
        """Take what was counted about a segmentation that is gone out of the numbers."""


class ServedSegmentations:
    """Follows the catalogues and keeps a model holder for each, in one process.

    The holder of the default segmentation is started at once; another one with the first request for it, or as soon as a
    version of it is in production. One that breaks leaves the others alone.

    Parameters
    ----------
    find : callable
        Lists the segmentations.
    holds : Holds
        Makes their holders.
    files : callable, optional
        Gives the files whose change is a reason to list again; without it the first list counts for good.
    """

    def __init__(
        self,
        find: Callable[[], ListedSegmentations],
        holds: Holds,
        files: Callable[[], Sequence[Path]] | None = None,
    ) -> None:
        self._find = find
        self._holds = holds
        self._files = files
        self._served: dict[str, Served] = {}
        self._problems: Mapping[str, str] = {}
        self._stamp: object = None if files is None else _stamp_of(files())
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="segmentations", daemon=True)
        self.default = ""
        """Name of the default segmentation."""
        self._read()

    def get(self, name: str) -> Served:
        """Return a segmentation, and start to follow its model if nobody has asked for it before.

        Raises
        ------
        UnknownSegmentationError
            If there is none of that name; the message lists those that there are.
        NoModelError
            If its catalogue cannot be used.
        """
        served = self._served.get(name)
        if served is None:
            self.look()
            served = self._served.get(name)
        if served is None:
            if name in self._problems:
                raise NoModelError(f"the catalogue cannot be used: {self._problems[name]}", retry_after_seconds=60)
            raise UnknownSegmentationError(
                f"there is no segmentation {name!r} here: there are {', '.join(self.names) or 'none'}"
            )
        if not served.holder.is_started and self._thread.ident is not None:
            served.holder.start()
        return served

    def __contains__(self, name: object) -> bool:
        return name in self._served

    def labeller(self, name: str) -> Labeller:
        """Return the labeller of a segmentation's model in production; errors as `get` and `ModelHolder.labeller`."""
        return self.get(name).holder.labeller()

    @property
    def names(self) -> list[str]:
        """Names of the segmentations, the default one first."""
        return sorted(self._served, key=lambda name: (name != self.default, name))

    @property
    def all(self) -> list[Served]:
        """The segmentations in that order."""
        return [served for name in self.names if (served := self._served.get(name))]

    @property
    def problems(self) -> Mapping[str, str]:
        """By name, why a catalogue cannot be used at all."""
        return self._problems

    def start(self) -> None:
        """Follow the catalogues and the models, in this process; wait a moment for the default one's first model."""
        self._thread.start()
        if (default := self._served.get(self.default)) is not None:
            default.holder.start()

    def stop(self) -> None:
        """End all threads; the models stay."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        for served in self.all:
            served.holder.stop()

    def look(self) -> None:
        """List the segmentations again if a file has changed."""
        if self._files is None:
            return
        with self._lock:
            if (stamp := _stamp_of(self._files())) != self._stamp:
                self._stamp = stamp
                self._read()

    def _follow(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                self.look()
                for served in self.all:
                    if not served.holder.is_started and served.holder.has_production():
                        served.holder.start(wait=False)
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread must look again
                _log.error("catalogues not looked at", error=type(error).__name__, problem=str(error))

    def _read(self) -> None:
        listed = self._find()
        for name, segmentation in listed.found.items():
            self._take(name, segmentation)
        for name, problem in listed.problems.items():
            if (served := self._served.get(name)) is not None:
                served.problem = problem
            if self._problems.get(name) != problem:
                _log.warning("catalogue not read", segmentation=name, problem=problem)
        self._problems = {name: why for name, why in listed.problems.items() if name not in self._served}
        for name in self._served.keys() - listed.found.keys() - listed.problems.keys():
            gone = self._served.pop(name)
            gone.holder.stop()
            self._holds.forget(gone.segmentation)
            _log.info("segmentation gone", segmentation=name)
        self.default = listed.default

    def _take(self, name: str, segmentation: Segmentation) -> None:
        served = self._served.get(name)
        if served is None or served.catalogue.registered_model != segmentation.catalogue.registered_model:
            if served is not None:
                served.holder.stop()
                self._holds.forget(served.segmentation)
            self._served[name] = Served(segmentation, self._holds.make(segmentation))
            return
        served.problem = None
        if served.segmentation != segmentation:
            served.segmentation = segmentation
            self._holds.renew(served.holder, segmentation)


def _stamp_of(files: Sequence[Path]) -> object:
    """Return what changes whenever a file is written, added or taken away."""
    stamps = []
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(stamps)
