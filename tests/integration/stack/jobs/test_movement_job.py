"""`make movement`: from labels and transactions to a table, a picture and a run in MLflow."""

from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.catalogue import Segmentation, load_catalogue
from dtc_data.core import SettingsError, UnitTableError
from dtc_data.synthetic import write_planted_transactions
from dtc_data.tables import UnitTable, transaction
from dtc_data.transactions import ingest_transactions, make_customer_waves
from dtc_model.recipes import customers_to_segment
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_model.training import find_segments
from dtc_service.batch import label_wave
from dtc_stack.jobs import keep_movement, movement_between
from fakes.catalogues import SHIPPED_CATALOGUE
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

MAY, JUNE, JULY = Wave(2024, 5), Wave(2024, 6), Wave(2024, 7)


@pytest.fixture
def segmentation(tmp_path: Path, engine: Engine, mlflow_uri: str) -> Segmentation:
    """Segments of a planted shop's customers, in production; June and July are in their table."""
    write_planted_transactions(tmp_path / "shop.parquet", 300, Wave(2023, 12), 9, seed=1, problems=False)
    ingest_transactions(engine, tmp_path / "shop.parquet")
    make_customer_waves(engine, JUNE, JUNE)
    recipe = customers_to_segment(engine, JUNE)
    found = find_segments(recipe, tmp_path.name, tracking_uri=mlflow_uri, k=4, encodings=["quantile"], n_bootstraps=1)
    path = tmp_path / f"{tmp_path.name}.yaml"
    path.write_text(found.catalogue)
    made = Segmentation(path.stem, path, load_catalogue(path), is_listed=False)
    make_customer_waves(engine, JUNE, JULY, catalogue=made.catalogue)
    ModelRegistry.of(mlflow_uri, made).ensure_catalogue_in_production()
    return made


def test_labels_and_lines_become_movement(
    tmp_path: Path, engine: Engine, mlflow_uri: str, segmentation: Segmentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    with pytest.raises(UnitTableError, match=r"wave 2024-06: nobody has a label yet: make label SEGMENTATION="):
        movement_between(segmentation, engine, mlflow_uri, JUNE, JULY)
    served = RegistryReader(mlflow_uri, segmentation.catalogue.registered_model).fetch("1")
    for wave in (JUNE, JULY):
        with transaction(engine) as connection:
            label_wave(connection, UnitTable(segmentation.catalogue), wave, served)

    (movement,) = movement_between(segmentation, engine, mlflow_uri, JUNE, JULY)
    files = keep_movement([movement], segmentation, tmp_path / "movement")

    assert movement.changed_by_model == 0
    assert movement.versions == ("1", "1")
    told = movement.to_dict()
    assert {"aged", "bought"} <= set(told["causes"])
    assert 0 < told["changed_share"] < 0.6
    assert pd.read_csv(files.table)["units"].sum() == len(movement.moves)
    assert files.picture.read_bytes().startswith(b"\x89PNG")
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name(f"{segmentation.catalogue.registered_model} movement")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics["changed_share"] == pytest.approx(told["changed_share"])
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {
        "movement.csv",
        "movement.json",
        "movement.png",
    }


def test_what_cannot_be_told_is_refused(engine: Engine, mlflow_uri: str) -> None:
    personas = Segmentation("dtc_personas", SHIPPED_CATALOGUE, load_catalogue(SHIPPED_CATALOGUE), is_listed=True)
    with pytest.raises(SettingsError, match="neither of customers by their transactions nor of stores"):
        movement_between(personas, engine, mlflow_uri, JUNE, JULY)
