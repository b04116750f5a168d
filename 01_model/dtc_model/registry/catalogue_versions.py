"""How the catalogue comes into the registry: as the first version, and as a further one whenever an edit of it is adopted."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dtc_model.errors import RegistryConflictError
from dtc_model.registry.catalogue_edits import edits, refuse_edited, refuse_unadoptable, snapshot
from dtc_model.registry.connection import suppress_existing, tracking_errors, training_experiment
from dtc_model.registry.registered_versions import RegisteredVersions
from dtc_model.registry.registry_reader import FROM_CATALOGUE, PRODUCTION_ALIAS, PROMOTED_AT
from dtc_model.registry.version_tags import FROM_SWEEP, catalogue_tags, description
from dtc_model.rule import Reference, SegmentModel

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

OTHER_PROCESS_SECONDS: Final = 60.0
"""How long to wait for another process that has begun to register the catalogue, before it is taken for dead; uploading a version
takes more than ten seconds on a busy machine."""

Measure = Callable[[SegmentModel], Reference | None]
"""Measures the reference of a version, see `dtc_model.rule.detail.measure_reference`."""


@dataclass(frozen=True)
class CatalogueVersions(RegisteredVersions):
    """The registered versions, and how the catalogue becomes one; errors as for `RegisteredVersions`."""

    def ensure_catalogue_in_production(self, reference: Measure | None = None) -> str:
        """Register the catalogue as the first version and put it into production, unless that has been done.

        It may be repeated, run in two processes at once, and run again after an interruption.

        Parameters
        ----------
        reference : callable, optional
            Measures the reference of the version, see `dtc_model.rule.detail.measure_reference`; asked only when the version
            is registered now. Without one, answers in full say nothing about probability and fit.

        Returns
        -------
        str
            The version in production, which is a later one once a retrained model has been promoted.

        Raises
        ------
        RegistryConflictError
            If the catalogue was edited since production's version of it, or a promoted version was taken out of production.
        """
        with tracking_errors(f"putting the catalogue {self.catalogue.name!r} into production"):
            model = None if self._model_versions() else self._measured(reference)
            if model is not None and not self._is_begun():
                self.add_version(model, catalogue_tags(self.catalogue), catalogue=snapshot(self.catalogue))
            first = self.require_catalogue()
            if (production := self.production_or_none()) is not None:
                return production
            self._refuse_if_promoted()
            self.tag(first, PROMOTED_AT, datetime.now(UTC).isoformat(timespec="seconds"))
            self.move_production(first)
            return first

    def check_catalogue(self) -> None:
        """Refuse a catalogue that was edited since production's version of it and not adopted; nothing registered passes.

        Raises
        ------
        RegistryConflictError
            If the two differ.
        """
        with tracking_errors(f"comparing the catalogue {self.catalogue.name!r} with {self.name!r}"):
            if self._model_versions():
                self.require_catalogue()

    def catalogue_edits(self) -> list[str]:
        """Return what was edited in the catalogue since production's version of it, a sentence each.

        Raises
        ------
        RegistryConflictError
            If no version is a catalogue.
        """
        with tracking_errors(f"comparing the catalogue {self.catalogue.name!r} with {self.name!r}"):
            return self._edits_since(self._registered_catalogue())

    def register_catalogue(self, reason: str, reference: Measure | None = None) -> str:
        """Register the edited catalogue as a new version and return it; production stays as it is.

        An edited catalogue that is registered already, by a call that was interrupted or before a rollback, keeps its
        version.

        Parameters
        ----------
        reason : str
            Why, for the version's page in MLflow.
        reference : callable, optional
            As `ensure_catalogue_in_production` takes it.

        Raises
        ------
        RegistryConflictError
            If the edit changed features, or removed a segment.
        """
        with tracking_errors(f"registering the catalogue {self.catalogue.name!r}"):
            if not self._is_begun():
                return str(self._add_catalogue(reference, catalogue_tags(self.catalogue, reason)).version)
            self.check_adoptable()
            for version in (one["version"] for one in reversed(self.versions()) if one.get("source") == FROM_CATALOGUE):
                if not self._edits_since(version):
                    return str(version)
            return str(self._add_catalogue(reference, catalogue_tags(self.catalogue, reason)).version)

    def register_measured(self, reference: Measure, wave: str) -> str:
        """Register the catalogue once more, as it is, with the reference that its version lacks; production stays as it is.

        One that is registered so already, by a call that was interrupted, keeps its version.

        Parameters
        ----------
        reference : callable
            As `ensure_catalogue_in_production` takes it.
        wave : str
            The wave on which it measures.

        Raises
        ------
        RegistryConflictError
            If the catalogue was edited and not adopted, its version is measured on another wave, or a retrained version,
            which is measured on a wave of its own, is in production.
        """
        with tracking_errors(f"registering the catalogue {self.catalogue.name!r} with a reference wave"):
            version = self.require_catalogue()
            if (production := self.production_or_none()) not in {None, version}:
                raise RegistryConflictError(
                    f"version {production} of {self.name!r} is in production, which was trained on a wave of its own and measured "
                    f"on it: version {version}, the catalogue, needs no reference wave while it labels nobody"
                )
            if (measured := self.load(version).reference) is not None:
                raise RegistryConflictError(
                    f"version {version} of {self.name!r} is measured on wave {measured.wave} already, and labels rest on that: "
                    "leave --reference out"
                )
            for later in reversed(self.versions()):
                if later.get("source") == FROM_CATALOGUE and self._is_measured_on(later["version"], wave):
                    return str(later["version"])
            tags = catalogue_tags(self.catalogue, f"version {version}, the catalogue, measured on wave {wave}")
            return str(self._add_catalogue(reference, tags).version)

    def check_adoptable(self) -> None:
        """Refuse an edit of the catalogue that no version can take up.

        Raises
        ------
        RegistryConflictError
            If it changed features, or removed a segment; or no version is a catalogue.
        """
        refuse_unadoptable(self._reader.fetch(self._registered_catalogue()).model, self.catalogue)

    def reference_wave(self) -> str | None:
        """Return the wave on which the registered catalogue was measured; None if none is registered or measured."""
        version = self.catalogue_version()
        reference = self.load(version).reference if version else None
        return reference.wave if reference else None

    def require_catalogue(self) -> str:
        """Return the version that the catalogue is.

        Raises
        ------
        RegistryConflictError
            If the catalogue was edited since then and not adopted, or no version is a catalogue.
        """
        version = self._registered_catalogue()
        refuse_edited(self._edits_since(version), self.catalogue, version, self.command)
        return version

    def add_version(
        self,
        model: SegmentModel,
        tags: dict[str, str],
        run_id: str | None = None,
        catalogue: Mapping[str, Any] | None = None,
    ) -> "ModelVersion":
        """Log a model and register it as a new version, with the catalogue that it is if it is one."""
        from dtc_model.registry.logged_model import log_segment_model  # noqa: PLC0415 - MLflow's models take seconds

        experiment_id = training_experiment(self._client, self.catalogue)
        model_id = log_segment_model(self._client, experiment_id, model, run_id, catalogue)
        return self._client.create_model_version(
            self.name,
            f"models:/{model_id}",
            run_id,
            tags=tags,
            description=description(tags, self.catalogue.words.segments),
            model_id=model_id,
            await_creation_for=0,
        )

    def _is_begun(self) -> bool:
        """Tell whether there are versions; if another process has just created the model, wait for its first one."""
        if self._model_versions():
            return True
        with suppress_existing():
            self._client.create_registered_model(
                self.name, description=f"Personas of the catalogue {self.catalogue.name}"
            )
            return False
        deadline = time.monotonic() + OTHER_PROCESS_SECONDS
        while not (begun := bool(self._model_versions())) and time.monotonic() < deadline:
            time.sleep(0.2)
        return begun

    def _registered_catalogue(self) -> str:
        version = self.catalogue_version()
        if version is None:
            raise RegistryConflictError(
                f"no version of {self.name!r} is a catalogue: {self._how_to_begin()}, or give the catalogue a "
                "registered_model that no other program uses"
            )
        return version

    def _edits_since(self, version: str) -> list[str]:
        return edits(self._reader.fetch(version).model, self._reader.fetch_catalogue(version), self.catalogue)

    def _add_catalogue(self, reference: Measure | None, tags: dict[str, str]) -> "ModelVersion":
        return self.add_version(self._measured(reference), tags, catalogue=snapshot(self.catalogue))

    def _measured(self, reference: Measure | None) -> SegmentModel:
        """Return the catalogue's model, measured before anything is written: a wave that is not there is an error."""
        model = SegmentModel.from_catalogue(self.catalogue)
        return replace(model, reference=reference(model) if reference else None)

    def _is_measured_on(self, version: str, wave: str) -> bool:
        reference = self.load(version).reference
        return reference is not None and reference.wave == wave and not self._edits_since(version)

    def _how_to_begin(self) -> str:
        if any(found.tags.get("source") == FROM_SWEEP for found in self._model_versions()):
            return "the version that was has been deleted, so restore MLflow's database from a backup"
        return "begin it with `make init`"

    def _refuse_if_promoted(self) -> None:
        promoted = [found for found in self._model_versions() if PROMOTED_AT in found.tags]
        if any(found.tags.get("source") != FROM_CATALOGUE for found in promoted):
            last = max(promoted, key=lambda found: str(found.tags[PROMOTED_AT])).version
            raise RegistryConflictError(
                f"no version of {self.name!r} is in production, although version {last} was promoted: somebody took the alias "
                f"{PRODUCTION_ALIAS!r} away. Say which version should label: "
                f"{self.command(f'promote VERSION={last} BY=... WHY=...')}"
            )
