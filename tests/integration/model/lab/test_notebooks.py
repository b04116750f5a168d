"""The notebooks of the Lab, run as scripts on a real database and registry."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.decisions import Decisions
from dtc_model.lab import Bench
from dtc_model.registry import ModelRegistry
from dtc_stack.settings import PROJECT_FOLDER
from fakes.catalogues import in_a_file_of_its_own
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

NOTEBOOKS = PROJECT_FOLDER / "01_model" / "lab"
WAVES = (Wave(2025, 1), Wave(2025, 2))
N_UNITS = 150

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def lab_catalogue(
    catalogue: Catalogue, tmp_path: Path, engine: Engine, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """A segmentation of its own with two waves, its catalogue in production, and the settings that the Lab hands on."""
    path = in_a_file_of_its_own(catalogue, tmp_path / "own.yaml")
    own = load_catalogue(path)
    with transaction(engine) as connection:
        table = UnitTable(own)
        table.create(connection)
        for number, wave in enumerate(WAVES):
            table.ingest(connection, make_wave(own, N_UNITS, 2.0, 42 + number, wave))
    ModelRegistry(mlflow_uri, own).ensure_catalogue_in_production()
    for name, value in {"SEGMENTATION": str(path), "MLFLOW_TRACKING_URI": mlflow_uri, "TRAIN_BOOTSTRAPS": "2"}.items():
        monkeypatch.setenv(name, value)
    return own


@pytest.fixture
def run(lab_catalogue: Catalogue) -> Run:
    """Run a notebook as a script and give what it holds at its end."""
    assert lab_catalogue.segments
    return lambda name: runpy.run_path(str(NOTEBOOKS / f"{name}.py"))


def test_every_notebook_is_run_here() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.py")} == {"explore_waves", "tune_density", "try_a_method"}
    assert not list(NOTEBOOKS.glob("*.ipynb"))


def test_the_waves_of_a_segmentation_are_explored(run: Run, lab_catalogue: Catalogue) -> None:
    found = run("explore_waves")
    shares, means = found["shares"], found["means"]
    assert shares.index.tolist() == means.index.tolist() == ["2025-01", "2025-02"]
    assert shares["units"].tolist() == [N_UNITS, N_UNITS]
    assert shares[list(lab_catalogue.segment_names)].sum(axis=1).tolist() == pytest.approx([1, 1])
    assert means.columns.tolist() == list(lab_catalogue.feature_names)
    assert found["bench"].units(WAVES[0]).shape == (N_UNITS, len(lab_catalogue.features))


def test_a_grid_is_tuned_and_kept_with_its_picture(run: Run, mlflow_uri: str) -> None:
    found = run("tune_density")
    grid: pd.DataFrame = found["grid"]
    assert len(grid) == 3 * 3 * 2 * 2
    assert {"dbcv", "silhouette", "share_without", "k"} <= set(grid.columns)
    client = MlflowClient(mlflow_uri)
    files = {file.path for file in client.list_artifacts(found["run_id"], "grid")}
    assert files == {"grid/grid.csv", "grid/grid.png"}
    assert client.get_run(found["run_id"]).data.params["points"] == "36"
    assert set(found["found"].figures["method"]) >= {"kmeans", "mixture", "famd_kmeans"}


def test_a_method_becomes_a_candidate_that_the_gate_judges_and_a_person_decides_on(
    run: Run, lab_catalogue: Catalogue, mlflow_uri: str, engine: Engine
) -> None:
    outcome = run("try_a_method")["outcome"]
    assert outcome["version"] == "2"
    assert outcome["findings"]
    assert (outcome["promoted"], outcome["production_version"]) == (False, "1")
    registry = ModelRegistry(mlflow_uri, lab_catalogue)
    kept = registry.version("2")
    assert kept["verdict"] == "tried in the lab, by ward"
    assert kept["findings"] == outcome["findings"]
    run_of_sweep = MlflowClient(mlflow_uri).get_run(kept["sweep_run_id"])
    assert run_of_sweep.data.tags["method"] == "ward"
    decided = Decisions(registry, engine).promote("2", "Ada", "looks right")
    assert decided.production_version == "2"


def test_a_candidate_of_the_lab_waits_even_if_nothing_speaks_against_it(
    lab_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lab_catalogue.segments
    monkeypatch.setenv("PROMOTION", "auto")
    bench = Bench.open()
    production = bench.production()

    def as_production(scaled: Any, _seed: int) -> Any:
        nearest = [((scaled - centroid) ** 2).sum(axis=1) for centroid in production.coordinates]
        return pd.DataFrame(nearest).to_numpy().argmin(axis=0)

    outcome = bench.try_method(as_production, *WAVES)
    assert outcome["gate_passed"]
    assert outcome["decision"] == "waits_for_approval"
    assert outcome["reason"] == ("the gate found nothing against it; it was tried in the lab, so a person must decide")


SHOPS = {
    "name": "Shops",
    "unit_table": "shops_of_the_lab",
    "registered_model": "shops_of_the_lab",
    "rule": "mixture",
    "features": [
        {"name": "basket"},
        {"name": "visits"},
        {"name": "place", "type": "category", "values": ["centre", "road"], "shares": [0.5, 0.5]},
    ],
    "segments": [
        {"id": 4, "name": "Corner", "share": 0.5, "centroid": [12, 40, {"centre": 0.9, "road": 0.1}]},
        {"id": 2, "name": "Market", "share": 0.5, "centroid": [45, 8, {"centre": 0.2, "road": 0.8}]},
    ],
}


def test_where_the_rule_is_a_mixture_a_method_becomes_a_candidate_too(
    engine: Engine, mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = in_a_file_of_its_own(Catalogue.model_validate(SHOPS), tmp_path / "shops.yaml")
    own = load_catalogue(path)
    with transaction(engine) as connection:
        table = UnitTable(own)
        table.create(connection)
        for number, wave in enumerate(WAVES):
            table.ingest(connection, make_wave(own, N_UNITS, 3.0, 42 + number, wave))
    ModelRegistry(mlflow_uri, own).ensure_catalogue_in_production()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    bench = Bench.open(str(path))

    def by_basket(scaled: Any, _seed: int) -> Any:
        return (scaled[:, 0] > 28).astype(int)

    outcome = bench.try_method(by_basket, *WAVES)
    assert (outcome["version"], outcome["promoted"]) == ("2", False)
    assert outcome["findings"]
    registered = bench.registry.load("2")
    assert (registered.kind, registered.segment_ids) == ("mixture", (4, 2))
    assert bench.shares()[["Corner", "Market"]].sum(axis=1).tolist() == pytest.approx([1, 1])
