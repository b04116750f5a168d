"""Decisions on versions of a forecast: real Postgres, real MLflow, the record that segments have too."""

import uuid
from dataclasses import replace

import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import RegistryConflictError
from dtc_model.forecast_versions import ForecastDecisions, ForecastRegistry
from dtc_model.forecasts import ForecastConfig, ForecastFinding, JudgedTraining, ThresholdRule, train_and_judge
from fakes.at_once import at_once
from fakes.shop import shop_day, shop_lines
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

CONFIG = ForecastConfig(horizon_days=30, models=("recency",), threshold=ThresholdRule(capacity=20))
PASSED = (ForecastFinding("calibration", passes=True, words="Calibrated."),)
STOPPED = (ForecastFinding("auc", passes=False, words="AUC .600 against .800 of production"),)


@pytest.fixture(scope="module")
def judged() -> JudgedTraining:
    lines = BehaviourLines(shop_lines(120))
    found = train_and_judge(lines, shop_day(300), config=CONFIG, features=FeatureConfig(sets="basic", windows=(30, 90)))
    return replace(found, findings=PASSED)


@pytest.fixture
def decisions(engine: Engine, mlflow_uri: str) -> ForecastDecisions:
    return ForecastDecisions(ForecastRegistry(mlflow_uri, f"churn_{uuid.uuid4().hex[:8]}"), engine)


def other(judged: JudgedTraining, threshold: float) -> JudgedTraining:
    """Return another forecast, which differs by its threshold."""
    model = judged.training.model.with_threshold(threshold)
    return replace(judged, training=replace(judged.training, trained=replace(judged.training.trained, model=model)))


def test_of_two_runs_at_once_one_registers_and_what_was_killed_before_its_decision_is_decided_later(
    decisions: ForecastDecisions, judged: JudgedTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = at_once([lambda: decisions.register(judged, CONFIG, "2011-01", None)] * 2)

    assert sorted(both) == [("1", False), ("1", True)]
    assert [found["version"] for found in decisions.registry.versions()] == ["1"]

    monkeypatch.setenv("PROMOTION", "approve")
    waiting = decisions.settle("1")
    assert (waiting.decision, waiting.production_version) == ("waits_for_approval", None)
    assert decisions.history() == ()

    monkeypatch.setenv("PROMOTION", "auto")
    settled = at_once([lambda: decisions.settle("1")] * 2)
    assert sorted(one.decision for one in settled) == ["in_production", "promoted"]
    assert decisions.registry.production_or_none() == "1"
    assert [(one.version, one.by, one.source, one.previous_version) for one in decisions.history()] == [
        ("1", "pipeline", "auto", None)
    ]
    with pytest.raises(RegistryConflictError, match="cannot be rejected"):
        decisions.reject("1", "Ada", "no")


def test_what_the_gate_stopped_waits_for_a_person_and_a_person_has_the_last_word(
    decisions: ForecastDecisions, judged: JudgedTraining
) -> None:
    decisions.register(replace(judged, findings=STOPPED), CONFIG, "2011-01", None)
    decisions.register(other(judged, 0.3), CONFIG, "2011-02", None)

    stopped = decisions.settle("1")
    assert stopped.decision == "gate_failed"
    assert "AUC .600 against .800" in stopped.reason

    decisions.promote("1", "Ada", "we need one")
    assert decisions.registry.production_or_none() == "1"
    overtaken = decisions.settle("2")
    assert overtaken.decision == "waits_for_approval"
    assert "version 1 went into production meanwhile" in overtaken.reason

    decisions.reject("2", "Bob", "too few customers")
    assert decisions.settle("2").decision == "rejected"
    with pytest.raises(RegistryConflictError, match="That is final"):
        decisions.promote("2", "Ada", "still")
    assert [one.action for one in decisions.history()] == ["promoted", "rejected"]
