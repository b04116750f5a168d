"""Logs a persona model to MLflow: a JSON document, the code that reads it, and no pickle."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import mlflow.pyfunc
import pandas as pd
from dtc_data.catalogue import answer_columns
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput
from mlflow.models import Model
from mlflow.models.signature import ModelSignature
from mlflow.types import ColSpec, Schema

from dtc_model.registry.registry_reader import DOCUMENT_PATH
from dtc_model.rule import SegmentModel

_REQUIREMENTS: Final = ("lazy-loader", "mlflow", "numpy", "pandas", "pydantic", "pyyaml")
"""What a process needs to load the model; the exact versions installed here are recorded with it."""


def log_segment_model(client: MlflowClient, experiment_id: str, model: SegmentModel, run_id: str | None = None) -> str:
    """Log a model under an experiment and give its MLflow model id.

    Parameters
    ----------
    client : MlflowClient
        A client with its own address; MLflow's global one is neither read nor set.
    experiment_id : str
        Where the model lives.
    model : SegmentModel
        Its provenance becomes the logged model's tags.
    run_id : str, optional
        The run that trained it.
    """
    logged = client.create_logged_model(experiment_id, "persona_model", run_id, tags=dict(model.provenance))
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        _save(model, saved, Model(artifact_path=logged.artifact_location, model_id=logged.model_id, run_id=run_id))
        client.log_model_artifacts(logged.model_id, str(saved))
    client.finalize_logged_model(logged.model_id, "READY")
    if run_id is not None:
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return str(logged.model_id)


def _save(model: SegmentModel, path: Path, metadata: Model) -> None:
    features = model.encoder.features
    columns = [ColSpec("string" if feature.in_words else "double", feature.name) for feature in features]
    document = path.parent / Path(DOCUMENT_PATH).name
    document.write_text(model.to_json(), encoding="utf-8")
    # Whole packages: parts of them would hide the rest from a process that loads the model and then imports ours.
    with as_file(files("dtc_model")) as own_package, as_file(files("dtc_data")) as data_package, _quiet_mlflow():
        mlflow.pyfunc.save_model(
            str(path),
            mlflow_model=metadata,
            python_model=str(own_package / "registry" / "pyfunc_code.py"),
            code_paths=[str(own_package), str(data_package)],
            artifacts={"persona_model": str(document)},
            signature=ModelSignature(Schema(columns), Schema([ColSpec("long")])),
            input_example=pd.DataFrame(answer_columns(model.typical_answers, features)),
            pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
        )


@contextmanager
def _quiet_mlflow() -> Iterator[None]:
    """Hold back MLflow's remarks, such as that pip is not installed here; its errors are raised."""
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
