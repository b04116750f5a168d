"""A pipeline run's variables are read and checked in one place."""

from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from dtc_data.core import CatalogueError, SettingsError, WaveError
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import ModelRegistry
from dtc_stack.mage import RunVariables, names_for_alerts
from dtc_stack.settings import PROJECT_FOLDER


@pytest.fixture(autouse=True)
def _default_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CATALOGUE", "00_create_data/personas.yaml")


def read(**variables: Any) -> RunVariables:
    return RunVariables.read({"reference_wave": "2025-01", "current_wave": "2025-03"} | variables)


def test_the_sql_blocks_get_half_open_ranges() -> None:
    parameters = read(current_wave="2025-12").sql_parameters()
    assert parameters["current_start"] == "2025-12-01T00:00:00+00:00"
    assert parameters["current_end"] == "2026-01-01T00:00:00+00:00"
    assert parameters["table"] == "customer_features"


def test_without_a_current_wave_the_month_just_ended_is_taken() -> None:
    run = read(current_wave=None, execution_date=datetime(2026, 1, 1, tzinfo=UTC))
    assert str(run.current_wave) == "2025-12"


@pytest.mark.parametrize("wave", ["3", "2025-3", "2025-13", "2025-03'; DROP TABLE customer_features; --", "march"])
def test_a_malformed_wave_is_named(wave: str) -> None:
    with pytest.raises(WaveError, match="is not a wave"):
        read(current_wave=wave)


def test_unknown_training_data_is_named() -> None:
    with pytest.raises(SettingsError, match="training_data is 'all'"):
        read(training_data="all")


def test_a_wave_is_not_compared_with_itself() -> None:
    with pytest.raises(SettingsError, match="both 2025-01"):
        read(current_wave="2025-01")


def test_another_catalogue_can_be_named() -> None:
    assert read(persona_catalogue="00_create_data/catalogues/big_five.yaml").sql_parameters()["table"] == "big_five"


def test_a_missing_catalogue_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.yaml"):
        read(persona_catalogue="nowhere.yaml")


def test_only_a_catalogue_that_commands_do_not_use_anyway_is_named_to_them() -> None:
    assert read().other_catalogue == ""
    assert read(persona_catalogue="00_create_data/../00_create_data/personas.yaml").other_catalogue == ""
    path = "00_create_data/catalogues/big_five.yaml"
    assert read(persona_catalogue=path).other_catalogue == path
    assert read(persona_catalogue=str(PROJECT_FOLDER / path)).other_catalogue == path


def test_an_alert_names_the_waves_and_the_survey() -> None:
    names = names_for_alerts({"reference_wave": "2025-01", "current_wave": "2025-03"})
    assert names == {"reference_wave": "2025-01", "current_wave": "2025-03", "survey": "DTC personas"}


@pytest.mark.parametrize(
    ("current", "named"), [("March", "March"), ("2025-01", "2025-01"), (None, "of the month before the run")]
)
def test_an_alert_names_what_was_written_if_it_cannot_be_read(current: str | None, named: str) -> None:
    variables = {"reference_wave": "2025-01", "current_wave": current, "training_data": "all"}
    assert names_for_alerts(variables) == {"reference_wave": "2025-01", "current_wave": named}


def test_a_run_whose_registry_is_out_of_reach_still_checks_the_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with structlog.testing.capture_logs() as logs:
        read().require_catalogue()
    (entry,) = logs
    assert entry["event"] == "the catalogue was not compared with the registered one"
    assert "http://127.0.0.1:9" in entry["reason"]


def test_a_run_stops_at_a_catalogue_that_was_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: ModelRegistry) -> None:
        raise RegistryConflictError("no longer the one")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setattr(ModelRegistry, "check_catalogue", refuse)
    with pytest.raises(RegistryConflictError):
        read().require_catalogue()
