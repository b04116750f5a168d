"""What the tests of the model room share; every test has a registered model of its own on the shared server."""

import uuid
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_model.distances import FloatArray
from dtc_model.registry import ModelRegistry
from dtc_model.settings import TrainingSettings
from dtc_model.tracking import train_models
from mlflow import MlflowClient
from sklearn.datasets import make_blobs

Train = Callable[..., dict[str, Any]]


@pytest.fixture
def own_catalogue(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue under a name that no other test uses."""
    return catalogue.model_copy(update={"registered_model": f"personas_{uuid.uuid4().hex[:8]}"})


@pytest.fixture
def registry(mlflow_uri: str, own_catalogue: Catalogue) -> ModelRegistry:
    """The registry of that catalogue, still empty."""
    return ModelRegistry(mlflow_uri, own_catalogue)


@pytest.fixture
def client(mlflow_uri: str) -> MlflowClient:
    """A plain MLflow client, to look at what there is."""
    return MlflowClient(mlflow_uri, registry_uri=mlflow_uri)


@pytest.fixture
def train(mlflow_uri: str, own_catalogue: Catalogue) -> Train:
    """Train on a wave made around some centroids."""

    def run(
        centroids: FloatArray = own_catalogue.centroids, std: float = 3.1, seed: int = 5977, **options: Any
    ) -> dict[str, Any]:
        answers, _ = make_blobs(500, centers=centroids, cluster_std=std, random_state=seed)
        frame = pd.DataFrame(answers, columns=list(own_catalogue.feature_names))
        settings = TrainingSettings(k_min=2, k_max=options.pop("k_max", 4), seed=42, n_init=10)
        given: dict[str, Any] = {"wave": "2025-03", "settings": settings, "report_progress": lambda _: None} | options
        return train_models(frame, own_catalogue, tracking_uri=mlflow_uri, **given)

    return run
