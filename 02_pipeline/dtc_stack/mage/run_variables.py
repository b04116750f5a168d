"""The variables of one pipeline run, read and checked in one place for all blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import structlog
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import DtcError, PostgresSettings, SettingsError, read_settings
from dtc_data.tables import CURRENT, REFERENCE, UnitTable, WaveSample, make_engine, moved_units, transaction
from dtc_model.decisions import Decisions
from dtc_model.errors import ModelBrokenError, ModelUnavailableError, TrackingError
from dtc_model.registry import ModelRegistry
from dtc_model.settings import MlflowSettings
from dtc_monitoring.settings import DriftSettings
from sqlalchemy import Engine

from dtc_stack.mage.caller_settings import refuse_other_catalogue, refuse_other_settings

NOTEBOOK = "notebook"
"""The run of a block that somebody executes in Mage's notebook."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class RunVariables:
    """What a run compares, and for which segmentation."""

    segmentation: Segmentation
    reference_wave: Wave
    current_wave: Wave
    training_data: str
    run_id: str

    @classmethod
    def read(cls, variables: Mapping[str, Any]) -> Self:
        """Read the variables that Mage passes to a block.

        ``segmentation`` names a catalogue in the folder or is the path of one; without it the stack's default is meant. It is
        looked up here and nowhere else. Without ``current_wave`` the month before the run's date is taken.

        Raises
        ------
        WaveError
            If a wave is not written like ``2025-01``.
        SettingsError
            If ``training_data`` is neither ``current`` nor ``reference``, both waves are the same, or whoever started the
            run has other settings or another catalogue than this stack.
        CatalogueError
            If there is no such segmentation, or its catalogue cannot be used.
        """
        current = variables.get("current_wave")
        if "persona_catalogue" in variables:
            raise SettingsError(
                "the variable persona_catalogue is read no more: the variable segmentation takes its place"
            )
        refuse_other_settings(variables.get("caller_settings") or {})
        segmentation = find_segmentation(variables.get("segmentation") or None)
        refuse_other_catalogue(str(variables.get("catalogue_digest") or ""), segmentation)
        run = cls(
            segmentation=segmentation,
            reference_wave=Wave.parse(str(variables.get("reference_wave") or "")),
            current_wave=Wave.parse(str(current)) if current else month_before(variables),
            training_data=str(variables.get("training_data") or CURRENT),
            run_id=run_id_of(variables),
        )
        if run.training_data not in {CURRENT, REFERENCE}:
            raise SettingsError(f"training_data is {run.training_data!r}: write {CURRENT} or {REFERENCE}")
        if run.reference_wave == run.current_wave:
            raise SettingsError(
                f"reference_wave and current_wave are both {run.current_wave}: name two different waves"
            )
        return run

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the segmentation."""
        return self.segmentation.catalogue

    @property
    def waves(self) -> tuple[Wave, Wave]:
        """Reference wave and current wave."""
        return self.reference_wave, self.current_wave

    def engine(self) -> Engine:
        """Return an engine on the customer database."""
        return make_engine(read_settings(PostgresSettings))

    def require_table(self) -> None:
        """Make sure that the SQL blocks can load the respondents: what fails in them is neither worded nor told to people.

        Raises
        ------
        UnitTableError
            If there is no table, or it does not fit the catalogue.
        DatabaseUnavailableError
            If Postgres cannot be used.
        """
        with transaction(self.engine()) as connection:
            UnitTable(self.catalogue).require(connection)

    def require_catalogue(self) -> None:
        """Make sure that nobody edited the catalogue: another name would be told to people, another centroid decide the verdict.

        Without the registry the wave is checked all the same, and that this was not done stands in the run's log.

        Raises
        ------
        RegistryConflictError
            If the catalogue is not the one that production rests on; the message names the commands that lead on.
        """
        try:
            self.registry().check_catalogue()
        except (ModelBrokenError, ModelUnavailableError, TrackingError) as error:
            _log.warning("the catalogue was not compared with the registered one", reason=str(error))

    def sql_parameters(self) -> dict[str, str]:
        """Return the table, the column with the ids and the half-open date ranges for the SQL blocks."""
        return {
            "table": self.catalogue.unit_table,
            "id_column": self.catalogue.id_column,
            "reference_start": self.reference_wave.start.isoformat(),
            "reference_end": self.reference_wave.end.isoformat(),
            "current_start": self.current_wave.start.isoformat(),
            "current_end": self.current_wave.end.isoformat(),
        }

    def sql_samples(self) -> dict[str, str]:
        """Return before which hash the units of each wave are loaded, see `dtc_data.tables.WaveSample`."""
        reference, current = self.samples()
        return {"reference_below": reference.below, "current_below": current.below}

    def samples(self) -> tuple[WaveSample, WaveSample]:
        """Return which units of both waves the run looks at: everybody, or a sample where `DriftSettings.largest_wave` is exceeded."""
        most = read_settings(DriftSettings).largest_wave
        table = UnitTable(self.catalogue)
        with transaction(self.engine()) as connection:
            reference, current = (table.sample(connection, wave, most) for wave in self.waves)
        return reference, current

    def wave_arguments(self) -> dict[str, str]:
        """Return both waves by name."""
        return {"reference_wave": str(self.reference_wave), "current_wave": str(self.current_wave)}

    def alert_names(self) -> dict[str, Any]:
        """Return what the alert of an error names: both waves, the segmentation, and how commands act on it."""
        return self.wave_arguments() | {"survey": self.segmentation.title, "command": self.segmentation.command}

    def check_arguments(self) -> dict[str, Any]:
        """Return what the drift check needs beside the data."""
        return self.wave_arguments() | {"run_id": self.run_id, "engine": self.engine()} | _mlflow_addresses()

    def alert_arguments(self) -> dict[str, Any]:
        """Return what report and alert need beside what the steps gave."""
        return {"segmentation": self.segmentation, "engine": self.engine()} | _mlflow_addresses()

    def training_arguments(self) -> dict[str, Any]:
        """Return what the sweep needs beside the data."""
        wave = self.current_wave if self.training_data == CURRENT else self.reference_wave
        own: dict[str, Any] = {"pipeline_run_id": None if self.run_id == NOTEBOOK else self.run_id}
        sample = self.samples()[self.waves.index(wave)]
        own |= {"wave_units": sample.units} if sample.is_part else {}
        return own | {"wave": str(wave), "tracking_uri": _tracking_uri()}

    def held_units(self) -> dict[str, int]:
        """Return the segments of the units that a person moved, by id."""
        wave = self.current_wave if self.training_data == CURRENT else self.reference_wave
        with transaction(self.engine()) as connection:
            moved = moved_units(connection, self.catalogue.unit_table, wave)
        return {unit: move.segment for unit, move in moved.items() if move.segment is not None}

    def registry(self) -> ModelRegistry:
        """Return the registry of the catalogue's model."""
        return ModelRegistry.of(_tracking_uri(), self.segmentation)

    def decisions(self) -> Decisions:
        """Return the decisions on the versions of that model."""
        return Decisions(self.registry(), self.engine())


