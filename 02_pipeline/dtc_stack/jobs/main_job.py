"""The main job: waves in, pipeline runs through Mage's trigger, labels out. It only needs addresses, so it runs anywhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import PostgresSettings, read_settings
from dtc_data.tables import UnitTable, make_engine, transaction
from dtc_model.registry import ModelRegistry, RegistryReader, reference_from_database
from dtc_model.settings import MlflowSettings
from dtc_monitoring.checks import latest_checks
from dtc_monitoring.report import report_address
from dtc_service.batch import label_wave
from dtc_service.http import send_examples
from dtc_service.settings import ServiceSettings
from sqlalchemy import Engine

from dtc_stack.errors import StackError
from dtc_stack.mage import BlockState, MageClient, RunState, caller_variables, pipeline_of
from dtc_stack.progress import Progress

TAKE_OVER_SECONDS = 30
"""How long the service may take to serve a promoted version."""


@dataclass(frozen=True)
class WaveOutcome:
    """What a pipeline run found and did."""

    wave: Wave
    status: str
    why: str
    """What the status rests on, in a phrase."""
    drifted_share: float
    """Share of the columns whose answers changed over all respondents; the status does not rest on it."""
    drifted_columns: tuple[str, ...]
    trained: bool
    candidate: dict[str, Any] = field(default_factory=dict)
    """Version, k, figures and whether it was promoted; empty if nothing was trained."""
    report_url: str = ""
    beside: tuple[str, ...] = ()
    """What is told beside the verdict: the same month of the year before, and who is new."""


@dataclass(frozen=True)
class JobOutcome:
    """All that the summary shows."""

    catalogue: Catalogue
    reference_wave: Wave
    waves: list[WaveOutcome]
    production_version: str
    shares: dict[Wave, dict[str, float]]
    """Share of respondents by persona name, by wave."""
    answered: list[tuple[str, str]] = field(default_factory=list)
    """Personas of the respondents that were sent over HTTP: sent as, answered with."""
    is_labelled_wave_by_wave: bool = False
    """Whether each wave was labelled by the version that was in production after its check, not all by the last one."""


@dataclass(frozen=True)
class MainJob:
    """The job for one segmentation."""

    segmentation: Segmentation
    engine: Engine
    tracking_uri: str
    mage: MageClient
    progress: Progress

    @classmethod
    def from_settings(cls, segmentation: Segmentation, mage: MageClient, progress: Progress) -> "MainJob":
        """Make the job for a segmentation with the addresses in the settings."""
        return cls(
            segmentation,
            make_engine(read_settings(PostgresSettings)),
            read_settings(MlflowSettings).tracking_uri,
            mage,
            progress,
        )

    def put_catalogue_into_production(self, reference: Wave) -> str:
        """Register the catalogue as version 1, measured on a wave, and let it serve, unless a version does already."""
        with self.progress.step("the catalogue is in the model registry"):
            measure = reference_from_database(self.engine, self.catalogue, reference)
            return self.registry.ensure_catalogue_in_production(measure)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the segmentation."""
        return self.segmentation.catalogue

    @property
    def registry(self) -> ModelRegistry:
        """The registry of the catalogue's model."""
        return ModelRegistry.of(self.tracking_uri, self.segmentation)

    def check(self, reference: Wave, current: Wave) -> WaveOutcome:
        """Run the pipeline on two waves through Mage's trigger and wait for it.

        Raises
        ------
        PipelineRunError
            If the run fails.
        """
        self.progress.headline(f"Pipeline run: {current} against {reference}")
        variables = caller_variables(self.segmentation, reference_wave=str(reference), current_wave=str(current))
        with self.progress.step(f"pipeline run for {current}"):
            run = self.mage.run(variables, self._report, pipeline=pipeline_of(self.segmentation))
        return self.outcome_of(run, reference, current)

    def outcome_of(self, run: RunState, reference: Wave, current: Wave | None = None) -> WaveOutcome:
        """Return what a run that has just ended found and did; without a current wave, that of the newest check."""
        trained = any(block.name == "train_models" and block.status == "completed" for block in run.blocks)
        with transaction(self.engine) as connection:
            check = next(
                check
                for check in latest_checks(connection, self.catalogue.registered_model)
                if check.reference_wave == reference and current in {None, check.current_wave}
            )
        return WaveOutcome(
            wave=check.current_wave,
            status=check.verdict.status,
            why=check.verdict.reason,
            drifted_share=check.verdict.drifted_share,
            drifted_columns=check.verdict.drifted_columns,
            trained=trained,
            candidate=self.registry.newest_for(str(check.current_wave)) if trained else {},
            report_url=report_address(read_settings(MlflowSettings).page, check.mlflow_run_id),
            beside=tuple(str(entry["words"]) for entry in check.beside.values()),
        )

    def _report(self, block: BlockState) -> None:
        if block.status in {"completed", "condition_failed", "failed", "upstream_failed"}:
            self.progress.say(f"    {block.name}: {block.words}")

    def label(self, waves: list[Wave]) -> dict[Wave, dict[str, float]]:
        """Label waves in the database by the production model, each in a transaction of its own."""
        reader = RegistryReader(self.tracking_uri, self.catalogue.registered_model)
        served = reader.fetch(reader.production_version())
        shares = {}
        for wave in waves:
            with self.progress.step(f"labels for {wave}"), transaction(self.engine) as connection:
                labelled = label_wave(connection, UnitTable(self.catalogue), wave, served)
            shares[wave] = dict(labelled.shares)
        return shares

    def follow(self, reference: Wave, later: Sequence[Wave]) -> tuple[list[WaveOutcome], dict[Wave, dict[str, float]]]:
        """Check and label wave by wave: each has the labels of the version that was in production after its check."""
        shares, outcomes = dict(self.label([reference])), list[WaveOutcome]()
        for wave in later:
            outcomes.append(self.check(reference, wave))
            shares |= self.label([wave])
        return outcomes, shares

    def concluded(
        self, reference: Wave, outcomes: list[WaveOutcome], shares: dict[Wave, dict[str, float]], url: str
    ) -> "JobOutcome":
        """Ask the service, once it answers by the production version, and return all that the summary shows."""
        self.wait_until_served(url)
        answered = self.ask_service(url)
        version = self.registry.production_version()
        return JobOutcome(
            self.catalogue, reference, outcomes, version, shares, answered=answered, is_labelled_wave_by_wave=True
        )

    def wait_until_served(self, url: str) -> None:
        """Wait until the service answers by the production version, which it takes over by itself.

        Raises
        ------
        StackError
            If it still serves another version after a while.
        """
        wanted, name = self.registry.production_version(), self.segmentation.name
        deadline = time.monotonic() + TAKE_OVER_SECONDS
        while (served := _served_version(url, name)) != wanted:
            if time.monotonic() > deadline:
                raise StackError(f"the service at {url} serves {served} of {name}, not version {wanted}: see its log")
            time.sleep(0.2)

    def ask_service(self, url: str) -> list[tuple[str, str]]:
        """Send one unit near each segment over HTTP, and return the names of segments: made from, answered with."""
        with self.progress.step(f"{self.catalogue.words.units_counted(len(self.catalogue.segments))} over HTTP"):
            response = send_examples(url, self.segmentation, read_settings(ServiceSettings).api_key)
        return list(zip(response.near, response.segments, strict=True))


def _served_version(url: str, segmentation: str) -> str:
    """Ask a service which version of a segmentation it serves; words instead of a version while it serves none."""
    try:
        response = httpx.get(f"{url}/readyz", timeout=10)
    except httpx.HTTPError as error:
        return f"nothing ({error})"
    if not response.is_success:
        return "no model"
    ready = response.json()
    versions = {ready["segmentation"]: ready["model_version"]}
    versions |= {other["name"]: other["model_version"] for other in ready["others"]}
    return str(versions.get(segmentation) or "no model")
