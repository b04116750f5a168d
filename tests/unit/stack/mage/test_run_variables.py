"""A pipeline run's variables are read and checked in one place."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from dtc_data import Catalogue
from dtc_data.catalogue import find_segmentation
from dtc_data.core import CatalogueError, SettingsError, WaveError
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import ModelRegistry
from dtc_stack.mage import RunVariables, caller_variables, names_for_alerts
from fakes.catalogues import BIG_FIVE_CATALOGUE


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "dtc", "PASSWORD": "x", "DBNAME": "dtc", "HOST": "127.0.0.1", "PORT": "9"}.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)


EXAMPLE = str(BIG_FIVE_CATALOGUE)


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


def test_a_run_is_for_the_segmentation_that_its_variable_names() -> None:
    assert read().segmentation.name == "dtc_personas"
    assert read(segmentation="dtc_personas").segmentation == read().segmentation
    assert read(segmentation=EXAMPLE).sql_parameters()["table"] == "big_five"


def test_without_the_variable_the_default_of_the_stack_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTATION", EXAMPLE)
    assert read().sql_parameters()["table"] == "big_five"
    assert read(segmentation="dtc_personas").sql_parameters()["table"] == "customer_features"


@pytest.mark.parametrize(
    ("given", "said"),
    [("nowhere.yaml", r"nowhere\.yaml: the catalogue cannot be read"), ("nobody", "'nobody'")],
)
def test_a_missing_segmentation_is_named(given: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        read(segmentation=given)


def test_the_variable_of_earlier_versions_is_refused_with_the_one_in_its_place() -> None:
    with pytest.raises(SettingsError, match="the variable segmentation takes its place"):
        read(persona_catalogue="00_create_data/personas.yaml")


def test_the_settings_of_the_caller_travel_with_the_run_and_a_difference_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:abc")
    given = caller_variables(find_segmentation(), reference_wave="2025-01", current_wave="2025-03")
    assert "1:abc" not in str(given)
    RunVariables.read(given)
    monkeypatch.setenv("TRAIN_K", "4")
    monkeypatch.setenv("POSTGRES_DBNAME", "another")
    monkeypatch.setenv("BOT_TOKEN", "2:xyz")
    with pytest.raises(SettingsError) as refused:
        RunVariables.read(given)
    assert "TRAIN_K (None, and 4 here), POSTGRES_DBNAME (dtc, and another here), BOT_TOKEN" in str(refused.value)
    assert "make stop start" in str(refused.value)
    assert "2:xyz" not in str(refused.value)


def test_a_setting_that_only_the_stack_has_for_the_chat_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    given = caller_variables(find_segmentation(), reference_wave="2025-01", current_wave="2025-03")
    monkeypatch.setenv("CHAT_ID", "5")
    assert RunVariables.read(given).segmentation.name == "dtc_personas"


def test_another_catalogue_of_the_same_name_is_refused(
    small_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = caller_variables(find_segmentation(), reference_wave="2025-01", current_wave="2025-03")
    (tmp_path / "dtc_personas.yaml").write_text(small_catalogue.model_dump_json())
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))
    with pytest.raises(SettingsError, match=r"another one here .* than where the run was started"):
        RunVariables.read(given)


def test_an_alert_names_the_waves_and_the_segmentation() -> None:
    waves = {"reference_wave": "2025-01", "current_wave": "2025-03"}
    names = names_for_alerts(waves)
    assert (names["survey"], names["command"]("versions")) == ("DTC personas", "make versions")
    others = names_for_alerts(waves | {"segmentation": EXAMPLE})
    assert others["survey"] == "Big Five (big_five)"
    assert others["command"]("versions") == "make versions SEGMENTATION=big_five"


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
