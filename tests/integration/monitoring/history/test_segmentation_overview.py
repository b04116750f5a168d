"""`make segmentations`: what there is of each, and what cannot be reached said instead of failing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from dtc_monitoring.checks.drift_check import DriftCheck
from dtc_monitoring.checks.stored_checks import record_check
from dtc_monitoring.commands import main
from dtc_monitoring.verdict import DriftVerdict
from fakes.catalogues import under_a_name_of_its_own
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

STABLE = DriftVerdict("stable", 0.0, 0.5, (), 90, 100, 0.05)


@pytest.fixture
def stores(tmp_path: Path, small_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A segmentation beside a default one of which there is nothing but the catalogue, and a broken one."""
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))
    monkeypatch.setenv("SEGMENTATION", "dtc_personas")
    monkeypatch.chdir(tmp_path)
    own = under_a_name_of_its_own(small_catalogue)
    for name, catalogue in (("dtc_personas", under_a_name_of_its_own(small_catalogue)), ("stores", own)):
        named = catalogue.model_copy(update={"unit_table": name})
        (tmp_path / f"{name}.yaml").write_text(named.model_dump_json())
    (tmp_path / "broken.yaml").write_text("name: [")
    return own.model_copy(update={"unit_table": "stores"})


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["segmentations", *arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.usefixtures("database_in_environment")
def test_each_is_listed_with_table_model_waves_version_and_last_verdict(
    stores: Catalogue, engine: Engine, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    ModelRegistry(mlflow_uri, stores).ensure_catalogue_in_production()
    table = UnitTable(stores)
    with transaction(engine) as connection:
        table.create(connection)
        for month in (1, 2, 3):
            table.ingest(connection, make_wave(stores, 20, 0.3, month, Wave(2025, month)))
        for month, day in ((3, 1), (2, 2)):
            at = datetime(2025, 4, day, tzinfo=UTC)
            check = DriftCheck(
                f"run {month}", stores.registered_model, Wave(2025, 1), Wave(2025, month), at, "m", "u", STABLE
            )
            record_check(connection, check)
    found = json.loads(run("--json").output)
    default, ours = found["segmentations"]
    assert ours == {
        "name": "stores",
        "title": "small",
        "default": False,
        "table": "stores",
        "model": stores.registered_model,
        "waves": ["2025-01", "2025-02", "2025-03"],
        "version": "1",
        "last_verdict": {"wave": "2025-02", "status": "stable"},
    }
    assert (default["name"], default["default"], default["waves"], default["version"]) == (
        "dtc_personas",
        True,
        None,
        None,
    )
    assert default["last_verdict"] is None
    assert found["unreachable"] == {}
    shown = run().output
    for part in ("dtc_personas (default)", "3: 2025-01 to 2025-03", "No drift in 2025-02", "broken cannot be used: "):
        assert part in shown


def test_what_cannot_be_reached_is_said_and_nothing_fails(stores: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    login = {"USER": "dtc", "PASSWORD": "x", "DBNAME": "dtc", "HOST": "127.0.0.1", "PORT": "9"}
    for name, value in login.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    shown = run().output
    assert stores.registered_model in shown
    assert "? The database cannot be asked: Postgres at 127.0.0.1:9" in shown
    assert "? The registry cannot be asked: the MLflow server at http://127.0.0.1:9" in shown
