"""The reference of a sweep's candidate, as an artifact of its MLflow run: written by training, read when registered."""

import json
import tempfile
from pathlib import Path
from typing import Final

from mlflow import MlflowClient

from dtc_model.rule import Reference, ReferenceEntry

REFERENCE_FILE: Final = "reference.json"


def write_reference(client: MlflowClient, run_id: str, reference: Reference | None) -> None:
    """Log a reference, if there is one."""
    if reference is not None:
        client.log_dict(run_id, reference.to_entry().model_dump(), REFERENCE_FILE)


def read_reference(client: MlflowClient, run_id: str) -> Reference | None:
    """Give the reference that a run logged; None for a run that logged none, as older ones did."""
    if REFERENCE_FILE not in {file.path for file in client.list_artifacts(run_id)}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(run_id, REFERENCE_FILE, folder)
        return Reference.from_entry(ReferenceEntry.model_validate(json.loads(Path(path).read_text(encoding="utf-8"))))
