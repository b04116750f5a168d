"""Features may be called what columns of ours are called elsewhere: such a survey goes all the way like any other."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.catalogue import answer_matrix
from dtc_data.surveys import read_survey_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from dtc_service.commands import main as service
from fakes.catalogues import in_a_file_of_its_own
from fakes.run_execution import execute
from fakes.telegram import FakeTelegram
from fakes.units import ingest, load
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment", "telegram")]

NAMES = (
    *("wave", "fit", "runner_up", "margin", "status", "distance", "label", "labels", "probability", "percentile"),
    *("segment_name", "persona_name", "version", "position", "weight", "unit", "reference", "current", "month"),
    *(
        "id",
        "oid",
        "row",
        "row_number",
        "index",
        "level_0",
        "rank",
        "kept",
        "n",
        "count",
        "mean",
        "key",
        "value",
        "name",
    ),
    *("file", "line", "digest", "below", "total", "state", "answers", "features", "second", "variable", "target"),
)
"""What results, frames, temporary tables and statements of ours call something."""
QUICK = {"TRAIN_K_MIN": "2", "TRAIN_K_MAX": "2", "TRAIN_BOOTSTRAPS": "1", "TRAIN_N_INIT": "1"}
JANUARY, MARCH = Wave(2025, 1), Wave(2025, 3)
N_UNITS = 120


@pytest.fixture
def path(mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalogue's file; it is the segmentation of all commands."""
    catalogue = Catalogue.model_validate(
        {
            "name": "names",
            "registered_model": "names",
            "features": [{"name": name} for name in NAMES],
            "personas": [
                {"id": number, "name": f"Persona {number}", "centroid": [float(number)] * len(NAMES)}
                for number in (1, 4)
            ],
        }
    )
    path = in_a_file_of_its_own(catalogue, tmp_path / "names.yaml")
    for name, value in (QUICK | {"MLFLOW_TRACKING_URI": mlflow_uri, "SEGMENTATION": str(path)}).items():
        monkeypatch.setenv(name, value)
    return path


def surveyed(catalogue: Catalogue, wave: Wave, folder: Path, shift: float) -> pd.DataFrame:
    """Return a synthetic wave as it is read from the file of a survey."""
    units = make_wave(catalogue, N_UNITS, 1.0, wave.month, wave, labelled=False)
    units[list(NAMES)] += shift
    write_survey_file(units, catalogue, folder / f"{wave}.csv")
    return read_survey_file(folder / f"{wave}.csv", catalogue)


def test_such_a_survey_is_ingested_checked_retrained_labelled_and_exported(
    path: Path, engine: Engine, mlflow_uri: str, telegram: FakeTelegram, tmp_path: Path
) -> None:
    catalogue = load_catalogue(path)
    table, registry = UnitTable(catalogue), ModelRegistry(mlflow_uri, catalogue)
    with transaction(engine) as connection:
        table.create(connection)
    for wave, shift in ((JANUARY, 0.0), (MARCH, 1.0)):
        assert ingest(engine, table, surveyed(catalogue, wave, tmp_path, shift)).inserted == N_UNITS
    registry.ensure_catalogue_in_production()
    variables: dict[str, Any] = {"reference_wave": str(JANUARY), "current_wave": str(MARCH)}

    found = execute(variables | {"segmentation": str(path), "execution_partition": "names"})

    assert (found["verdict"]["status"], set(found["verdict"]["drifted_columns"])) == ("drift", set(NAMES))
    assert found["told"]["status"] == "sent"
    assert any("wave" in message.text for message in telegram.messages)

    version = registry.production_version()
    labelled = CliRunner().invoke(service, ["label", str(MARCH)])
    assert labelled.exit_code == 0, labelled.output
    march = load(engine, table, MARCH)
    expected = registry.load(version).label(answer_matrix(march, catalogue.features)).tolist()
    assert march["segment"].tolist() == expected

    for command in (["label-file", str(tmp_path / f"{MARCH}.csv")], ["export", str(MARCH)]):
        out = tmp_path / f"{command[0]}.csv"
        done = CliRunner().invoke(service, [*command, str(out)])
        assert done.exit_code == 0, done.output
        written = pd.read_csv(out)
        assert len(written) == N_UNITS
        for name in NAMES:
            assert written[name].tolist() == pytest.approx(march[name].tolist()), (command[0], name)
    rows = json.loads(march[list(NAMES)].head(3).to_json(orient="records"))
    assert registry.load(version).label(answer_matrix(pd.DataFrame(rows), catalogue.features)).tolist() == expected[:3]
