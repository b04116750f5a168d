"""Keeps the model in production at hand, and follows the registry while requests are answered."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from dtc_data.core import DtcError
from dtc_model.registry import ServedModel

from dtc_service.errors import NoModelError
from dtc_service.serving.labeller import Labeller
from dtc_service.serving.saved_model import SavedModel

FIRST_LOAD_SECONDS = 3.0
"""How long a starting worker waits for its first model before it answers requests without one."""

LOOKS_PER_RELOAD = 2
"""How often the registry is asked in the time within which a promotion is to be served: fetching takes time as well."""

_log = structlog.get_logger(__name__)


class ModelSource(Protocol):
    """Where models come from: `dtc_model.registry.registry_reader.RegistryReader`, or a stand-in."""

    def production_version(self) -> str:
        """Return the version in production."""

    def fetch(self, version: str) -> ServedModel:
        """Return the model of a version."""


@dataclass(frozen=True)
class State:
    """What is served, and what stands in the way of something newer. It is replaced as a whole, never changed."""

    labeller: Labeller | None = None
    problem: str | None = None
    """Why the last look at the registry failed."""
    loads: int = 0
    """How often a model was loaded from the registry."""
    failed_looks: int = 0
    """How often a look at the registry failed."""


class ModelHolder:
    """Holds the last good model.

    A thread asks the registry for the version in production and fetches a model only when that has changed. Whatever goes
    wrong leaves the model as it is, is logged once, and is tried again.

    Parameters
    ----------
    source : ModelSource
    prepare : callable
        Makes a labeller of a served model; raises `DtcError` for a model that must not be served.
    reload_seconds : float
        Within how many seconds a promotion is to be served.
    saved : SavedModel, optional
        Where the last good model is kept for a start without registry.
    report : callable, optional
        Called with each new state.
    name : str
        The segmentation, for the log.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - where models come from and go to
        self,
        source: ModelSource,
        prepare: Callable[[ServedModel], Labeller],
        reload_seconds: float,
        saved: SavedModel | None = None,
        report: Callable[[State], None] | None = None,
        name: str = "",
    ) -> None:
        self._source = source
        self._saved = saved
        self._report = report
        self._log = _log.bind(segmentation=name) if name else _log
        self._lock = threading.Lock()
        self._prepare = prepare
        self._prepared_by: Callable[[ServedModel], Labeller] | None = None
        """What made the labeller that is served; another one than `_prepare` if that has been renewed since."""
        self._reload_seconds = reload_seconds
        self._state = State()
        self._looked = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="model-holder", daemon=True)

    @property
    def state(self) -> State:
        """What is served right now."""
        return self._state

    def labeller(self) -> Labeller:
        """Return the labeller of the model in production.

        Raises
        ------
        NoModelError
            If none could be loaded so far.
        """
        state = self._state
        if state.labeller is None:
            reason = state.problem or "the registry has not answered yet"
            wait_seconds = math.ceil(self._reload_seconds)
            raise NoModelError(f"no model is loaded: {reason}", retry_after_seconds=wait_seconds)
        return state.labeller

    @property
    def is_started(self) -> bool:
        """Whether it follows the registry."""
        return self._thread.ident is not None

    def start(self, *, wait: bool = True) -> None:
        """Begin to follow the registry, once, and wait a moment for the first model.

        Call it in the process that answers requests: a thread does not survive a fork.
        """
        with self._lock:
            if not self.is_started:
                self._thread.start()
        if wait and not self._looked.wait(FIRST_LOAD_SECONDS):
            self._fall_back("the registry has not answered yet")

    def has_production(self) -> bool:
        """Ask the registry whether any version is in production; one that does not answer says no."""
        try:
            self._source.production_version()
        except DtcError:
            return False
        return True

    def renew(self, prepare: Callable[[ServedModel], Labeller]) -> None:
        """Make the labeller again from the next look on, in another way; until that succeeds the old one stays."""
        self._prepare = prepare

    def stop(self) -> None:
        """End the thread; the model stays."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def refresh(self) -> None:
        """Look at the registry once."""
        state, prepare = self._state, self._prepare
        try:
            version = self._source.production_version()
            is_new = state.labeller is None or state.labeller.version != version
            if not is_new and self._prepared_by is prepare:
                self._replace(replace(state, problem=None))
                return
            served = self._source.fetch(version)
            labeller = prepare(served)
        except DtcError as error:
            self._fail(str(error))
            return
        with self._lock:
            self._prepared_by = prepare
            self._replace(State(labeller, None, state.loads + 1, state.failed_looks))
        if self._saved is not None:
            self._saved.save(served)

    def _fail(self, problem: str) -> None:
        """Go on with what there is: the model that is served, or else the one that was kept."""
        state = self._state
        self._replace(replace(state, problem=problem, failed_looks=state.failed_looks + 1))
        self._fall_back(problem)

    def _fall_back(self, problem: str) -> None:
        """Serve the kept model, if nothing is served."""
        if self._saved is None or self._state.labeller is not None or (kept := self._saved.load()) is None:
            return
        prepare = self._prepare
        try:
            labeller = prepare(kept)
        except DtcError as error:
            self._log.warning("last good model not served", problem=str(error))
            return
        with self._lock:
            if self._state.labeller is None:  # otherwise the registry has answered meanwhile
                self._prepared_by = prepare
                self._replace(replace(self._state, labeller=labeller, problem=problem))

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - an unforeseen response of the registry must not end the thread
                self._fail(f"unforeseen {type(error).__name__}: {error}")
            self._looked.set()
            self._stopped.wait(self._reload_seconds / LOOKS_PER_RELOAD)

    def _replace(self, new: State) -> None:
        old, self._state = self._state, new
        if self._report is not None:
            self._report(new)
        if new.labeller is not None and new.labeller is not old.labeller:
            self._log.info("model loaded", model_version=new.labeller.version)
        serving = new.labeller.version if new.labeller else None
        if new.problem is not None and new.problem != old.problem:
            self._log.warning("model not refreshed", problem=new.problem, still_serving=serving)
        if new.problem is None and old.problem is not None:
            self._log.info("registry answers again", serving=serving)
