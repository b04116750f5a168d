"""What the tests of the model room share; every test has a registered model of its own on the shared server."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_model.decisions import Decisions, decide
from dtc_model.registry import ModelRegistry
from dtc_model.rule import FloatArray
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from fakes.catalogues import under_a_name_of_its_own
from fakes.waves import JANUARY, MARCH, wave_around
from mlflow import MlflowClient
from sqlalchemy import Engine

Train = Callable[..., dict[str, Any]]
Decide = Callable[..., dict[str, Any]]
Register = Callable[..., str]


@pytest.fixture
def own_catalogue(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue under a name that no other test uses."""
    return under_a_name_of_its_own(catalogue)


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
        frame = wave_around(own_catalogue, centroids, std, seed)
        settings = TrainingSettings(k_max=options.pop("k_max", 4), k=options.pop("k", None))
        given: dict[str, Any] = {"wave": "2025-03", "settings": settings, "report_progress": lambda _: None} | options
        return train_models(frame, own_catalogue, tracking_uri=mlflow_uri, **given)

    return run


@pytest.fixture
def decisions(registry: ModelRegistry, engine: Engine) -> Decisions:
    """The decisions on that model, with a database of their own."""
    return Decisions(registry, engine)


@pytest.fixture
def register(registry: ModelRegistry, train: Train) -> Register:
    """Train and register a candidate, and give its version; the catalogue is version 1 in production."""

    def run(**options: Any) -> str:
        registry.ensure_catalogue_in_production()
        waves = {"reference_wave": "2025-01", "current_wave": "2025-03"}
        return str(registry.register_candidate(train(**options), **waves, verdict="drift")["version"])

    return run


@pytest.fixture
def decide_on(decisions: Decisions, own_catalogue: Catalogue) -> Decide:
    """Let the gate judge a version against the original January and March, or another current wave."""

    def run(version: str, current: pd.DataFrame | None = None) -> dict[str, Any]:
        january = wave_around(own_catalogue, own_catalogue.centroids, *JANUARY)
        march = wave_around(own_catalogue, own_catalogue.centroids, *MARCH) if current is None else current
        samples = stack_waves(january, march, own_catalogue, Wave(2025, 1), Wave(2025, 3))
        return decide({"version": version}, samples, decisions)

    return run
