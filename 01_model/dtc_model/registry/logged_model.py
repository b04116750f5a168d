"""Logs a persona model to MLflow: a JSON document, the code that reads it, and no pickle."""

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import mlflow.pyfunc
import pandas as pd
from dtc_data.catalogue import answer_columns
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput
from mlflow.models import Model
from mlflow.models.signature import ModelSignature
from mlflow.types import ColSpec, Schema

from dtc_model.registry.registry_reader import CATALOGUE_PATH, DOCUMENT_PATH
from dtc_model.rule import SegmentModel

_REQUIREMENTS: Final = ("lazy-loader", "mlflow", "numpy", "pandas", "pydantic", "pyyaml")
"""What a process needs to load the model; the exact versions installed here are recorded with it."""


def log_segment_model(
    client: MlflowClient,
    experiment_id: str,
    model: SegmentModel,
    run_id: str | None = None,
    catalogue: Mapping[str, Any] | None = None,
) -> str:
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
    catalogue : mapping, optional
        The catalogue that it was made from, in plain JSON types; kept beside the model.
    """
    logged = client.create_logged_model(experiment_id, "persona_model", run_id, tags=dict(model.provenance))
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        metadata = Model(artifact_path=logged.artifact_location, model_id=logged.model_id, run_id=run_id)
        _save(model, catalogue, saved, metadata)
        client.log_model_artifacts(logged.model_id, str(saved))
    client.finalize_logged_model(logged.model_id, "READY")
    if run_id is not None:
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return str(logged.model_id)


def _save(model: SegmentModel, catalogue: Mapping[str, Any] | None, path: Path, metadata: Model) -> None:
    features = model.encoder.features
    document = path.parent / Path(DOCUMENT_PATH).name
    document.write_text(model.to_json(), encoding="utf-8")
    artifacts = {"persona_model": str(document)}
    if catalogue is not None:
        kept = path.parent / Path(CATALOGUE_PATH).name
        kept.write_text(json.dumps(catalogue, ensure_ascii=False), encoding="utf-8")
        artifacts["catalogue"] = str(kept)
    # Whole packages: parts of them would hide the rest from a process that loads the model and then imports ours.
    with as_file(files("dtc_model")) as own_package, as_file(files("dtc_data")) as data_package, quiet_mlflow():
        mlflow.pyfunc.save_model(
            str(path),
            mlflow_model=metadata,
            python_model=str(own_package / "registry" / "pyfunc_code.py"),
            code_paths=[str(own_package), str(data_package)],
            artifacts=artifacts,
            # No schema for what comes in: MLflow's refuses whole numbers for doubles, and arrays where columns have names.
            # The code checks the features itself.
            signature=ModelSignature(outputs=Schema([ColSpec("long")])),
            input_example=pd.DataFrame(answer_columns(model.typical_answers, features)),
            pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
        )


@contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Hold back MLflow's remarks, such as that pip is not installed here; its errors are raised."""
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
