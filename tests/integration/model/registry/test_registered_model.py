import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.decisions import Decisions
from dtc_model.errors import ModelBrokenError
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_model.registry.registry_reader import DOCUMENT_PATH
from dtc_model.rule import SegmentModel
from dtc_stack.settings import PROJECT_FOLDER
from mlflow import MlflowClient

pytestmark = pytest.mark.integration

LOAD_ELSEWHERE = """
import importlib.util, json, sys
sys.path[:] = [path for path in sys.path if "site-packages" in path or not path.startswith(sys.argv[1])]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
assert importlib.util.find_spec("dtc_model") is None and importlib.util.find_spec("dtc_data") is None
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[2])
model = mlflow.pyfunc.load_model(sys.argv[3])
respondents = pandas.DataFrame(json.load(sys.stdin))
turned = respondents[respondents.columns[::-1]].assign(unit_id="C1")
print(json.dumps([model.predict(respondents).tolist(), model.predict(turned).tolist()]))
"""


def test_any_mlflow_client_can_load_production_without_this_project(
    registry: ModelRegistry,
    register: Callable[..., str],
    decisions: Decisions,
    own_catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    decisions.promote(register(), "Ada", "looked at it")
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        model = reader.fetch("2").model
    labels = model.label
    assert model.reference is not None
    assert (model.reference.wave, round(model.reference.spread, 1)) == ("2025-03", 3.1)  # what it was trained on
    answers = np.random.default_rng(1).uniform(-10, 10, (200, len(own_catalogue.features)))
    units = dict(zip(own_catalogue.feature_names, answers.T.tolist(), strict=True))
    model_uri = f"models:/{registry.name}@production"
    command = [sys.executable, "-c", LOAD_ELSEWHERE, str(PROJECT_FOLDER), registry.tracking_uri, model_uri]
    done = subprocess.run(command, input=json.dumps(units), capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = labels(answers).tolist()
    assert len(set(expected)) == len(own_catalogue.segments)
    assert json.loads(done.stdout.splitlines()[-1]) == [expected, expected]


def test_a_registered_model_holds_its_document_its_code_and_no_pickle(
    registry: ModelRegistry, client: MlflowClient, own_catalogue: Catalogue, tmp_path: Path
) -> None:
    registry.ensure_catalogue_in_production()
    version = client.get_model_version(registry.name, "1")
    logged = client.get_logged_model(version.source.removeprefix("models:/"))
    from mlflow.artifacts import download_artifacts  # noqa: PLC0415 - slow to import

    folder = Path(
        download_artifacts(
            artifact_uri=logged.artifact_location, dst_path=str(tmp_path), tracking_uri=registry.tracking_uri
        )
    )
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"MLmodel", "pyfunc_code.py", "requirements.txt", DOCUMENT_PATH} <= files
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pyc", ".joblib"))]
    document = (folder / DOCUMENT_PATH).read_text(encoding="utf-8")
    assert np.array_equal(SegmentModel.from_json(document).centroids, own_catalogue.centroids)
    requirements = (folder / "requirements.txt").read_text().split()
    assert all("==" in requirement for requirement in requirements)
    assert {"numpy", "pydantic", "mlflow"} <= {requirement.split("==")[0] for requirement in requirements}
    assert "pickle" not in (folder / "MLmodel").read_text().replace("cloudpickle_version", "")


def test_a_version_whose_files_belong_to_a_run_can_be_read(
    registry: ModelRegistry, client: MlflowClient, own_catalogue: Catalogue
) -> None:
    run = client.create_run(client.create_experiment(own_catalogue.registered_model))
    model = SegmentModel.from_catalogue(own_catalogue)
    client.log_text(run.info.run_id, model.to_json(), f"model/{DOCUMENT_PATH}")
    client.create_registered_model(registry.name)
    source = f"{run.info.artifact_uri}/model"
    version = str(client.create_model_version(registry.name, source, run.info.run_id).version)
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        assert reader.fetch(version).model.to_json() == model.to_json()


@pytest.mark.parametrize("text", [None, "", "{}", '{"format": 1}'])
def test_a_version_without_a_sound_document_is_broken(
    registry: ModelRegistry, client: MlflowClient, own_catalogue: Catalogue, text: str | None
) -> None:
    run = client.create_run(client.create_experiment(own_catalogue.registered_model))
    client.log_text(
        run.info.run_id, text or "something else", f"model/{DOCUMENT_PATH if text is not None else 'other'}"
    )
    client.create_registered_model(registry.name)
    client.create_model_version(registry.name, f"{run.info.artifact_uri}/model", run.info.run_id)
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        with pytest.raises(ModelBrokenError, match="version 1 of"):
            reader.fetch("1")
        with pytest.raises(ModelBrokenError, match="version 77 of"):
            reader.fetch("77")
