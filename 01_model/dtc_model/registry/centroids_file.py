"""The centroids of one k, as an artifact of its MLflow run: written by training, read when the k is registered."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from mlflow import MlflowClient

from dtc_model.discovery import SweepEntry
from dtc_model.errors import ModelBrokenError
from dtc_model.rule import FloatArray

CENTROIDS_FILE: Final = "centroids.json"


def write_centroids(client: MlflowClient, run_id: str, feature_names: Sequence[str], entry: SweepEntry) -> None:
    """Log the centroids ``(k, n_features)`` in the unit of the answers, with stability and share of each cluster."""
    document = {
        "features": list(feature_names),
        "centroids": entry.centroids.tolist(),
        "stabilities": entry.stabilities.tolist(),
        "shares": entry.shares.tolist(),
    }
    client.log_dict(run_id, document, CENTROIDS_FILE)


def read_centroids(client: MlflowClient, run_id: str, feature_names: Sequence[str]) -> FloatArray:
    """Give the centroids that a run logged, ``(k, n_features)`` in the unit of the answers.

    Raises
    ------
    ModelBrokenError
        If the run was made with other features.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(run_id, CENTROIDS_FILE, folder)
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    if document["features"] != list(feature_names):
        raise ModelBrokenError(f"run {run_id} was trained on other features than the catalogue has: train again")
    return np.array(document["centroids"])
