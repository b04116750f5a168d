"""A run is told with real MLflow and Postgres: the report, the earlier waves, and the chat's decision on the candidate."""

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import PostgresSettings
from dtc_data.tables import CURRENT, make_engine, stack_waves, wave_called
from dtc_model.decisions import Decisions, decide
from dtc_model.registry import ModelRegistry
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from dtc_monitoring.alerts import tell
from dtc_monitoring.bot import Counter, Desk
from dtc_monitoring.checks import check_drift
from fakes.bot import bot_for, listening
from fakes.served import segmentation
from fakes.telegram import BY_ANN, FakeTelegram
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


def desk_of(registry: ModelRegistry, decisions: Decisions) -> Desk:
    """Answer for one segmentation."""
    return Desk((Counter("small", "Small", registry, decisions),))


def samples(catalogue: Catalogue, shift: float = 0.0, wave: int = 3) -> pd.DataFrame:
    """Two waves around the personas; in the second everybody pays more by the shift."""
    rng = np.random.default_rng(wave)

    def units(more: float) -> pd.DataFrame:
        centroids = catalogue.centroids[rng.integers(0, len(catalogue.segments), 300)]
        answers = centroids + rng.normal(0, 0.5, centroids.shape) * catalogue.scales + [more, 0, 0]
        frame = pd.DataFrame(answers, columns=list(catalogue.feature_names))
        return frame.assign(unit_id=[f"c{n}" for n in range(300)])

    return stack_waves(units(0), units(shift), catalogue, Wave(2025, 1), Wave(2025, wave))


def run(catalogue: Catalogue, engine: Engine, uri: str, answers: pd.DataFrame, wave: str) -> dict[str, Any]:
    return check_drift(
        answers,
        catalogue,
        reference_wave="2025-01",
        current_wave=wave,
        run_id=f"run of {wave}",
        engine=engine,
        tracking_uri=uri,
    )


def candidate(catalogue: Catalogue, decisions: Decisions, uri: str, answers: pd.DataFrame) -> dict[str, Any]:
    """Train on the drifted wave, and let the gate judge it."""
    settings = TrainingSettings(k_min=2, k_max=3, n_init=2, bootstraps=5)
    sweep = train_models(
        wave_called(answers, CURRENT),
        catalogue,
        wave="2025-03",
        tracking_uri=uri,
        settings=settings,
        report_progress=lambda _: None,
    )
    waves = {"reference_wave": "2025-01", "current_wave": "2025-03"}
    registered = decisions.registry.register_candidate(sweep, verdict="drift", **waves)
    return decide(registered, answers, decisions)


