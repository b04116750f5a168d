"""The variables of one pipeline run, read and checked in one place for all blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import structlog
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.core import DtcError, PostgresSettings, SettingsError, read_settings
from dtc_data.tables import CURRENT, REFERENCE, UnitTable, make_engine, transaction
from dtc_model.decisions import Decisions
from dtc_model.errors import ModelBrokenError, ModelUnavailableError, TrackingError
from dtc_model.registry import ModelRegistry
from dtc_model.settings import MlflowSettings

from dtc_stack.settings import PROJECT_FOLDER, catalogue_path

_log = structlog.get_logger()


@dataclass(frozen=True)
class RunVariables:
    """What a run compares, and with which catalogue."""

    catalogue: Catalogue
    reference_wave: Wave
    current_wave: Wave
    training_data: str
    run_id: str
    other_catalogue: str = ""
    """Path of the catalogue as commands take it, if it is another one than the setting's."""

    @classmethod
    def read(cls, variables: Mapping[str, Any]) -> Self:
        """Read the variables that Mage passes to a block.

        Without ``current_wave``, as on the monthly schedule, the month before the run's date is taken. ``persona_catalogue``
        names another catalogue than the setting of that name does.

        Raises
        ------
        WaveError
            If a wave is not written like ``2025-01``.
        SettingsError
            If ``training_data`` is neither ``current`` nor ``reference``, or both waves are the same.
        CatalogueError
            If the catalogue cannot be used.
        """
        executed: datetime = variables.get("execution_date") or datetime.now(UTC)
        current = variables.get("current_wave")
        catalogue = str(variables.get("persona_catalogue") or "")
        run = cls(
            catalogue=load_catalogue(catalogue_path(catalogue)),
            reference_wave=Wave.parse(str(variables["reference_wave"])),
            current_wave=Wave.parse(str(current)) if current else Wave(executed.year, executed.month).previous(),
            training_data=str(variables.get("training_data") or CURRENT),
            run_id=str(variables.get("execution_partition") or "notebook"),
            other_catalogue=_other_catalogue(catalogue),
        )
        if run.training_data not in {CURRENT, REFERENCE}:
            raise SettingsError(f"training_data is {run.training_data!r}: write {CURRENT} or {REFERENCE}")
        if run.reference_wave == run.current_wave:
            raise SettingsError(
                f"reference_wave and current_wave are both {run.current_wave}: name two different waves"
            )
        return run

    def require_table(self) -> None:
        """Make sure that the SQL blocks can load the respondents: what fails in them is neither worded nor told to people.

        Raises
        ------
        UnitTableError
            If there is no table, or it does not fit the catalogue.
        DatabaseUnavailableError
            If Postgres cannot be used.
        """
        with transaction(make_engine(read_settings(PostgresSettings))) as connection:
            UnitTable(self.catalogue).require(connection)

    def require_catalogue(self) -> None:
        """Make sure that nobody edited the catalogue: another name would be told to people, another centroid decide the verdict.

        Without the registry the wave is checked all the same, and that this was not done stands in the run's log.

        Raises
        ------
        RegistryConflictError
            If the catalogue is not the one that the registered model was begun with.
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

    def wave_arguments(self) -> dict[str, str]:
        """Give both waves by name."""
        return {"reference_wave": str(self.reference_wave), "current_wave": str(self.current_wave)}

    def alert_names(self) -> dict[str, Any]:
        """Return what the alert of an error names: both waves, the survey, and its words for units and segments."""
        return self.wave_arguments() | {"survey": self.catalogue.name, "words": self.catalogue.words}

    def check_arguments(self) -> dict[str, Any]:
        """Give what the drift check needs beside the data."""
        engine = make_engine(read_settings(PostgresSettings))
        return self.wave_arguments() | {"run_id": self.run_id, "engine": engine} | _mlflow_addresses()

    def alert_arguments(self) -> dict[str, Any]:
        """Give what report and alert need beside what the steps gave."""
        engine = make_engine(read_settings(PostgresSettings))
        own = {"catalogue": self.catalogue, "other_catalogue": self.other_catalogue}
        return own | {"engine": engine} | _mlflow_addresses()

    def training_arguments(self) -> dict[str, Any]:
        """Give what the sweep needs beside the data."""
        wave = self.current_wave if self.training_data == CURRENT else self.reference_wave
        return {"wave": str(wave), "tracking_uri": _tracking_uri()}

    def registry(self) -> ModelRegistry:
        """Give the registry of the catalogue's model."""
        return ModelRegistry(_tracking_uri(), self.catalogue)

    def decisions(self) -> Decisions:
        """Give the decisions on the versions of that model."""
        return Decisions(self.registry(), make_engine(read_settings(PostgresSettings)))


def names_for_alerts(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Give `RunVariables.alert_names`, or the waves as they were written if the variables cannot be read."""
    try:
        return RunVariables.read(variables).alert_names()
    except DtcError:
        current = variables.get("current_wave") or "of the month before the run"
        return {"reference_wave": str(variables.get("reference_wave")), "current_wave": str(current)}


def _other_catalogue(name: str) -> str:
    """Give the path of a catalogue that is not the setting's, from the project's top if it lies there."""
    path = catalogue_path(name).resolve()
    if path == catalogue_path().resolve():
        return ""
    top = PROJECT_FOLDER.resolve()
    return str(path.relative_to(top) if path.is_relative_to(top) else path)


def _mlflow_addresses() -> dict[str, str]:
    return {"tracking_uri": _tracking_uri(), "public_url": read_settings(MlflowSettings).page}


def _tracking_uri() -> str:
    return read_settings(MlflowSettings).tracking_uri
