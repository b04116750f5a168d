"""Forecasts in MLflow: a run per training with its report, registered versions, and which of them is in production."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from dtc_model.errors import ModelBrokenError, NoProductionVersionError
from dtc_model.forecast_versions.training_log import log_training
from dtc_model.forecasts import (
    CONFIG,
    FORECAST,
    SEGMENT,
    VALUE,
    FileTraining,
    ForecastConfig,
    ForecastFinding,
    figures_of,
)
from dtc_model.prediction import ForecastModel, ValueForecast
from dtc_model.registry import (
    GATE,
    LAST_DECISION,
    PRODUCTION_ALIAS,
    PROMOTED_AT,
    connect,
    find_or_create_experiment,
    run_of,
    tracking_errors,
    version_among,
)

FIGURES: Final = "figures"
AGAINST: Final = "against_version"
"""Tag with the version that was in production when the gate judged; empty if none was."""


@dataclass(frozen=True)
class RegisteredForecast:
    """A version with its documents."""

    version: str
    model: ForecastModel
    value: ValueForecast | None
    figures: Mapping[str, Any]
    """What was promised: the figures of the holdout."""
    config: ForecastConfig = field(default_factory=ForecastConfig)
    """How it was trained."""
    segment: ForecastModel | None = None
    """The forecast of the next segment, where there is a segmentation."""


@dataclass(frozen=True)
class ForecastRegistry:
    """The versions of one registered forecast.

    All methods raise `ModelUnavailableError` if MLflow cannot be reached, and `TrackingError` if it refuses.
    """

    tracking_uri: str
    name: str

    def register(
        self,
        training: FileTraining,
        config: ForecastConfig,
        findings: Sequence[ForecastFinding],
        wave: str,
        against: str | None = None,
    ) -> tuple[str, bool]:
        """Log a training as a run and register its forecast; a forecast that is registered already keeps its version.

        Two that register the same at once get two versions: `dtc_model.forecast_versions.ForecastDecisions.register` lets one
        wait for the other.

        Parameters
        ----------
        training : FileTraining
            What was trained.
        config : ForecastConfig
            How.
        findings : sequence of ForecastFinding
            What the gate says of it.
        wave : str
            When it was trained, for people.
        against : str, optional
            The version in production that the gate compared it with.

        Returns
        -------
        tuple of str and bool
            The version, and whether it is new.
        """
        digest = training.model.to_json()
        with tracking_errors(f"registering the forecast of {wave}"):
            for found in self._versions():
                if self._document(str(found.version), FORECAST) == digest:
                    return str(found.version), False
            experiment = find_or_create_experiment(
                self._client, self.name, "Forecasts: a run per training, with its report, candidates and documents."
            )
            with run_of(self._client, experiment, f"training {wave}", {"wave": wave}) as run_id:
                model_id = log_training(self._client, self.name, training, config, (experiment, run_id))
            return self._add_version(model_id, run_id, training, findings, against), True

    def production_or_none(self) -> str | None:
        """Return the version in production, if there is one."""
        with tracking_errors(f"looking for {self.name!r} in production"):
            found = self._client.search_registered_models(f"name = '{self.name}'")
        version = next((one.aliases.get(PRODUCTION_ALIAS) for one in found), None)
        return None if version is None else str(version)

    def production(self) -> RegisteredForecast:
        """Return the forecast in production.

        Raises
        ------
        NoProductionVersionError
            If there is none.
        """
        version = self.production_or_none()
        if version is None:
            raise NoProductionVersionError(
                f"no version of {self.name!r} is in production: make run_churn trains the first one"
            )
        return self.load(version)

    def load(self, version: str) -> RegisteredForecast:
        """Return the forecast of a version.

        Raises
        ------
        ModelBrokenError
            If its documents are missing or broken.
        """
        with tracking_errors(f"reading version {version} of {self.name!r}"):
            tags = self._client.get_model_version(self.name, version).tags
        text = self._document(version, FORECAST)
        if text is None:
            raise ModelBrokenError(f"version {version} of {self.name!r} has no forecast")
        value, segment, config = (self._document(version, name) for name in (VALUE, SEGMENT, CONFIG))
        return RegisteredForecast(
            version,
            ForecastModel.from_json(text),
            None if value is None else ValueForecast.from_json(value),
            json.loads(tags.get(FIGURES, "{}")),
            ForecastConfig() if config is None else ForecastConfig.model_validate_json(config),
            None if segment is None else ForecastModel.from_json(segment),
        )

    def versions(self) -> list[dict[str, Any]]:
        """Return what is known about each version, the oldest first.

        Returns
        -------
        list of dict
            version, candidate, figures, gate (name, passes and words of each finding), against_version (empty if nothing was in
            production), promoted (whether it is or was) and, where there is one, last_decision.
        """
        return [_described(found) for found in self._versions()]

    def version(self, version: str) -> dict[str, Any]:
        """Return what is known about one version, as `versions` does.

        Raises
        ------
        RegistryConflictError
            If there is no such version.
        """
        return version_among(self.versions(), version, self.name, "make forecast_versions")

    def tag(self, version: str, name: str, value: str) -> None:
        """Write one tag of a version."""
        with tracking_errors(f"writing {name} to version {version} of {self.name!r}"):
            self._client.set_model_version_tag(self.name, version, name, value)

    def move_production(self, version: str) -> None:
        """Let the alias name a version: from now on it forecasts. `dtc_model.forecast_versions.ForecastDecisions` decides that."""
        with tracking_errors(f"putting version {version} of {self.name!r} into production"):
            self._client.set_registered_model_alias(self.name, PRODUCTION_ALIAS, version)

    @cached_property
    def _client(self) -> MlflowClient:
        return connect(self.tracking_uri)

    def _versions(self) -> list[Any]:
        with tracking_errors(f"listing the versions of {self.name!r}"):
            found = self._client.search_model_versions(f"name = '{self.name}'")
        return sorted(found, key=lambda one: int(one.version))

    def _add_version(
        self,
        model_id: str,
        run_id: str,
        training: FileTraining,
        findings: Sequence[ForecastFinding],
        against: str | None,
    ) -> str:
        try:
            self._client.create_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        gate = [{"name": one.name, "passes": one.passes, "words": one.words} for one in findings]
        tags = {
            FIGURES: json.dumps(figures_of(training)),
            GATE: json.dumps(gate, ensure_ascii=False),
            AGAINST: against or "",
            "candidate": training.model.candidate,
        }
        version = self._client.create_model_version(
            self.name, f"models:/{model_id}", run_id, tags=tags, await_creation_for=0, model_id=model_id
        )
        return str(version.version)

    def _document(self, version: str, name: str) -> str | None:
        run_id = self._client.get_model_version(self.name, version).run_id
        if name not in {Path(entry.path).name for entry in self._client.list_artifacts(run_id)}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return Path(self._client.download_artifacts(run_id, name, folder)).read_text(encoding="utf-8")


def _described(found: Any) -> dict[str, Any]:
    tags = found.tags
    decided = json.loads(tags[LAST_DECISION]) if LAST_DECISION in tags else {}
    return {
        "version": str(found.version),
        "candidate": tags.get("candidate", ""),
        "figures": json.loads(tags.get(FIGURES, "{}")),
        "gate": json.loads(tags.get(GATE, "[]")),
        AGAINST: tags.get(AGAINST, ""),
        "promoted": PROMOTED_AT in tags,
        **({LAST_DECISION: decided} if "id" in decided else {}),  # the first ones were not rows of the record
    }
