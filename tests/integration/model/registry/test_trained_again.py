"""A model that is trained again is not a new one, and one that a person took back stays back; on real parts."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_model.decisions import Decisions, decide
from dtc_model.registry import ModelRegistry
from fakes.waves import JANUARY, MARCH, wave_around
from mlflow import MlflowClient

pytestmark = pytest.mark.integration

Retrain = Callable[..., dict[str, Any]]
WAVES = {"reference_wave": "2025-01", "current_wave": "2025-03"}


@pytest.fixture
def samples(own_catalogue: Catalogue) -> pd.DataFrame:
    january, march = (wave_around(own_catalogue, own_catalogue.centroids, *wave) for wave in (JANUARY, MARCH))
    return stack_waves(january, march, own_catalogue, Wave(2025, 1), Wave(2025, 3))


@pytest.fixture
def retrain(decisions: Decisions, train: Callable[..., dict[str, Any]], samples: pd.DataFrame) -> Retrain:
    """Do what a run of the pipeline does after a drift: train, register, decide."""
    decisions.registry.ensure_catalogue_in_production()

    def run(**options: Any) -> dict[str, Any]:
        registered = decisions.registry.register_candidate(train(**options), **WAVES, verdict="drift")
        return decide(registered, samples, decisions)

    return run


def versions(registry: ModelRegistry) -> list[str]:
    return [found["version"] for found in registry.versions()]


def test_training_the_model_in_production_again_registers_and_decides_nothing(
    decisions: Decisions, retrain: Retrain, client: MlflowClient
) -> None:
    registry = decisions.registry
    first = retrain()
    assert (first["decision"], first["production_version"]) == ("promoted", "2")
    gate = registry.version("2")["findings"]
    again = retrain()
    words = "the model trained from this wave is the one in production (version 2): nothing to decide"
    assert (again["decision"], again["promoted"], again["reason"]) == ("in_production", False, words)
    assert (again["version"], again["production_version"], again["findings"]) == ("2", "2", [])
    assert versions(registry) == ["1", "2"]
    assert len(decisions.history()) == 1
    assert registry.version("2")["findings"] == gate, "what the gate found when it was promoted stays"
    newest = registry.newest_for("2025-03")
    assert (newest["version"], newest["promoted"], newest["reason"]) == ("2", True, words)
    run = client.get_run(again["sweep_run_id"])
    assert again["sweep_run_id"] != first["sweep_run_id"]
    assert run.data.tags.items() >= {"candidate_version": "2", "decision": "in_production", "reason": words}.items()


def test_a_model_that_was_rolled_back_is_not_promoted_when_it_is_trained_again(
    decisions: Decisions, retrain: Retrain
) -> None:
    registry = decisions.registry
    retrain()
    decisions.rollback("Ada", "complaints from the field")
    for _ in range(2):
        again = retrain()
        assert (again["version"], again["decision"], again["production_version"]) == ("2", "waits_for_approval", "1")
        assert (again["promoted"], again["gate_passed"]) == (False, False)
        (finding,) = (found for found in again["findings"] if not found["passed"])
        assert finding["name"] == "taken_back"
        for words in ("taken back by Ada on ", "complaints from the field", "Only `make promote` brings it back"):
            assert words in finding["words"]
            assert words in again["reason"]
        assert registry.version("2")["findings"] == again["findings"]
        assert registry.newest_for("2025-03")["promoted"] is False
        assert versions(registry) == ["1", "2"]
    decisions.promote("2", "Ada", "it was something else")
    assert retrain()["decision"] == "in_production"


def test_a_model_from_two_rollbacks_ago_stays_back_too(decisions: Decisions, retrain: Retrain) -> None:
    decisions.promote(retrain(seed=1)["version"], "Ada", "better")
    assert retrain()["production_version"] == "3"
    decisions.rollback("Ada", "one")
    decisions.rollback("Ada", "two")
    for seed, version, why in ((5977, "3", "one"), (1, "2", "two")):
        again = retrain(seed=seed)
        assert (again["version"], again["production_version"]) == (version, "1")
        assert f"UTC: {why}" in again["reason"]


def test_a_rejected_model_comes_as_a_candidate_that_only_a_person_promotes(
    decisions: Decisions, retrain: Retrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("PROMOTION", "approve")
        decisions.reject(retrain()["version"], "Ada", "Haley has not changed")
    for _ in range(2):
        again = retrain()
        assert (again["version"], again["decision"], again["production_version"]) == ("3", "waits_for_approval", "1")
        assert "version 2 was rejected by Ada on " in again["reason"]
        assert "Haley has not changed" in again["reason"]
    assert versions(decisions.registry) == ["1", "2", "3"]
    assert decisions.promote("3", "Ada", "it has, after all").production_version == "3"
    assert retrain()["decision"] == "in_production"


def test_a_candidate_that_waits_is_not_registered_twice(retrain: Retrain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMOTION", "approve")
    outcomes = [retrain() for _ in range(2)]
    assert [(found["version"], found["decision"]) for found in outcomes] == [("2", "waits_for_approval")] * 2
    monkeypatch.setenv("PROMOTION", "auto")
    assert retrain()["decision"] == "promoted"


def test_a_model_that_a_later_one_replaced_does_not_come_back_by_a_repeated_run(
    decisions: Decisions, retrain: Retrain
) -> None:
    retrain()
    decisions.promote(retrain(seed=1)["version"], "Ada", "newer")
    again = retrain()
    assert (again["version"], again["production_version"], again["decision"]) == ("2", "3", "waits_for_approval")
    assert "was in production before and left it" in again["reason"]
    assert [found["name"] for found in again["findings"] if not found["passed"]] == ["replaced"]


def test_tiny_noise_makes_no_new_model_and_another_wave_does(retrain: Retrain, own_catalogue: Catalogue) -> None:
    retrain()
    assert retrain(centroids=own_catalogue.centroids + 1e-7)["decision"] == "in_production"
    assert retrain(seed=1)["version"] == "3"


def test_of_two_runs_at_once_that_trained_the_same_model_one_promotes_and_the_other_has_nothing_to_decide(
    decisions: Decisions, register: Callable[..., str], samples: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ModelRegistry, "versions_of_model", lambda *_: [])  # both look before either has registered
        twins = [register(), register()]
    outcomes = [decide({"version": version}, samples, decisions) for version in twins]
    assert [found["decision"] for found in outcomes] == ["promoted", "in_production"]
    assert (outcomes[1]["production_version"], outcomes[1]["promoted"]) == ("2", False)


def test_a_rollback_while_the_gate_is_at_work_wins(
    decisions: Decisions, retrain: Retrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrain()
    registered = decisions.registry.register_candidate

    def overtaken(*args: Any, **options: Any) -> dict[str, Any]:
        found = registered(*args, **options)
        decisions.rollback("Ada", "just now")
        return found

    monkeypatch.setattr(ModelRegistry, "register_candidate", lambda _, *args, **options: overtaken(*args, **options))
    again = retrain()
    assert (again["decision"], again["production_version"]) == ("waits_for_approval", "1")
    assert "just now" in again["reason"]


def test_a_version_whose_model_is_lost_is_no_obstacle(
    decisions: Decisions, retrain: Retrain, client: MlflowClient
) -> None:
    retrain()
    decisions.rollback("Ada", "no")
    source = client.get_model_version(decisions.registry.name, "2").source
    client.delete_logged_model(source.removeprefix("models:/"))
    model = decisions.registry.load("1")
    assert decisions.registry.versions_of_model(model) == ["1"]
