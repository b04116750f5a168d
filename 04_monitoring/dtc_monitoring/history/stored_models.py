"""The models behind stored labels, and why one of them cannot be had."""

from typing import Protocol

from dtc_data import Catalogue
from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import SegmentModel

from dtc_monitoring.history.stored_labels import VENDOR


class ModelSource(Protocol):
    """What is needed of `dtc_model.registry.registry_reader.RegistryReader`."""

    def fetch(self, version: str) -> ServedModel:
        """Read a version."""
        ...


class StoredModels:
    """Models by the version that stands beside a label; each is read once.

    The vendor's rule is the catalogue: its centroids are the vendor's own.
    """

    def __init__(self, source: ModelSource, catalogue: Catalogue) -> None:
        self._source = source
        self._catalogue = catalogue
        self._models: dict[str, SegmentModel | None] = {VENDOR: SegmentModel.from_catalogue(catalogue)}
        self._unavailable: str | None = None
        self.problems: dict[str, str] = {}
        """By version, why its model cannot be read."""

    def get(self, version: str) -> SegmentModel | None:
        """Return the model of a version; None, with an entry in ``problems``, if it cannot be read any more."""
        if version not in self._models:
            self._models[version] = self._read(version)
        return self._models[version]

    def _read(self, version: str) -> SegmentModel | None:
        try:
            if self._unavailable is None:
                served = self._source.fetch(version)
                check_agrees(served, self._catalogue)
                return served.model
        except ModelBrokenError as error:
            self.problems[version] = str(error)
            return None
        except ModelUnavailableError as error:
            self._unavailable = str(error)  # asking for the next version would only mean to wait again
        self.problems[version] = self._unavailable
        return None
