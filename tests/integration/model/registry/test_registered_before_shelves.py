"""Versions that were registered before the packages had shelves carry the code of that day, and must stay loadable."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_model.rule import SegmentModel
from mlflow import MlflowClient

pytestmark = pytest.mark.integration

LOGGED_THEN = Path(__file__).with_name("registered_before_shelves.zip")
"""The files of a version as MLflow kept them, with both packages as they were then, flat."""

LOAD = """
import json, sys
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
respondents = pandas.DataFrame(json.load(sys.stdin))
print(json.dumps(mlflow.pyfunc.load_model(sys.argv[2]).predict(respondents).tolist()))
"""


@pytest.fixture
def version(registry: ModelRegistry, client: MlflowClient, own_catalogue: Catalogue, tmp_path: Path) -> str:
    """Register those files as a version."""
    with zipfile.ZipFile(LOGGED_THEN) as archive:
        archive.extractall(tmp_path / "model")
    logged = client.create_logged_model(client.create_experiment(own_catalogue.registered_model), "persona_model")
    client.log_model_artifacts(logged.model_id, str(tmp_path / "model"))
    client.finalize_logged_model(logged.model_id, "READY")
    client.create_registered_model(registry.name)
    return str(
        client.create_model_version(registry.name, f"models:/{logged.model_id}", model_id=logged.model_id).version
    )


@pytest.mark.parametrize(
    "imported_before", ["", "import dtc_data, dtc_model", "from dtc_model.persona_model import PersonaModel"]
)
def test_its_pyfunc_labels_as_its_document_says(
    registry: ModelRegistry, version: str, own_catalogue: Catalogue, imported_before: str
) -> None:
    answers = np.random.default_rng(1).uniform(-10, 10, (200, len(own_catalogue.features)))
    respondents = dict(zip(own_catalogue.feature_names, answers.T.tolist(), strict=True))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{imported_before}\n{LOAD}",
            registry.tracking_uri,
            f"models:/{registry.name}/{version}",
        ],
        input=json.dumps(respondents),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    distances = np.linalg.norm(answers[:, None, :] - own_catalogue.centroids, axis=2)
    assert json.loads(done.stdout.splitlines()[-1]) == distances.argmin(axis=1).tolist()


def test_the_service_reads_it_with_its_reference(
    registry: ModelRegistry, version: str, own_catalogue: Catalogue
) -> None:
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        model: SegmentModel = reader.fetch(version).model
    assert np.array_equal(model.centroids, own_catalogue.centroids)
    assert model.segment_names == own_catalogue.segment_names
    assert model.reference is not None
    assert model.reference.wave == "2025-01"
