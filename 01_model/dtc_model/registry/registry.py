"""The registry: how versions of the persona model come into it, the catalogue first and then the sweeps' candidates."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from dtc_data.catalogue import capital
from mlflow.entities.model_registry import ModelVersion

from dtc_model.discovery import match_segments
from dtc_model.errors import RegistryConflictError
from dtc_model.registry.candidate_files import read_centroids, read_reference
from dtc_model.registry.catalogue_agreement import check_unchanged
from dtc_model.registry.connection import suppress_existing, tracking_errors, training_experiment
from dtc_model.registry.logged_model import log_segment_model
from dtc_model.registry.registered_versions import RegisteredVersions
from dtc_model.registry.registry_reader import PRODUCTION_ALIAS
from dtc_model.registry.sweep_notes import newest_sweep, note_on_sweep
from dtc_model.registry.version_tags import (
    FROM_CATALOGUE,
    FROM_SWEEP,
    LAST_DECISION,
    PROMOTED_AT,
    candidate_tags,
    catalogue_tags,
    description,
    read_tags,
)
from dtc_model.rule import Reference, SegmentModel

OTHER_PROCESS_SECONDS: Final = 10.0
"""How long to wait for another process that has begun to register the catalogue, before it is taken for dead."""


@dataclass(frozen=True)
class ModelRegistry(RegisteredVersions):
    """The registered versions, and how further ones are added; errors as for `RegisteredVersions`."""

    def ensure_catalogue_in_production(
        self, reference: Callable[[SegmentModel], Reference | None] | None = None
    ) -> str:
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
            If the registered model was begun with another catalogue, or a promoted version was taken out of production.
        """
        with tracking_errors(f"putting the catalogue {self.catalogue.name!r} into production"):
            if not self._is_begun():
                model = SegmentModel.from_catalogue(self.catalogue)
                measured = reference(model) if reference else None
                self._add_version(replace(model, reference=measured), catalogue_tags(self.catalogue))
            first = self._check_catalogue()
            if (production := self.production_or_none()) is not None:
                return production
            self._refuse_if_promoted()
            self.tag(first, PROMOTED_AT, datetime.now(UTC).isoformat(timespec="seconds"))
            self.move_production(first)
            return first

    def register_candidate(
        self, sweep: Mapping[str, Any], *, reference_wave: str, current_wave: str, verdict: str
    ) -> dict[str, Any]:
        """Register a sweep's candidate, its clusters matched to the catalogue's personas.

        A model that is registered already, by this sweep or another one, keeps the version that it has: the one in
        production, else the newest that was not rejected. Rejected versions stay rejected for good, so such a model gets
        a new version that a person can promote.

        Parameters
        ----------
        sweep : mapping
            What `dtc_model.training.train.train_models` gave.
        reference_wave, current_wave : str
            The waves that were compared.
        verdict : str
            Status of the drift verdict that caused the training.

        Returns
        -------
        dict
            ``version``, ``k``, ``best_k`` (by the ratio), ``promotable``, ``reason``, ``matching`` (per persona its id, name
            and how far its centroid moved, in scaled units), ``missing`` (personas without a cluster), the waves, the
            verdict, run ids and figures. Plain JSON types.

        Raises
        ------
        RegistryConflictError
            If the registered model was begun with another catalogue.
        """
        with tracking_errors(f"registering the sweep {sweep['parent_run_id']}"):
            self._check_catalogue()
            centroids = read_centroids(self._client, sweep["candidate_run_id"], self.catalogue.feature_names)
            matching = match_segments(centroids, self.catalogue)
            waves = {"reference_wave": reference_wave, "current_wave": current_wave, "training_wave": sweep["wave"]}
            tags = candidate_tags(sweep, matching, waves, verdict, self.catalogue.words.segments)
            model = matching.to_model(self.catalogue, {name: tags[name] for name in ("source", "run_id", "k", *waves)})
            model = replace(model, reference=read_reference(self._client, sweep["parent_run_id"]))
            version = self._version_with(model, sweep["parent_run_id"])
            if version is None:
                version = str(self._add_version(model, tags, sweep["candidate_run_id"]).version)
            note_on_sweep(self._client, sweep["parent_run_id"], candidate_for=current_wave, candidate_version=version)
            return {"version": version} | read_tags(tags)

    def check_catalogue(self) -> None:
        """Refuse a catalogue that was edited since the registered model was begun with it; nothing registered passes.

        Raises
        ------
        RegistryConflictError
            If the two differ.
        """
        with tracking_errors(f"comparing the catalogue {self.catalogue.name!r} with {self.name!r}"):
            if self._model_versions():
                self._check_catalogue()

    def newest_for(self, current_wave: str) -> dict[str, Any]:
        """Give the version that the newest training because of a wave came to, or nothing.

        Beside what `version` gives it holds what was decided then (see `dtc_model.registry.sweep_notes`); ``promoted`` says
        whether the version is in production now.
        """
        with tracking_errors(f"looking for the trainings of {self.name!r}"):
            notes = newest_sweep(self._client, self.name, current_wave)
        if not notes:
            return {}
        version = notes.pop("version")
        return self.version(version) | notes | {"promoted": version == self.production_or_none()}

    def note_decision(self, sweep_run_id: str, decision: str, reason: str) -> None:
        """Write to a training's run what became of its model."""
        with tracking_errors(f"writing to the sweep {sweep_run_id}"):
            note_on_sweep(self._client, sweep_run_id, decision=decision, reason=reason)

    def training_began(self, sweep_run_id: str) -> datetime:
        """Give the moment at which a training began."""
        with tracking_errors(f"looking for the sweep {sweep_run_id}"):
            milliseconds = self._client.get_run(sweep_run_id).info.start_time
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    def _version_with(self, model: SegmentModel, sweep_run_id: str) -> str | None:
        """Give the version that holds a model already; see `register_candidate` for which of several."""
        versions = {str(found["version"]): found for found in self.versions()}
        own = next((name for name, found in versions.items() if found.get("sweep_run_id") == sweep_run_id), None)
        if own is not None:
            return own
        same, production = self.versions_of_model(model), self.production_or_none()
        if production in same:
            return production
        rejected = {
            name for name, found in versions.items() if found.get(LAST_DECISION, {}).get("action") == "rejected"
        }
        return next((name for name in reversed(same) if name not in rejected), None)

    def _is_begun(self) -> bool:
        """Tell whether there are versions; if another process has just created the model, wait for its first one."""
        if self._model_versions():
            return True
        with suppress_existing():
            self._client.create_registered_model(
                self.name,
                description=f"{capital(self.catalogue.words.segments)} of the catalogue {self.catalogue.name}",
            )
            return False
        deadline = time.monotonic() + OTHER_PROCESS_SECONDS
        while not (begun := bool(self._model_versions())) and time.monotonic() < deadline:
            time.sleep(0.2)
        return begun

    def _check_catalogue(self) -> str:
        """Give the version that the catalogue is, after comparing the two."""
        first = next((found for found in self._model_versions() if found.tags.get("source") == FROM_CATALOGUE), None)
        if first is None:
            raise RegistryConflictError(
                f"no version of {self.name!r} is a catalogue: {self._how_to_begin()}, or give the catalogue a "
                "registered_model that no other program uses"
            )
        check_unchanged(self._reader.fetch(str(first.version)).model, self.catalogue)
        return str(first.version)

    def _how_to_begin(self) -> str:
        if any(found.tags.get("source") == FROM_SWEEP for found in self._model_versions()):
            return "the version that was has been deleted, so restore MLflow's database from a backup"
        return "begin it with `python -m dtc_model init`"

    def _refuse_if_promoted(self) -> None:
        candidates = [found for found in self._model_versions() if found.tags.get("source") != FROM_CATALOGUE]
        if promoted := [str(found.version) for found in candidates if PROMOTED_AT in found.tags]:
            raise RegistryConflictError(
                f"no version of {self.name!r} is in production, although version {promoted[-1]} was promoted: somebody "
                f"took the alias {PRODUCTION_ALIAS!r} away. Say which version should label: "
                f"make promote VERSION={promoted[-1]} BY=... WHY=..."
            )

    def _add_version(self, model: SegmentModel, tags: dict[str, str], run_id: str | None = None) -> ModelVersion:
        experiment_id = training_experiment(self._client, self.catalogue)
        model_id = log_segment_model(self._client, experiment_id, model, run_id)
        return self._client.create_model_version(
            self.name,
            f"models:/{model_id}",
            run_id,
            tags=tags,
            description=description(tags, self.catalogue.words.segments),
            model_id=model_id,
            await_creation_for=0,
        )
