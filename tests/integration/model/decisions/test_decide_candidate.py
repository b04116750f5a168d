"""What becomes of a candidate, on a real registry and a real Postgres."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_model.decisions import Decisions, decide
from dtc_model.decisions import decide_candidate as module
from dtc_model.decisions.gate_candidate import judge_candidate
from dtc_model.errors import TrainingError
from dtc_model.registry import ModelRegistry
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from fakes.waves import JANUARY, MARCH, wave_around
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

Decide = Callable[..., dict[str, Any]]
Register = Callable[..., str]


@pytest.fixture
def moved_wave(own_catalogue: Catalogue) -> pd.DataFrame:
    """Respondents of whom Haley's have moved."""
    return wave_around(own_catalogue, moved_centroids(own_catalogue), 2.0, 7)


def moved_centroids(catalogue: Catalogue) -> Any:
    return catalogue.centroids + np.outer([0, 1, 0], [3.0, 3.0, 3.0, *[0.0] * 7])


def test_what_passes_the_gate_is_promoted_and_the_pipeline_recorded(
    decisions: Decisions, register: Register, decide_on: Decide
) -> None:
    outcome = decide_on(register())
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
    assert (outcome["decision"], outcome["promoted"], outcome["gate_passed"]) == ("promoted", True, True)
    assert (outcome["previous_version"], outcome["production_version"]) == ("1", "2")
    assert outcome["segments"] == []
    (decision,) = decisions.history()
    assert (decision.by, decision.why, decision.source) == ("pipeline", "the gate found nothing against it", "auto")


def test_what_the_gate_stops_waits_for_a_person_with_the_findings_on_its_version(
    decisions: Decisions,
    register: Register,
    decide_on: Decide,
    own_catalogue: Catalogue,
    moved_wave: pd.DataFrame,
) -> None:
    version = register(centroids=moved_centroids(own_catalogue), std=2.0, seed=7)
    outcome = decide_on(version, moved_wave)
    assert (outcome["decision"], outcome["promoted"], outcome["production_version"]) == ("gate_failed", False, "1")
    assert "Eco-Conscious Haley lies" in outcome["reason"]
    assert "Sustainable Steve" not in outcome["reason"]
    kept = decisions.registry.version(version)
    assert kept["findings"] == outcome["findings"]
    assert (kept["reason"], kept["against_version"]) == (outcome["reason"], "1")
    assert decisions.history() == ()
    promoted = decisions.promote(version, "Ada", "Haley did change, the client agrees")
    assert promoted.production_version == version


def test_after_a_person_approved_a_move_the_next_small_one_passes(
    decisions: Decisions,
    register: Register,
    decide_on: Decide,
    own_catalogue: Catalogue,
    moved_wave: pd.DataFrame,
) -> None:
    around = {"centroids": moved_centroids(own_catalogue), "std": 2.0}
    decisions.promote(register(**around, seed=7), "Ada", "the client agrees")
    assert decide_on(register(**around, seed=8), moved_wave)["decision"] == "promoted"


