"""The history command on a real Postgres and a real MLflow."""

import dataclasses
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue, Wave
from dtc_data.surveys import ingest_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction, withdraw_wave
from dtc_model.decisions import Decision
from dtc_model.decisions.decision_table import Action, append_decision, lock_decisions
from dtc_model.registry import ModelRegistry, RegistryReader, log_segment_model
from dtc_model.rule import SegmentModel
from dtc_monitoring import DriftVerdict, wave_history
from dtc_monitoring.checks.drift_check import DriftCheck
from dtc_monitoring.checks.stored_checks import latest_checks, record_check
from dtc_monitoring.commands import main
from fakes.catalogues import under_a_name_of_its_own
from fakes.ports import free_port
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JANUARY, FEBRUARY, MARCH, APRIL = (Wave(2025, month) for month in (1, 2, 3, 4))
STEVE, HALEY, BELLA = "Sustainable Steve", "Eco-Conscious Haley", "Bargain-Hunting Bella"
WIDTH = 100


@pytest.fixture
def own_catalogue(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue with a registered model of its own for each test."""
    return under_a_name_of_its_own(catalogue)


@pytest.fixture
def registry(mlflow_uri: str, own_catalogue: Catalogue) -> ModelRegistry:
    """Version 1 is the catalogue; version 2 gives Steve's respondents to Haley and the other way round."""
    registry = ModelRegistry(mlflow_uri, own_catalogue)
    registry.ensure_catalogue_in_production()
    model = SegmentModel.from_catalogue(registry.catalogue)
    swapped = dataclasses.replace(model, centroids=model.centroids[[1, 0, 2]])
    client = MlflowClient(mlflow_uri, registry_uri=mlflow_uri)
    experiment_id = client.create_experiment(f"{registry.name} of a test")
    model_id = log_segment_model(client, experiment_id, swapped, None)
    client.create_model_version(registry.name, f"models:/{model_id}", model_id=model_id)
    return registry


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch,
    mlflow_uri: str,
    database_in_environment: None,  # noqa: ARG001 - what it sets is needed
    own_catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    """The settings of the command, with the catalogue in a file."""
    path = tmp_path / "personas.yaml"
    path.write_text(own_catalogue.model_dump_json())  # JSON is YAML
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.setenv("SEGMENTATION", str(path))
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": str(WIDTH)}).invoke(main, ["history", *arguments])


def document() -> dict[str, Any]:
    result = run("--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def ingest(engine: Engine, units: pd.DataFrame, catalogue: Catalogue, folder: Path) -> None:
    """Take respondents in by a survey file."""
    path = folder / f"{uuid.uuid4().hex}.csv"
    write_survey_file(units, catalogue, path)
    ingest_file(engine, UnitTable(catalogue), path)


def label(engine: Engine, registry: ModelRegistry, wave: Wave, version: str) -> None:
    table = UnitTable(registry.catalogue)
    with RegistryReader(registry.tracking_uri, registry.name) as reader, transaction(engine) as connection:
        rows = table.load(connection, wave)
        answers = rows[list(registry.catalogue.feature_names)].to_numpy()
        table.write_labels(connection, rows.assign(segment=reader.fetch(version).model.label(answers)), version)


@pytest.fixture
def four_waves(environment: None, engine: Engine, registry: ModelRegistry, tmp_path: Path) -> Catalogue:  # noqa: ARG001
    """January by the vendor in thirds; February's respondents by version 1; in March 30 of them come back with more of
    Haley's answers, labelled by version 2; April is not labelled yet."""
    catalogue = registry.catalogue
    february = make_wave(catalogue, 100, 2.0, 2, FEBRUARY, shares=(50, 30, 20), labelled=False)
    march = make_wave(catalogue, 100, 2.0, 3, MARCH, shares=(10, 60, 30), labelled=False)
    back = february.head(30).assign(date=MARCH.start)
    march = pd.concat([back, march.tail(70)], ignore_index=True)
    for wave in (make_wave(catalogue, 90, 2.0, 1, JANUARY), february, march):
        ingest(engine, wave, catalogue, tmp_path)
    ingest(engine, make_wave(catalogue, 60, 2.0, 4, APRIL, labelled=False), catalogue, tmp_path)
    label(engine, registry, FEBRUARY, "1")
    label(engine, registry, MARCH, "2")
    return catalogue


def shares_under(engine: Engine, registry: ModelRegistry, wave: Wave, version: str) -> np.ndarray[Any, Any]:
    """Count shares again, with nothing of the code under test."""
    with RegistryReader(registry.tracking_uri, registry.name) as reader, transaction(engine) as connection:
        rows = UnitTable(registry.catalogue).load(connection, wave)
        model = reader.fetch(version).model
    labels = pd.Series(model.label(rows[list(registry.catalogue.feature_names)].to_numpy()))
    return labels.value_counts(normalize=True).reindex(list(registry.catalogue.segment_ids), fill_value=0).to_numpy()


def check_of(wave: Wave, status: Any, model_name: str, day: int = 1) -> DriftCheck:
    verdict = DriftVerdict(status, 0.0, 0.5, (), 90, 100, 0.05)
    moment = datetime(2025, wave.month + 1, day, tzinfo=UTC)
    return DriftCheck(f"{wave} {day}", model_name, JANUARY, wave, moment, "0123", "http://127.0.0.1/report", verdict)


def test_each_wave_comes_with_verdict_shares_fit_and_version(engine: Engine, four_waves: Catalogue) -> None:
    with transaction(engine) as connection:
        record_check(connection, check_of(FEBRUARY, "drift", four_waves.registered_model))
        record_check(connection, check_of(FEBRUARY, "stable", four_waves.registered_model, day=2))
        record_check(connection, check_of(MARCH, "drift", four_waves.registered_model))
        record_check(connection, check_of(MARCH, "stable", "another_model", day=9))
    waves = document()["waves"]
    assert [wave["wave"] for wave in waves] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert [wave["verdict"] for wave in waves] == [None, "stable", "drift", None]
    assert [wave["version"] for wave in waves] == ["vendor", "1", "2", None]
    assert [wave["respondents"] for wave in waves] == [90, 100, 100, 60]
    assert [wave["unlabelled"] for wave in waves] == [0, 0, 0, 60]
    assert waves[0]["shares"] == pytest.approx({STEVE: 1 / 3, HALEY: 1 / 3, BELLA: 1 / 3})
    assert waves[1]["shares"] == pytest.approx({STEVE: 0.5, HALEY: 0.3, BELLA: 0.2})
    assert waves[3]["shares"] == {}
    assert waves[3]["mean_distance"] is None
    # Ten features that each scatter by 2 lie on average a little below 2 * sqrt(10) from their centroid.
    assert [wave["mean_distance"] for wave in waves[:3]] == pytest.approx([6.2] * 3, abs=0.4)


def test_a_change_is_split_into_people_and_model(
    engine: Engine, registry: ModelRegistry, four_waves: Catalogue
) -> None:
    first, second = document()["changes"]
    assert (first["before"], first["after"], first["rule"]) == ("2025-01", "2025-02", "vendor")
    assert (second["before"], second["after"], second["rule"]) == ("2025-02", "2025-03", "1")
    names = four_waves.segment_names
    old, held, new = (shares_under(engine, registry, *one) for one in ((FEBRUARY, "1"), (MARCH, "1"), (MARCH, "2")))
    assert [second["people"][name] for name in names] == pytest.approx(list(held - old))
    assert [second["model"][name] for name in names] == pytest.approx(list(new - held))
    assert np.abs(new - held).max() > 0.05
    for change in (first, second):
        total = [change["people"][name] + change["model"][name] for name in names]
        assert total == pytest.approx([change["total"][name] for name in names])


@pytest.mark.usefixtures("four_waves")
def test_units_who_came_back_are_followed() -> None:
    transitions = document()["transitions"]
    assert (transitions["steps"], transitions["same_version"]) == (30, 0)
    assert transitions["stayed"] == transitions["counts"][BELLA][BELLA] < 30
    assert sum(transitions["counts"][STEVE].values()) == transitions["counts"][STEVE][HALEY] > 0
    assert transitions["row_shares"][STEVE] == {STEVE: 0, HALEY: 1, BELLA: 0}


@pytest.mark.usefixtures("four_waves")
def test_labellings_are_listed_with_their_version() -> None:
    labellings = [(one["wave"], one["version"], one["labels"]) for one in document()["labellings"]]
    assert labellings == [("2025-02", "1", 100), ("2025-03", "2", 100)]


def test_promotions_are_listed_once_there_are_any(engine: Engine, four_waves: Catalogue) -> None:
    assert document()["promotions"] == []
    decided: tuple[tuple[Action, str, str | None], ...] = (
        ("promoted", "1", None),
        ("promoted", "2", "1"),
        ("rolled_back", "1", "2"),
    )
    with transaction(engine) as connection:
        lock_decisions(connection, four_waves.registered_model)
        for action, version, previous in decided:
            decision = Decision.now(
                action,
                model_name=four_waves.registered_model,
                version=version,
                previous_version=previous,
                by="Ada",
                why="fit",
                source="command",
            )
            append_decision(connection, decision)
    listed = [(one["version"], one["previous_version"], one["action"]) for one in document()["promotions"]]
    assert listed == [("1", None, "promoted"), ("2", "1", "promoted"), ("1", "2", "rolled_back")]
    assert "rolled back" in run().output


def test_a_model_that_was_deleted_is_named_and_nothing_guessed(
    registry: ModelRegistry, four_waves: Catalogue, mlflow_uri: str  # noqa: ARG001
) -> None:
    MlflowClient(mlflow_uri, registry_uri=mlflow_uri).delete_model_version(registry.name, "1")
    found = document()
    assert list(found["problems"]) == ["1"]
    assert [wave["mean_distance"] is None for wave in found["waves"]] == [False, True, False, True]
    first, second = found["changes"]
    assert first["people"].keys() == {STEVE, HALEY, BELLA}
    assert (second["people"], second["model"]) == (None, None)
    assert registry.name in second["problem"]
    assert "2025-02 to 2025-03 cannot be split: version 1" in " ".join(run().output.split())


@pytest.mark.usefixtures("four_waves")
def test_without_the_registry_the_rest_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    found = document()
    assert [wave["version"] for wave in found["waves"]] == ["vendor", "1", "2", None]
    assert found["waves"][1]["shares"][STEVE] == 0.5
    assert set(found["problems"]) == {"1", "2"}
    assert all("cannot be reached" in problem for problem in found["problems"].values())


@pytest.mark.usefixtures("environment", "registry")
def test_before_the_first_survey_the_missing_table_is_named() -> None:
    result = run()
    assert result.exit_code == 3
    assert "ingest a survey file" in result.output


@pytest.mark.usefixtures("four_waves")
def test_the_tables_fit_into_a_terminal_of_100_columns() -> None:
    output = run().output
    assert max(map(len, output.splitlines())) <= WIDTH
    for expected in ("2025-01", STEVE, HALEY, BELLA, "vendor", "respondents changed", "model changed", "of 30 steps"):
        assert expected in output


def test_other_code_gets_the_waves_as_the_command_shows_them(
    engine: Engine, four_waves: Catalogue, mlflow_uri: str
) -> None:
    waves = wave_history(engine, four_waves, mlflow_uri)
    assert [wave.to_dict() for wave in waves] == document()["waves"]


def test_what_rests_on_a_withdrawn_wave_is_marked_until_it_is_checked_and_labelled_again(
    engine: Engine, registry: ModelRegistry, four_waves: Catalogue, tmp_path: Path
) -> None:
    with transaction(engine) as connection:
        for wave in (FEBRUARY, MARCH):
            record_check(connection, check_of(wave, "stable", four_waves.registered_model))
        withdraw_wave(connection, UnitTable(four_waves), FEBRUARY, by="Ada", why="wrong answers")
    ingest(engine, make_wave(four_waves, 80, 2.0, 9, FEBRUARY, labelled=False), four_waves, tmp_path)
    label(engine, registry, FEBRUARY, "1")

    found = document()

    assert [wave["verdict_rests_on_withdrawn"] for wave in found["waves"]] == [False, True, False, False]
    assert [(one["wave"], one["withdrawn"]) for one in found["labellings"]] == [
        ("2025-02", True),
        ("2025-03", False),
        ("2025-02", False),
    ]
    assert [(one["wave"], one["units"], one["by"]) for one in found["withdrawals"]] == [("2025-02", 100, "Ada")]
    assert "(w)" in run().output
    later = dataclasses.replace(
        check_of(FEBRUARY, "stable", four_waves.registered_model), run_id="again", checked_at=datetime.now(UTC)
    )
    with transaction(engine) as connection:
        record_check(connection, later)
    assert not any(wave["verdict_rests_on_withdrawn"] for wave in document()["waves"])


def test_a_check_that_loaded_rows_before_they_were_withdrawn_is_marked_though_it_was_stored_later(
    engine: Engine, four_waves: Catalogue
) -> None:
    loaded = datetime.now(UTC)
    with transaction(engine) as connection:
        withdrawal = withdraw_wave(connection, UnitTable(four_waves), FEBRUARY, by="Ada", why="wrong answers")
    stored = dataclasses.replace(
        check_of(MARCH, "stable", four_waves.registered_model),
        reference_wave=FEBRUARY,
        checked_at=datetime.now(UTC),
        rows_as_of=loaded,
    )
    with transaction(engine) as connection:
        record_check(connection, stored)
        (kept,) = latest_checks(connection, four_waves.registered_model)

    assert stored.checked_at > withdrawal.at > loaded
    assert kept == stored == DriftCheck.from_dict(stored.to_dict())
    assert kept.rests_on([withdrawal])
    assert not dataclasses.replace(kept, rows_as_of=None).rests_on([withdrawal])
    marked = {wave["wave"]: wave["verdict_rests_on_withdrawn"] for wave in document()["waves"]}
    assert marked == {"2025-01": False, "2025-03": True, "2025-04": False}
