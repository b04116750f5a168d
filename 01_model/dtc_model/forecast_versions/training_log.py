"""A training of forecasts as a run in MLflow: figures, settings, documents, report, and a model that others can load."""

import tempfile
from importlib.metadata import version as installed
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput
from mlflow.models import Model
from mlflow.models.signature import ModelSignature
from mlflow.types import ColSpec, Schema

from dtc_model.forecasts import (
    FORECAST,
    FileTraining,
    ForecastConfig,
    figures_of,
    forecast_report,
    write_forecast_folder,
)
from dtc_model.prediction import ForecastModel
from dtc_model.registry import quiet_mlflow

_REQUIREMENTS: Final = ("lazy-loader", "mlflow", "numpy", "pandas", "pydantic", "pyyaml")


def log_training(
    client: MlflowClient, name: str, training: FileTraining, config: ForecastConfig, run: tuple[str, str]
) -> str:
    """Log figures, settings, documents and the model of a training, and return the id of the logged model.

    ``name`` is what the model is called, and ``run`` the ids of the experiment and the run.
    """
    experiment, run_id = run
    figures = figures_of(training)
    numbers = {name: value for name, value in figures.items() if isinstance(value, float)}
    for figure, value in numbers.items():
        client.log_metric(run_id, figure, value)
    for entry, setting in config.model_dump(mode="json").items():
        client.log_param(run_id, entry, setting)
    for tag, text in training.model.provenance.items():
        client.set_tag(run_id, tag, text)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "forecast"
        write_forecast_folder(training, config, place, {"report.html": forecast_report(training)})
        client.log_artifacts(run_id, str(place))
        logged = client.create_logged_model(experiment, name, run_id, tags=dict(training.model.provenance))
        saved = Path(folder) / "model"
        _save(
            place,
            typical_customer(training.model),
            saved,
            Model(artifact_path=logged.artifact_location, model_id=logged.model_id, run_id=run_id),
        )
        client.log_model_artifacts(logged.model_id, str(saved))
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return str(logged.model_id)


def typical_customer(model: ForecastModel) -> pd.DataFrame:
    """Return one row of what is typical of each feature, as an example of what the forecast takes."""
    return pd.DataFrame({one.name: [np.nan if one.typical is None else one.typical] for one in model.features})


def _save(place: Path, example: pd.DataFrame, saved: Path, metadata: Model) -> None:
    import mlflow.pyfunc  # noqa: PLC0415 - only a training needs it

    # Whole packages: parts of them would hide the rest from a process that loads the model and then imports ours.
    with as_file(files("dtc_model")) as own_package, as_file(files("dtc_data")) as data_package, quiet_mlflow():
        mlflow.pyfunc.save_model(
            str(saved),
            mlflow_model=metadata,
            python_model=str(own_package / "forecasts" / "forecast_pyfunc.py"),
            code_paths=[str(own_package), str(data_package)],
            artifacts={"forecast": str(place / FORECAST)},
            input_example=example,
            signature=ModelSignature(outputs=Schema([ColSpec("double")])),
            pip_requirements=[f"{name}=={installed(name)}" for name in _REQUIREMENTS],
        )
