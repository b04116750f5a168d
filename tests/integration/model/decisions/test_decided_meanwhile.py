"""People who decide while a run trains, registers or judges: the run must not undo it, nor tell what no longer holds."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import stack_waves
from dtc_model.decisions import Decisions, decide
from dtc_model.decisions import decide_candidate as module
from dtc_model.decisions.gate_candidate import judge_candidate
from fakes.waves import JANUARY, MARCH, wave_around

pytestmark = pytest.mark.integration

WAVES = {"reference_wave": "2025-01", "current_wave": "2025-03"}
Train = Callable[..., dict[str, Any]]
Register = Callable[..., str]
Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def samples(own_catalogue: Catalogue) -> pd.DataFrame:
    january, march = (wave_around(own_catalogue, own_catalogue.centroids, *wave) for wave in (JANUARY, MARCH))
    return stack_waves(january, march, own_catalogue, Wave(2025, 1), Wave(2025, 3))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen once, just after the gate has judged."""
    judged = judge_candidate
    waiting: list[Callable[[], object]] = []

    def overtaken(*args: Any) -> Any:
        report = judged(*args)
        if waiting:
            waiting.pop()()
        return report

    monkeypatch.setattr(module, "judge_candidate", overtaken)
    return waiting.append


@pytest.fixture(params=["auto", "approve"])
def promotion(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMOTION", request.param)


def test_what_the_gate_found_holds_against_the_version_that_a_person_put_into_production_meanwhile(
    decisions: Decisions, register: Register, samples: pd.DataFrame, meanwhile: Meanwhile
) -> None:
    candidate, other = register(), register(seed=1)
    meanwhile(lambda: decisions.promote(other, "Ada", "faster"))
    outcome = decide({"version": candidate}, samples, decisions)
    assert (outcome["decision"], outcome["production_version"]) == ("waits_for_approval", other)
    assert "by Ada" in outcome["reason"]
    assert (outcome["against_version"], outcome["previous_version"]) == (other, other)
    afresh = judge_candidate(candidate, decisions.snapshot(), samples, decisions.registry)
    assert outcome["findings"] == afresh.to_dict()["findings"]


@pytest.mark.usefixtures("promotion")
def test_a_candidate_that_a_person_rejects_meanwhile_is_told_as_rejected(
    decisions: Decisions, register: Register, samples: pd.DataFrame, meanwhile: Meanwhile
) -> None:
    candidate = register()
    meanwhile(lambda: decisions.reject(candidate, "Ada", "not now"))
    outcome = decide({"version": candidate}, samples, decisions)
    assert (outcome["decision"], outcome["promoted"], outcome["production_version"]) == ("rejected", False, "1")
    assert "rejected by Ada" in outcome["reason"]
    assert "not now" in outcome["reason"]
    assert "make promote" not in outcome["reason"], "nobody can promote what was rejected"
    assert decisions.registry.version(candidate)["findings"] == outcome["findings"]


@pytest.mark.usefixtures("promotion")
def test_a_candidate_that_a_person_promotes_meanwhile_is_told_as_promoted(
    decisions: Decisions, register: Register, samples: pd.DataFrame, meanwhile: Meanwhile
) -> None:
    candidate = register()
    meanwhile(lambda: decisions.promote(candidate, "Ada", "I looked at it"))
    outcome = decide({"version": candidate}, samples, decisions)
    assert (outcome["decision"], outcome["promoted"]) == ("promoted", True)
    assert (outcome["previous_version"], outcome["production_version"]) == ("1", candidate)
    assert outcome["against_version"] == "1"
    assert "by Ada" in outcome["reason"]
    assert [(found.by, found.action) for found in decisions.history()] == [("Ada", "promoted")]


def test_a_person_who_decided_after_the_training_began_is_not_overruled_by_the_pipeline(
    decisions: Decisions, register: Register, train: Train, samples: pd.DataFrame
) -> None:
    other = register(seed=1)
    sweep = train()
    decisions.promote(other, "Ada", "the client asked for it")
    candidate = decisions.registry.register_candidate(sweep, **WAVES, verdict="drift")
    outcome = decide(candidate, samples, decisions)
    assert (outcome["decision"], outcome["gate_passed"]) == ("waits_for_approval", True)
    assert (outcome["production_version"], outcome["against_version"]) == (other, other)
    assert "by Ada" in outcome["reason"]


def test_a_rollback_after_the_training_began_is_not_overruled_by_the_pipeline(
    decisions: Decisions, register: Register, train: Train, samples: pd.DataFrame
) -> None:
    decisions.promote(register(seed=1), "Ada", "the client asked for it")
    sweep = train()
    decisions.rollback("Ada", "complaints from the field")
    candidate = decisions.registry.register_candidate(sweep, **WAVES, verdict="drift")
    outcome = decide(candidate, samples, decisions)
    assert (outcome["decision"], outcome["production_version"]) == ("waits_for_approval", "1")
    assert "complaints from the field" in outcome["reason"]


def test_a_promotion_by_another_run_does_not_keep_the_pipeline_from_promoting(
    decisions: Decisions, register: Register, train: Train, samples: pd.DataFrame
) -> None:
    other = register(seed=1)
    sweep = train()
    decisions.promote(other, "pipeline", "the gate found nothing against it", "auto")
    candidate = decisions.registry.register_candidate(sweep, **WAVES, verdict="drift")
    outcome = decide(candidate, samples, decisions)
    assert (outcome["decision"], outcome["previous_version"]) == ("promoted", other)