def month_before(variables: Mapping[str, Any]) -> Wave:
    """Return the month before a run's date, which is the wave that a scheduled run is about."""
    executed: datetime = variables.get("execution_date") or datetime.now(UTC)
    return Wave(executed.year, executed.month).previous()


def run_id_of(variables: Mapping[str, Any]) -> str:
    """Return the name by which a run is told apart from all others."""
    return str(variables.get("execution_partition") or NOTEBOOK)


def names_for_alerts(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return `RunVariables.alert_names`, or the waves as they were written if the variables cannot be read."""
    try:
        return RunVariables.read(variables).alert_names()
    except DtcError:
        current = variables.get("current_wave") or "of the month before the run"
        waves = {"reference_wave": str(variables.get("reference_wave")), "current_wave": str(current)}
        named = variables.get("segmentation")
        return waves | ({"survey": str(named)} if named else {})


def model_of(variables: Mapping[str, Any]) -> str:
    """Return the registered model that a run is about; empty if its variables cannot be read."""
    try:
        return find_segmentation(variables.get("segmentation") or None).catalogue.registered_model
    except DtcError:
        return ""


def _mlflow_addresses() -> dict[str, str]:
    return {"tracking_uri": _tracking_uri(), "public_url": read_settings(MlflowSettings).page}


def _tracking_uri() -> str:
    return read_settings(MlflowSettings).tracking_uri
