"""Experiments say what they are for, also those that are there already."""

import pytest
from dtc_model.registry import ModelRegistry, find_or_create_experiment, training_experiment
from mlflow import MlflowClient

pytestmark = pytest.mark.integration

KIND, OURS = "mlflow.experimentKind", "custom_model_development"


def test_a_new_experiment_is_one_of_model_development(registry: ModelRegistry, client: MlflowClient) -> None:
    experiment = client.get_experiment(training_experiment(client, registry.catalogue))
    assert experiment.tags[KIND] == OURS
    assert registry.catalogue.name in experiment.tags["mlflow.note.content"]


@pytest.mark.parametrize("guess", ["genai_development_inferred", "no_inferred_type"])
def test_what_mlflow_guessed_is_put_right(registry: ModelRegistry, client: MlflowClient, guess: str) -> None:
    before = client.create_experiment(registry.name, tags={KIND: guess})
    assert training_experiment(client, registry.catalogue) == before
    assert client.get_experiment(before).tags[KIND] == OURS


def test_what_people_wrote_stays(registry: ModelRegistry, client: MlflowClient) -> None:
    written = {KIND: "genai_development", "mlflow.note.content": "ours"}
    before = client.create_experiment(registry.name, tags=written)
    find_or_create_experiment(client, registry.name, "another note")
    assert client.get_experiment(before).tags.items() >= written.items()
