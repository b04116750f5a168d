"""A survey with answers of every type goes all the way: file, table, verdict, sweep, gate, report and request."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.catalogue import answer_matrix
from dtc_data.surveys import read_survey_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.decisions import Decisions
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_monitoring.report import REPORT_FILE
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.catalogues import in_a_file_of_its_own
from fakes.mixed_features import mixed_catalogue
from fakes.run_execution import execute
from fakes.served import serving
from fakes.telegram import FakeTelegram
from fakes.units import ingest, load
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

JANUARY, MARCH = Wave(2025, 1), Wave(2025, 3)
N_HOUSEHOLDS = 400
QUICK = {"TRAIN_K_MIN": "2", "TRAIN_K_MAX": "2", "TRAIN_BOOTSTRAPS": "2", "TRAIN_N_INIT": "2"}


@pytest.fixture
def catalogue(mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Households that tell a number, grades in figures and in words, yes or no and a category."""
    for name, value in (QUICK | {"MLFLOW_TRACKING_URI": mlflow_uri}).items():
        monkeypatch.setenv(name, value)
    return load_catalogue(in_a_file_of_its_own(mixed_catalogue(), tmp_path / "households.yaml"))


def surveyed(catalogue: Catalogue, wave: Wave, folder: Path) -> pd.DataFrame:
    """Return a synthetic wave as it is read from the file of a survey; in March half of all households went abroad."""
    units = make_wave(catalogue, N_HOUSEHOLDS, 0.5, wave.month, wave, labelled=False)
    if wave == MARCH:
        units = units.assign(region=units["region"].mask(units.index % 2 == 0, "abroad"))
    path = folder / f"{wave}.csv"
    write_survey_file(units, catalogue, path)
    return read_survey_file(path, catalogue)


def asked(catalogue: Catalogue, mlflow_uri: str, version: str, units: pd.DataFrame) -> list[int]:
    """Return the labels that `/predict` gives the units by the version in production, which is this one."""
    reader = RegistryReader(mlflow_uri, catalogue.registered_model)
    holder = ModelHolder(reader, lambda served: Labeller(served, catalogue, 1_000, 10**6), 5)
    holder.refresh()
    rows = json.loads(units[list(catalogue.feature_names)].to_json(orient="records"))
    response = create_app(ServiceSettings(), serving(catalogue, holder)).test_client().post("/predict", json=rows)
    assert response.status_code == 200, response.text
    told = json.loads(response.data)
    assert told["model_version"] == version
    labels: list[int] = told["labels"]
    return labels


def test_a_category_that_drifts_is_found_retrained_judged_reported_and_served(
    catalogue: Catalogue, engine: Engine, mlflow_uri: str, telegram: FakeTelegram, tmp_path: Path
) -> None:
    table, registry = UnitTable(catalogue), ModelRegistry(mlflow_uri, catalogue)
    with transaction(engine) as connection:
        table.create(connection)
    for wave in (JANUARY, MARCH):
        assert ingest(engine, table, surveyed(catalogue, wave, tmp_path)).inserted == N_HOUSEHOLDS
    registry.ensure_catalogue_in_production()
    variables: dict[str, Any] = {"reference_wave": str(JANUARY), "current_wave": str(MARCH)}

    found = execute(variables | {"segmentation": str(tmp_path / "households.yaml"), "execution_partition": "mixed"})

    verdict, candidate = found["verdict"], found["candidate"]
    assert (verdict["status"], set(verdict["drifted_columns"]) >= {"region"}) == ("drift", True)
    assert (candidate["k"], candidate["promotable"], found["promotion"]["promoted"]) == (2, True, False)
    said = "Region is abroad for 50% of households of the same segment; it was 0% before."
    assert said in "".join(message.text for message in telegram.messages)  # a picture goes before a long text
    page = MlflowClient(mlflow_uri).download_artifacts(verdict["mlflow_run_id"], REPORT_FILE, str(tmp_path))
    assert said.removesuffix(".") in Path(page).read_text(encoding="utf-8")

    Decisions(registry, engine).promote(candidate["version"], "Ada", "the firm now sells abroad")
    march = load(engine, table, MARCH)
    model = registry.load(candidate["version"])
    expected = model.label(answer_matrix(march, catalogue.features)).tolist()
    assert set(expected) == {1, 2}
    assert asked(catalogue, mlflow_uri, candidate["version"], march) == expected