def test_where_people_approve_the_candidate_waits(
    decisions: Decisions, register: Register, decide_on: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMOTION", "approve")
    outcome = decide_on(register())
    assert (outcome["decision"], outcome["gate_passed"], outcome["promoted"]) == ("waits_for_approval", True, False)
    assert "a person must decide" in outcome["reason"]
    assert decisions.registry.production_version() == "1"


def test_deciding_again_after_a_promotion_gives_the_same_outcome(register: Register, decide_on: Decide) -> None:
    version = register()
    first = decide_on(version)
    assert decide_on(version) == first


@pytest.mark.parametrize("step", ["_write", "_outcome"])
def test_a_run_that_was_killed_can_be_run_again(
    decisions: Decisions, register: Register, decide_on: Decide, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    version = register()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed)
        with pytest.raises(KeyboardInterrupt):
            decide_on(version)
    assert decisions.registry.production_version() == ("1" if step == "_write" else version)
    outcome = decide_on(version)
    assert (outcome["promoted"], outcome["previous_version"], outcome["production_version"]) == (True, "1", version)
    assert len(decisions.history()) == 1


def test_a_repeated_run_promotes_nothing_that_people_rejected_or_rolled_back(
    decisions: Decisions, register: Register, decide_on: Decide
) -> None:
    rolled_back, rejected = register(), register(seed=1)
    decide_on(rolled_back)
    decisions.rollback("Ada", "complaints")
    decisions.reject(rejected, "Ada", "no")
    for version, decision, words in (
        (rolled_back, "waits_for_approval", "was in production before"),
        (rejected, "rejected", "was rejected by Ada"),
    ):
        outcome = decide_on(version)
        assert (outcome["decision"], outcome["production_version"]) == (decision, "1")
        assert words in outcome["reason"]


def test_a_promotion_by_a_person_during_the_check_wins(
    decisions: Decisions, register: Register, decide_on: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = register(), register(seed=1)
    judged = judge_candidate

    def overtaken(*args: Any) -> Any:
        report = judged(*args)
        decisions.promote(second, "Ada", "faster")
        return report

    monkeypatch.setattr(module, "judge_candidate", overtaken)
    outcome = decide_on(first)
    assert (outcome["decision"], outcome["production_version"]) == ("waits_for_approval", second)
    assert "by Ada" in outcome["reason"]


def test_production_is_left_alone_where_the_candidate_has_another_number_of_clusters(
    registry: ModelRegistry, register: Register, decide_on: Decide
) -> None:
    outcome = decide_on(register(k=2))
    assert (outcome["decision"], outcome["promotable"]) == ("gate_failed", False)
    assert "no cluster stands for" in outcome["reason"]
    assert registry.production_version() == "1"


def test_a_wave_with_missing_answers_is_trained_on_judged_and_said_so(
    own_catalogue: Catalogue, mlflow_uri: str, engine: Engine, client: MlflowClient
) -> None:
    tolerant = Catalogue.model_validate(own_catalogue.model_dump() | {"missing_answers": {"minimum_answered": 8}})
    registry = ModelRegistry(mlflow_uri, tolerant)
    registry.ensure_catalogue_in_production()
    waves = [wave_around(tolerant, tolerant.centroids, *parameters) for parameters in (JANUARY, MARCH)]
    for wave in waves:
        wave.loc[:49, "x2"] = np.nan
        wave.loc[50:52, ["x1", "x3", "x5"]] = np.nan
    settings = TrainingSettings(k_max=4)
    sweep = train_models(waves[1], tolerant, wave="2025-03", tracking_uri=mlflow_uri, settings=settings)
    words = "fitted on 497 of 500 respondents; 50 of them left answers out and count by the others; 3 answered fewer than 8 questions"
    assert sweep["fitted_on"] == words
    parameters = client.get_run(sweep["parent_run_id"]).data.params
    assert [parameters[name] for name in ("n_units", "n_fitted", "n_complete")] == ["500", "497", "447"]
    candidate = registry.register_candidate(sweep, reference_wave="2025-01", current_wave="2025-03", verdict="drift")
    reference = registry.load(candidate["version"]).reference
    assert reference is not None
    assert reference.wave == "2025-03"
    samples = stack_waves(waves[0], waves[1], tolerant, Wave(2025, 1), Wave(2025, 3))
    outcome = decide(candidate, samples, Decisions(registry, engine))
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
    assert (outcome["decision"], outcome["fitted_on"]) == ("promoted", words)


def test_a_wave_in_which_nobody_answered_everything_cannot_be_judged_and_is_named(
    register: Register, decisions: Decisions, own_catalogue: Catalogue
) -> None:
    january, march = (
        wave_around(own_catalogue, own_catalogue.centroids, *parameters) for parameters in (JANUARY, MARCH)
    )
    samples = stack_waves(january.assign(x2=np.nan), march, own_catalogue, Wave(2025, 1), Wave(2025, 3))
    with pytest.raises(TrainingError, match="nobody in the reference wave answered every question"):
        decide({"version": register()}, samples, decisions)