def test_a_drift_is_told_with_a_report_and_the_chat_approves_the_candidate(  # noqa: PLR0913, PLR0917 - fixtures
    own_catalogue: Catalogue,
    engine: Engine,
    mlflow_uri: str,
    telegram: FakeTelegram,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PROMOTION", "approve")
    registry = ModelRegistry(mlflow_uri, own_catalogue)
    registry.ensure_catalogue_in_production()
    decisions = Decisions(registry, engine)
    run(own_catalogue, engine, mlflow_uri, samples(own_catalogue, wave=2), "2025-02")
    drifted = samples(own_catalogue, shift=1.5)
    check = run(own_catalogue, engine, mlflow_uri, drifted, "2025-03") | {"status": "drift"}
    promotion = candidate(own_catalogue, decisions, mlflow_uri, drifted)
    assert (promotion["version"], promotion["promoted"]) == ("2", False)

    told = tell(check, promotion, segmentation=segmentation(own_catalogue), engine=engine, tracking_uri=mlflow_uri)

    assert told["status"] == "sent"
    assert told["report_url"] in told["text"]
    path = MlflowClient(mlflow_uri).download_artifacts(check["mlflow_run_id"], "report.html", str(tmp_path))
    report = Path(path).read_text(encoding="utf-8")
    for fact in (
        "Centroids side by side",
        "Which respondents would change persona",
        "2025-02",
        "Thrifty Theo",
        "What the gate found",
    ):
        assert fact in report
    assert httpx.get(told["report_url"], timeout=60).text == report

    alert = telegram.messages[-1]
    with listening(bot_for(telegram, desk_of(registry, decisions))):
        before = len(telegram.messages)
        telegram.chat.press(alert.buttons["Approve version 2"])
        telegram.chat.press(alert.buttons["Approve version 2"])
        telegram.chat.press(alert.buttons["Reject version 2"])
        first, second, third = telegram.wait_for_messages(before + 3)[-3:]
    assert first.text.startswith(f"Done: version 2 was put into production by {BY_ANN}")
    assert second.text.startswith("That was decided before, nothing was changed")
    assert third.text.startswith("Not done: version 2 cannot be rejected")
    assert registry.production_version() == "2"
    (made,) = decisions.history()
    assert (made.by, made.source, made.action) == (BY_ANN, "telegram", "promoted")


def test_the_chat_rolls_back_and_sees_the_versions(
    own_catalogue: Catalogue, engine: Engine, mlflow_uri: str, telegram: FakeTelegram
) -> None:
    registry = ModelRegistry(mlflow_uri, own_catalogue)
    registry.ensure_catalogue_in_production()
    decisions = Decisions(registry, engine)
    answers = samples(own_catalogue, shift=1.5)
    version = candidate(own_catalogue, decisions, mlflow_uri, answers)["version"]
    decisions.promote(version, "Bob", "it fits")
    with listening(bot_for(telegram, desk_of(registry, decisions))):
        telegram.chat.write("/rollback")
        (question,) = telegram.wait_for_messages(1)
        telegram.chat.press(question.buttons["Roll back to version 1"])
        telegram.chat.press(question.buttons["Roll back to version 1"])
        telegram.chat.write("/versions")
        telegram.chat.write("/status")
        _, done, again, versions, status = telegram.wait_for_messages(5)
    assert done.text.startswith(f"Done: version 1 was brought back by {BY_ANN}")
    assert again.text.startswith("That was decided before")
    assert "• Version 1, in production" in versions.text
    assert status.text.startswith(f"Version 1 of {own_catalogue.registered_model} is in production.\nNothing waits")


def test_while_postgres_or_mlflow_is_down_nothing_is_decided_and_the_chat_hears_why(  # noqa: PLR0913, PLR0917 - fixtures
    own_catalogue: Catalogue,
    engine: Engine,
    customer_database: PostgresSettings,
    mlflow_uri: str,
    telegram: FakeTelegram,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROMOTION", "approve")
    registry = ModelRegistry(mlflow_uri, own_catalogue)
    registry.ensure_catalogue_in_production()
    answers = samples(own_catalogue, shift=1.5)
    check = run(own_catalogue, engine, mlflow_uri, answers, "2025-03") | {"status": "drift"}
    promotion = candidate(own_catalogue, Decisions(registry, engine), mlflow_uri, answers)
    tell(check, promotion, segmentation=segmentation(own_catalogue), engine=engine, tracking_uri=mlflow_uri)
    before = len(telegram.messages)
    data = telegram.messages[-1].buttons["Approve version 2"]
    nowhere = make_engine(customer_database.model_copy(update={"port": 9}))
    with listening(bot_for(telegram, desk_of(registry, Decisions(registry, nowhere)))):
        telegram.chat.press(data)
        answer = telegram.wait_for_messages(before + 1)[-1]
    assert "That could not be done now: Postgres" in answer.text
    assert (registry.production_version(), telegram.chat.without_buttons) == ("1", [])
    gone = ModelRegistry("http://127.0.0.1:9", own_catalogue)
    with listening(bot_for(telegram, desk_of(gone, Decisions(gone, engine)))):
        telegram.chat.press(data)
        answer = telegram.wait_for_messages(before + 2)[-1]
    assert "That could not be done now: the MLflow server" in answer.text
