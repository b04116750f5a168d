"""The versions of a registered persona model: what is known about each, and which of them labels.

A version says all about itself in its tags, so that nothing here depends on what a caller remembers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Self

from dtc_data.catalogue import Catalogue, Segmentation

from dtc_model.errors import ModelBrokenError, NoProductionVersionError, RegistryConflictError
from dtc_model.registry.connection import connect, tracking_errors
from dtc_model.registry.registry_reader import (
    FROM_CATALOGUE,
    PRODUCTION_ALIAS,
    PROMOTED_AT,
    RegisteredVersion,
    RegistryReader,
)
from dtc_model.registry.version_tags import CATALOGUE_VERSION, registration
from dtc_model.rule import SegmentModel, same_model

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class RegisteredVersions:
    """The versions of the catalogue's registered model.

    All methods raise `ModelUnavailableError` if MLflow cannot be reached, and `TrackingError` if it refuses.
    """

    tracking_uri: str
    catalogue: Catalogue
    command: Callable[[str], str] = "make {}".format
    """Writes a make command that acts on these versions, as `dtc_data.catalogue.Segmentation.command` does."""

    @classmethod
    def of(cls, tracking_uri: str, segmentation: Segmentation) -> Self:
        """Return the versions of a segmentation."""
        return cls(tracking_uri, segmentation.catalogue, segmentation.command)

    @cached_property
    def name(self) -> str:
        """Name of the registered model."""
        return self.catalogue.registered_model

    def production_version(self) -> str:
        """Return the version in production.

        Raises
        ------
        NoProductionVersionError
            If there is none.
        """
        return self._reader.production_version()

    def production_or_none(self) -> str | None:
        """Return the version in production, if there is one."""
        try:
            return self.production_version()
        except NoProductionVersionError:
            return None

    def versions(self) -> list[dict[str, Any]]:
        """Return what is known about each version, oldest first.

        Entries as `dtc_model.registry.registry.ModelRegistry.register_candidate` gives them, with ``promoted``: whether the version is
        or was in production, and ``catalogue_version``: the version of the catalogue that it rests on, itself if it is one.
        """
        found = [registration(one) | {"promoted": PROMOTED_AT in one.tags} for one in self._model_versions()]
        first = next((one["version"] for one in found if one.get("source") == FROM_CATALOGUE), None)
        return [_with_catalogue(one, first) for one in found]

    def version(self, version: str) -> dict[str, Any]:
        """Return what is known about one version, as `versions` does.

        Raises
        ------
        RegistryConflictError
            If there is no such version.
        """
        return version_among(self.versions(), version, self.name, self.command("versions"))

    def catalogue_version(self) -> str | None:
        """Return the version of the catalogue that the version in production rests on.

        While nothing is in production it is the newest that was; None if no version is a catalogue.
        """
        return catalogue_version_of(self.versions(), self.production_or_none())

    def versions_of_model(self, model: SegmentModel, known: Iterable[Mapping[str, Any]] | None = None) -> list[str]:
        """Return the versions whose model is the same, the oldest first; see `dtc_model.rule.model_equality`.

        ``known`` is what `versions` returned a moment ago, where somebody has asked already.
        """
        versions = self.versions() if known is None else known
        return [found["version"] for found in versions if self._holds(found["version"], model)]

    def keeping_models(self) -> Self:
        """Return the same versions for one decision: a registered model never changes, so each is read once."""
        kept = replace(self)
        object.__setattr__(kept, "load", cache(self.load))  # the dataclass is frozen for everybody else
        return kept

    def load(self, version: str) -> SegmentModel:
        """Read the model of a version; see `RegistryReader.fetch`."""
        return self._reader.fetch(version).model

    def tag(self, version: str, name: str, value: str) -> None:
        """Write one tag of a version."""
        with tracking_errors(f"writing {name} to version {version} of {self.name!r}"):
            self._client.set_model_version_tag(self.name, version, name, value)

    def move_production(self, version: str) -> None:
        """Let the alias name a version: from now on it labels. `dtc_model.decisions.decisions` decides whether it may."""
        with tracking_errors(f"putting version {version} of {self.name!r} into production"):
            self._client.set_registered_model_alias(self.name, PRODUCTION_ALIAS, version)

    @cached_property
    def _client(self) -> "MlflowClient":
        return connect(self.tracking_uri)

    @cached_property
    def _reader(self) -> RegistryReader:
        return RegistryReader(self.tracking_uri, self.name)

    def _model_versions(self) -> list[RegisteredVersion]:
        """Return the versions as they stand in the registry, oldest first."""
        return self._reader.versions()

    def _holds(self, version: str, model: SegmentModel) -> bool:
        try:
            return same_model(self.load(version), model)
        except ModelBrokenError:  # a lost model cannot be put into production either
            return False


def version_among(versions: Iterable[dict[str, Any]], version: str, model_name: str, listing: str) -> dict[str, Any]:
    """Return what is known about one of the versions of a registered model; ``listing`` is the command that shows them.

    Raises
    ------
    RegistryConflictError
        If it is none of them.
    """
    for found in versions:
        if found["version"] == version:
            return found
    raise RegistryConflictError(f"there is no version {version!r} of {model_name!r}: `{listing}` lists them")


def catalogue_version_of(versions: Sequence[Mapping[str, Any]], production: str | None) -> str | None:
    """Return the version of the catalogue that production rests on; see `RegisteredVersions.catalogue_version`."""
    if rests := next((one.get(CATALOGUE_VERSION) for one in versions if one["version"] == production), None):
        return str(rests)
    catalogues = [one for one in versions if one.get("source") == FROM_CATALOGUE]
    promoted = [one for one in catalogues if one["promoted"]]
    chosen = promoted[-1:] or catalogues[:1]
    return str(chosen[0]["version"]) if chosen else None


def _with_catalogue(found: dict[str, Any], first: str | None) -> dict[str, Any]:
    """Say on which catalogue a version rests; candidates of earlier days rest on the first."""
    own = found["version"] if found.get("source") == FROM_CATALOGUE else found.get(CATALOGUE_VERSION, first)
    return found if own is None else found | {CATALOGUE_VERSION: own}
