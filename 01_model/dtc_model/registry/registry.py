"""The registry: how versions of the persona model come into it, the catalogue first and then the sweeps' candidates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dtc_model.registry.catalogue_versions import CatalogueVersions
from dtc_model.registry.connection import tracking_errors
from dtc_model.registry.sweep_notes import newest_sweep, note_on_sweep
from dtc_model.registry.version_tags import (
    CATALOGUE_VERSION,
    LAST_DECISION,
    candidate_tags,
    read_tags,
)
from dtc_model.rule import SegmentModel


@dataclass(frozen=True)
class ModelRegistry(CatalogueVersions):
    """The registered versions, and how sweeps add further ones; errors as for `RegisteredVersions`."""

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
            If the catalogue was edited since production's version of it.
        """
        from dtc_model.discovery import match_segments  # noqa: PLC0415 - scikit-learn takes seconds to import
        from dtc_model.registry.candidate_files import read_clusters, read_reference  # noqa: PLC0415 - likewise

        with tracking_errors(f"registering the sweep {sweep['parent_run_id']}"):
            rests_on = self.require_catalogue()
            clusters = read_clusters(self._client, sweep["candidate_run_id"], self.catalogue.feature_names)
            matching = match_segments(catalogue=self.catalogue, **clusters)
            waves = {"reference_wave": reference_wave, "current_wave": current_wave, "training_wave": sweep["wave"]}
            segments = self.catalogue.words.segments
            tags = candidate_tags(sweep, matching, waves, verdict, segments) | {CATALOGUE_VERSION: rests_on}
            model = matching.to_model(self.catalogue, {name: tags[name] for name in ("source", "run_id", "k", *waves)})
            model = replace(model, reference=read_reference(self._client, sweep["parent_run_id"]))
            version = self._version_with(model, sweep["parent_run_id"], rests_on)
            if version is None:
                version = str(self.add_version(model, tags, sweep["candidate_run_id"]).version)
            note_on_sweep(self._client, sweep["parent_run_id"], candidate_for=current_wave, candidate_version=version)
            return {"version": version} | read_tags(tags)

    def newest_for(self, current_wave: str) -> dict[str, Any]:
        """Return the version that the newest training because of a wave came to, or nothing.

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
        """Return the moment at which a training began."""
        with tracking_errors(f"looking for the sweep {sweep_run_id}"):
            milliseconds = self._client.get_run(sweep_run_id).info.start_time
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    def _version_with(self, model: SegmentModel, sweep_run_id: str, rests_on: str) -> str | None:
        """Return the version that holds a model already; see `register_candidate` for which of several.

        One that rests on another version of the catalogue is another model: nobody could promote it.
        """
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
        usable = [name for name in same if name not in rejected and versions[name].get(CATALOGUE_VERSION) == rests_on]
        return next(reversed(usable), None)
