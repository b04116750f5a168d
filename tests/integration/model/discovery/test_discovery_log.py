import uuid
from pathlib import Path

import pandas as pd
import pytest
from dtc_model.discovery import PlantedMixture, discover
from dtc_model.rule import MixtureModel
from dtc_model.training import log_discovery
from mlflow import MlflowClient

pytestmark = pytest.mark.integration

PNG_HEADER = b"\x89PNG"


def test_every_solution_is_a_nested_run_and_the_document_labels_again(mlflow_uri: str, tmp_path: Path) -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=1).draw(120)
    found = discover(features, ["mixture", "famd_kmeans"], n_bootstraps=1)
    name = f"stores {uuid.uuid4().hex[:8]}"
    logged = log_discovery(found, features, segmentation=name, wave="2025-Q1", tracking_uri=mlflow_uri)
    client = MlflowClient(mlflow_uri)
    parent = client.get_run(logged["run_id"])
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["mlflow.note.content"] == found.words
    assert parent.data.metrics["k"] == 6
    assert len(logged["run_ids"]) == len(found.figures)
    for run_id, (_, row) in zip(logged["run_ids"], found.figures.iterrows(), strict=True):
        run = client.get_run(run_id)
        assert run.data.tags["mlflow.parentRunId"] == logged["run_id"]
        assert run.data.tags["proposed"] == str(bool(row["proposed"])).lower()
        assert run.data.params["method"] == row["method"]
        assert run.data.metrics["jaccard_min"] == pytest.approx(row["jaccard_min"])
        assert ("silhouette" in run.data.metrics) == (row["k"] > 1)
    folder = Path(client.download_artifacts(logged["run_id"], "", str(tmp_path)))
    document = MixtureModel.from_json((folder / "discovery" / "document.json").read_text())
    assert document.label(features).tolist() == found.labels.tolist()
    members = pd.read_csv(folder / "discovery" / "members.csv", index_col=0)
    assert members.shape == (120, len(found.figures))
    assert members.index.tolist() == features.index.tolist()
    segments = pd.read_csv(folder / "discovery" / "segments.csv")
    assert segments["units"].sum() == 120
    for picture in ("segments.png", "solutions.png"):
        assert (folder / "pictures" / picture).read_bytes().startswith(PNG_HEADER)


def test_a_discovery_without_segments_is_logged_too(mlflow_uri: str) -> None:
    features, _ = PlantedMixture.plant(seed=1).draw(8)
    found = discover(features)
    name = f"stores {uuid.uuid4().hex[:8]}"
    logged = log_discovery(found, features, segmentation=name, wave="2025-Q1", tracking_uri=mlflow_uri)
    run = MlflowClient(mlflow_uri).get_run(logged["run_id"])
    assert run.data.tags["mlflow.note.content"].startswith("8 units are too few")
    assert logged["run_ids"] == []
