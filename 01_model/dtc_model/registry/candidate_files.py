"""What training leaves for the registry as artifacts of an MLflow run: the centroids of one k, and the candidate's reference."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from dtc_data.catalogue import Catalogue
from mlflow import MlflowClient

from dtc_model.discovery import SweepEntry
from dtc_model.errors import ModelBrokenError
from dtc_model.rule import Encoder, FloatArray, Reference, ReferenceEntry, typical_in_words

CENTROIDS_FILE: Final = "centroids.json"


def write_centroids(client: MlflowClient, run_id: str, catalogue: Catalogue, entry: SweepEntry) -> None:
    """Log the centroids ``(k, n_columns)`` in the unit of the answers, with stability and share of each cluster.

    For people it says in words what is typical of features that are answered in words.
    """
    encoder = Encoder.of_catalogue(catalogue)
    document = {
        "features": list(catalogue.feature_names),
        "columns": list(encoder.column_names),
        "typical": [typical_in_words(encoder, centroid) for centroid in entry.centroids.tolist()],
        "centroids": entry.centroids.tolist(),
        "stabilities": entry.stabilities.tolist(),
        "shares": entry.shares.tolist(),
        **({} if entry.spreads is None else {"spreads": entry.spreads.tolist()}),
    }
    client.log_dict(run_id, document, CENTROIDS_FILE)


def read_clusters(client: MlflowClient, run_id: str, feature_names: Sequence[str]) -> dict[str, FloatArray]:
    """Return the ``centroids`` that a run logged, ``(k, n_columns)`` in the unit of the answers, with their ``shares`` and `spreads`.

    Older runs logged no shares, and only mixtures have spreads.

    Raises
    ------
    ModelBrokenError
        If the run was made with other features.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(run_id, CENTROIDS_FILE, folder)
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    if document["features"] != list(feature_names):
        raise ModelBrokenError(f"run {run_id} was trained on other features than the catalogue has: retrain")
    parts = ("centroids", "shares", "spreads")
    return {name: np.array(document[name]) for name in parts if name in document}


REFERENCE_FILE: Final = "reference.json"


def write_reference(client: MlflowClient, run_id: str, reference: Reference | None) -> None:
    """Log a reference, if there is one."""
    if reference is not None:
        client.log_dict(run_id, reference.to_entry().model_dump(), REFERENCE_FILE)


def read_reference(client: MlflowClient, run_id: str) -> Reference | None:
    """Return the reference that a run logged; None for a run that logged none, as older ones did."""
    if REFERENCE_FILE not in {file.path for file in client.list_artifacts(run_id)}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(run_id, REFERENCE_FILE, folder)
        return Reference.from_entry(ReferenceEntry.model_validate(json.loads(Path(path).read_text(encoding="utf-8"))))
