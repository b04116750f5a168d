"""A run that its orchestrator executes twice at the same time checks, trains, registers, decides and alerts once."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from fakes.busy_machine import busy_machine
from fakes.catalogues import in_a_file_of_its_own
from fakes.run_execution import Variables, execute_all
from fakes.telegram import FakeTelegram
from fakes.waiting import wait_until
from mlflow import MlflowClient
from sqlalchemy import Engine, text

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment"), pytest.mark.timeout(7200)]

MODELS, RUNS_PER_MODEL = (10, 5) if os.environ.get("FIFTY_RUNS") else (1, 2)
"""Fifty take minutes of both cores: `make stress_runs`."""
EXECUTIONS = 2
STEPS = ("load_waves", "check_drift", "train_models", "register_best_model", "promote_model", "notify_drift")
"""What each run does once."""
QUICK = {"TRAIN_K_MIN": "2", "TRAIN_K_MAX": "2", "TRAIN_BOOTSTRAPS": "1", "TRAIN_N_INIT": "1"}
CONTEXT = multiprocessing.get_context("spawn")


def units(catalogue: Catalogue, wave: Wave, shift: float) -> pd.DataFrame:
    """A wave of sixty people around the personas, who all pay more by the shift."""
    rng = np.random.default_rng(wave.month)
    truth = rng.integers(0, len(catalogue.segments), 60)
    answers = catalogue.centroids[truth] + rng.normal(0, 0.3, (60, 3)) * catalogue.scales + [shift, 0, 0]
    ids: dict[str, Any] = {"unit_id": [f"c{number}" for number in range(60)], "date": wave.start}
    return pd.DataFrame(answers, columns=list(catalogue.feature_names)).assign(**ids, segment=None)


@pytest.fixture
def runs(
    small_catalogue: Catalogue, engine: Engine, mlflow_uri: str, tmp_path: Path
) -> list[tuple[Catalogue, Variables]]:
    """Runs on several registered models, in each of which each wave drifts in its own way."""
    waves = [Wave(2025, month) for month in range(1, RUNS_PER_MODEL + 2)]
    listed = []
    for model in range(MODELS):
        path = in_a_file_of_its_own(small_catalogue, tmp_path / f"model_{model}.yaml")
        catalogue = load_catalogue(path)
        table = UnitTable(catalogue)
        with transaction(engine) as connection:
            table.create(connection)
            for number, wave in enumerate(waves):
                table.ingest(connection, units(catalogue, wave, number * 1.0))
        ModelRegistry(mlflow_uri, catalogue).ensure_catalogue_in_production()
        for wave in waves[1:]:
            named = {"reference_wave": str(waves[0]), "current_wave": str(wave), "segmentation": str(path)}
            listed.append((catalogue, named | {"execution_partition": f"{model}/{wave}"}))
    return listed


def executed(runs: list[Variables], settings: dict[str, str]) -> list[tuple[str, Any]]:
    """Execute each run in two processes that start together."""
    start, results = CONTEXT.Barrier(EXECUTIONS), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=execute_all, args=(runs, settings, start, results)) for _ in range(EXECUTIONS)]
    for process in processes:
        process.start()
    found = [results.get(timeout=600) for _ in range(EXECUTIONS * len(runs))]
    for process in processes:
        process.join(300)
    return found


@pytest.fixture
def settings(runs: list[tuple[Catalogue, Variables]], mlflow_uri: str, telegram: FakeTelegram) -> dict[str, str]:
    """What the executions read beside the database; a sweep is made as quick as it can be."""
    own = {"MLFLOW_TRACKING_URI": mlflow_uri, "SEGMENTATION": runs[0][1]["segmentation"]}
    chat = {"BOT_TOKEN": telegram.token, "CHAT_ID": telegram.chat_id, "TELEGRAM_API_URL": telegram.base_url}
    return QUICK | own | chat


def mlflow_runs(client: MlflowClient, experiment: str, run_id: str) -> list[str]:
    """Return the states of the runs that a pipeline run made in an experiment, without nested and deleted ones."""
    known = client.get_experiment_by_name(experiment)
    return [run.info.status for run in client.search_runs([known.experiment_id], f"tags.pipeline_run_id = '{run_id}'")]


def test_runs_executed_twice_on_a_busy_machine_do_everything_once(
    runs: list[tuple[Catalogue, Variables]],
    settings: dict[str, str],
    engine: Engine,
    mlflow_uri: str,
    telegram: FakeTelegram,
) -> None:
    with busy_machine():
        results = executed([variables for _, variables in runs], settings)
    client = MlflowClient(mlflow_uri)
    names = [variables["execution_partition"] for _, variables in runs]
    by_run = {name: [found for run, found in results if run == name] for name in names}
    for (first, second), (catalogue, variables) in zip(by_run.values(), runs, strict=True):
        assert isinstance(first, dict), first
        assert first == second
        assert (first["verdict"]["status"], first["told"]["status"]) == ("drift", "sent"), variables
        for experiment in (catalogue.registered_model, f"{catalogue.registered_model} drift checks"):
            assert mlflow_runs(client, experiment, variables["execution_partition"]) == ["FINISHED"]
    for model in {catalogue.registered_model for catalogue, _ in runs}:
        assert len(client.search_model_versions(f"name = '{model}'")) == 1 + RUNS_PER_MODEL
    assert len([message for message in telegram.messages if "What was done" in message.text]) == len(runs)
    with transaction(engine) as connection:
        checks = connection.scalars(text("SELECT run_id FROM drift_checks ORDER BY run_id")).all()
        steps = connection.execute(text("SELECT run_id, step FROM pipeline_steps")).all()
        decided = connection.scalar(text("SELECT count(*) FROM promotions WHERE source = 'auto'"))
    assert checks == sorted(names)
    assert sorted(map(tuple, steps)) == sorted((name, step) for name in names for step in STEPS)
    assert decided == sum(found[0]["promotion"]["decision"] == "promoted" for found in by_run.values())


def claimed(engine: Engine, run_id: str, step: str) -> bool:
    """Tell whether a step is being done."""
    query = "SELECT count(*) FROM pipeline_steps WHERE run_id = :run AND step = :step AND ended_at IS NULL"
    with transaction(engine) as connection:
        there = connection.scalar(text("SELECT to_regclass('pipeline_steps') IS NOT NULL"))
        return bool(there and connection.scalar(text(query), {"run": run_id, "step": step}))


@pytest.mark.parametrize("step", ["check_drift", "train_models"])
def test_an_execution_that_is_killed_in_a_step_is_taken_over(  # noqa: PLR0913, PLR0917 - fixtures
    runs: list[tuple[Catalogue, Variables]],
    settings: dict[str, str],
    engine: Engine,
    mlflow_uri: str,
    telegram: FakeTelegram,
    step: str,
) -> None:
    catalogue, variables = runs[0]
    name = variables["execution_partition"]
    start, results = CONTEXT.Barrier(1), CONTEXT.Queue()
    first, second = (
        CONTEXT.Process(target=execute_all, args=([variables], settings, start, results)) for _ in range(2)
    )
    first.start()
    wait_until(lambda: claimed(engine, name, step))
    second.start()
    os.kill(int(first.pid or 0), signal.SIGKILL)
    _, found = results.get(timeout=300)
    second.join(300)
    assert isinstance(found, dict), found
    client = MlflowClient(mlflow_uri)
    for experiment in (catalogue.registered_model, f"{catalogue.registered_model} drift checks"):
        assert set(mlflow_runs(client, experiment, name)) - {"KILLED"} == {"FINISHED"}
        assert mlflow_runs(client, experiment, name).count("FINISHED") == 1
    assert len(client.search_model_versions(f"name = '{catalogue.registered_model}'")) == 2
    assert len([message for message in telegram.messages if "What was done" in message.text]) == 1
    with transaction(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM drift_checks")) == 1
