"""Surveys with few questions or few respondents drift too, and are retrained."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_model.decisions import Decisions, decide
from dtc_model.registry import ModelRegistry
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from fakes.catalogues import under_a_name_of_its_own
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

YES_NO = Catalogue.model_validate(
    {
        "name": "three questions",
        "registered_model": "three_questions",
        "features": [{"name": name, "minimum": 0, "maximum": 1} for name in ("car", "garden", "children")],
        "personas": [
            {"id": 0, "name": "Families", "centroid": [0.9, 0.8, 0.9]},
            {"id": 1, "name": "Town dwellers", "centroid": [0.1, 0.1, 0.2]},
        ],
    }
)
WHAT_IT_SAYS = "the sweep ended at k = 7 instead of k = 10, since the wave holds only 8 distinct sets of answers"


def yes_no_wave(shares: tuple[float, float], n_units: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    likely = np.where(np.arange(n_units)[:, None] % 2, *(np.full(3, share) for share in shares))
    return _frame((random.random((n_units, 3)) < likely).astype(float))


def _frame(answers: Any) -> pd.DataFrame:
    return pd.DataFrame(answers, columns=list(YES_NO.feature_names)).assign(
        customer_id=[f"C{row}" for row in range(len(answers))]
    )


def retrain(reference: pd.DataFrame, current: pd.DataFrame, mlflow_uri: str, engine: Engine) -> dict[str, Any]:
    """Train on the current wave, register and judge, with the settings that nobody has changed."""
    catalogue = under_a_name_of_its_own(YES_NO)
    registry = ModelRegistry(mlflow_uri, catalogue)
    registry.ensure_catalogue_in_production()
    sweep = train_models(current, catalogue, wave="2025-03", tracking_uri=mlflow_uri, settings=TrainingSettings())
    candidate = registry.register_candidate(sweep, reference_wave="2025-01", current_wave="2025-03", verdict="drift")
    samples = stack_waves(reference, current, catalogue, Wave(2025, 1), Wave(2025, 3))
    return decide(candidate, samples, Decisions(registry, engine))


def test_three_yes_or_no_questions_can_be_retrained_and_the_run_says_how_far_the_sweep_went(
    mlflow_uri: str, engine: Engine
) -> None:
    waves = yes_no_wave((0.85, 0.15), 300, 1), yes_no_wave((0.7, 0.3), 300, 2)
    outcome = retrain(*waves, mlflow_uri, engine)
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
    assert (outcome["k"], outcome["sweep_end"]) == (2, WHAT_IT_SAYS)
    run = MlflowClient(mlflow_uri).get_run(outcome["sweep_run_id"])
    assert (run.data.metrics["candidate_k"], run.data.tags["sweep_end"]) == (2, WHAT_IT_SAYS)


def test_nine_respondents_with_two_personas_can_be_retrained(mlflow_uri: str, engine: Engine) -> None:
    answers = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 1, 1]]
    outcome = retrain(yes_no_wave((0.85, 0.15), 300, 1), _frame(np.array(answers, dtype=float)), mlflow_uri, engine)
    assert (outcome["k"], outcome["sweep_end"]) == (2, WHAT_IT_SAYS)
    assert outcome["findings"]


def test_as_many_clusters_as_distinct_answers_are_no_obstacle(mlflow_uri: str, engine: Engine) -> None:
    waves = yes_no_wave((0.85, 0.15), 300, 1), _frame(np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], 100, axis=0))
    outcome = retrain(*waves, mlflow_uri, engine)
    assert (outcome["k"], outcome["best_k"]) == (2, 2)
    assert outcome["sweep_end"].startswith("the sweep ended at k = 2 instead of k = 10")
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
