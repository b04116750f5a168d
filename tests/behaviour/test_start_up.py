"""Small commands start soon: a real run imports neither MLflow nor what trains and draws."""

from pathlib import Path

import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.core import PostgresSettings
from dtc_data.surveys import write_survey_file
from dtc_data.synthetic import make_wave
from dtc_model.registry import ModelRegistry
from dtc_stack.settings import PROJECT_FOLDER
from fakes.catalogues import in_a_file_of_its_own
from fakes.imports import imported_by

pytestmark = pytest.mark.integration

OF_TABLES = {"pandas", "sqlalchemy"}
INGEST = str(PROJECT_FOLDER / "00_create_data" / "ingest.py")


@pytest.fixture
def environment(
    customer_database: PostgresSettings, mlflow_uri: str, catalogue: Catalogue, tmp_path: Path
) -> dict[str, str]:
    """The settings of a database, of a registry with version 1, and a segmentation with a wave in a file."""
    path = in_a_file_of_its_own(catalogue, tmp_path / "own.yaml")
    own = load_catalogue(path)
    write_survey_file(make_wave(own, 60, 2.0, 1, Wave(2025, 1), labelled=False), own, tmp_path / "wave.csv")
    ModelRegistry(mlflow_uri, own).ensure_catalogue_in_production()
    settings = {
        f"POSTGRES_{name.upper()}": value.get_secret_value() if name == "password" else str(value)
        for name, value in customer_database.model_dump().items()
    }
    return settings | {"MLFLOW_TRACKING_URI": mlflow_uri, "SEGMENTATION": str(path), "CATALOGUE_FOLDER": str(tmp_path)}


def test_what_people_type_on_a_monday_needs_no_training(environment: dict[str, str], tmp_path: Path) -> None:
    def run(*command: str) -> tuple[set[str], str]:
        return imported_by(*command, environment=environment, folder=tmp_path)

    imported, said = run(INGEST, "wave.csv")
    assert (imported, "60 respondents inserted" in said) == (OF_TABLES, True)
    imported, said = run("dtc_service", "label", "2025-01")
    assert (imported, "60 of 60 respondents labelled" in " ".join(said.split())) == (OF_TABLES, True)
    imported, said = run("dtc_model", "versions")
    assert imported <= OF_TABLES
    assert "production" in said
    imported, said = run("dtc_model", "init")
    assert (imported, said) == (set(), "1\n")
    imported, said = run("dtc_monitoring", "history")
    assert imported <= OF_TABLES
    assert "2025-01" in said
    imported, said = run("dtc_monitoring", "segmentations")
    assert imported <= OF_TABLES
    assert "2025-01" in said
