"""The forecasts in production, fetched when they are asked for and kept as long as the registry is silent."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import structlog
from dtc_data.core import DtcError, read_settings
from dtc_model.prediction import ForecastModel
from dtc_model.registry import RegistryReader
from dtc_model.settings import MlflowSettings

from dtc_service.errors import NoModelError

DOCUMENT = "artifacts/forecast.json"
"""Where a registered forecast keeps its document."""

_log = structlog.get_logger(__name__)


class DocumentSource(Protocol):
    """Where documents come from: `dtc_model.registry.RegistryReader`, or a stand-in."""

    def production_version(self) -> str:
        """Return the version in production."""

    def fetch_text(self, version: str, path: str) -> str:
        """Return a text that a version keeps."""


@dataclass(frozen=True)
class ServedForecast:
    """A registered version and the forecast in it."""

    version: str
    model: ForecastModel


class ForecastHolder:
    """Holds the last good forecast of one registered model; safe to share between threads.

    Parameters
    ----------
    name : str
        The registered model.
    source : DocumentSource
        Where its versions are.
    reload_seconds : float
        For how long no new version is looked for.
    """

    def __init__(self, name: str, source: DocumentSource, reload_seconds: float) -> None:
        self._name = name
        self._source = source
        self._reload_seconds = reload_seconds
        self._lock = threading.Lock()
        self._looked_at = -float("inf")
        self._served: ServedForecast | None = None
        self._problem = ""

    def get(self) -> ServedForecast:
        """Return the forecast in production, or the last good one while the registry does not answer.

        Raises
        ------
        NoModelError
            If none could be loaded so far.
        """
        with self._lock:
            if time.monotonic() - self._looked_at >= self._reload_seconds:
                self._look()
                self._looked_at = time.monotonic()
        if self._served is None:
            raise NoModelError(
                f"no forecast is loaded: {self._problem}", retry_after_seconds=int(self._reload_seconds) + 1
            )
        return self._served

    def _look(self) -> None:
        try:
            version = self._source.production_version()
            if self._served is None or self._served.version != version:
                self._served = ServedForecast(
                    version, ForecastModel.from_json(self._source.fetch_text(version, DOCUMENT))
                )
                _log.info("forecast loaded", model=self._name, model_version=version)
            self._problem = ""
        except DtcError as error:
            if str(error) != self._problem:
                _log.warning("forecast not refreshed", model=self._name, problem=str(error))
            self._problem = str(error)


class ServedForecasts:
    """The forecasts that the service knows by name; a holder is made when its forecast is first asked for."""

    def __init__(self, names: Sequence[str], make: Callable[[str], ForecastHolder]) -> None:
        self._names = tuple(names)
        self._holder = cache(make)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def get(self, name: str) -> ServedForecast:
        """Return a forecast by the name of its registered model; errors as of `ForecastHolder.get`."""
        return self._holder(name).get()


def serve_forecasts(names: Sequence[str], reload_seconds: float) -> ServedForecasts:
    """Return the forecasts of the registry that the environment names; nothing is read before the first question."""

    def make(name: str) -> ForecastHolder:
        return ForecastHolder(name, RegistryReader(read_settings(MlflowSettings).tracking_uri, name), reload_seconds)

    return ServedForecasts(names, make)
