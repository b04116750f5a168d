"""A run that its orchestrator executes twice at the same time checks, trains, registers, decides and alerts once."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_data import Catalogue, Wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from fakes.catalogues import under_a_name_of_its_own
from fakes.run_execution import Variables, execute_all
from fakes.telegram import FakeTelegram
from mlflow import MlflowClient
from sqlalchemy import Engine, text

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment"), pytest.mark.timeout(1800)]

MODELS, RUNS_PER_MODEL = 1, 2
EXECUTIONS = 2
QUICK = {"TRAIN_K_MIN": "2", "TRAIN_K_MAX": "2", "TRAIN_BOOTSTRAPS": "1", "TRAIN_N_INIT": "1"}
CONTEXT = multiprocessing.get_context("spawn")


def units(catalogue: Catalogue, wave: Wave, shift: float) -> pd.DataFrame:
    """A wave of sixty people around the personas, who all pay more by the shift."""
    rng = np.random.default_rng(wave.month)
    truth = rng.integers(0, len(catalogue.segments), 60)
    answers = catalogue.centroids[truth] + rng.normal(0, 0.3, (60, 3)) * catalogue.scales + [shift, 0, 0]
    ids = {"customer_id": [f"c{number}" for number in range(60)], "date": wave.start}
    return pd.DataFrame(answers, columns=list(catalogue.feature_names)).assign(**ids, persona=None)


@pytest.fixture
def runs(
    small_catalogue: Catalogue, engine: Engine, mlflow_uri: str, tmp_path: Path
) -> list[tuple[Catalogue, Variables]]:
    """Runs on several registered models, in each of which each wave drifts in its own way."""
    table = UnitTable(small_catalogue)
    waves = [Wave(2025, month) for month in range(1, RUNS_PER_MODEL + 2)]
    with transaction(engine) as connection:
        table.create(connection)
        for number, wave in enumerate(waves):
            table.ingest(connection, units(small_catalogue, wave, number * 1.0))
    listed = []
    for model in range(MODELS):
        catalogue = under_a_name_of_its_own(small_catalogue)
        path = tmp_path / f"{model}.yaml"
        path.write_text(yaml.safe_dump(catalogue.model_dump(mode="json", by_alias=True, exclude_none=True)))
        ModelRegistry(mlflow_uri, catalogue).ensure_catalogue_in_production()
        for wave in waves[1:]:
            named = {"reference_wave": str(waves[0]), "current_wave": str(wave), "persona_catalogue": str(path)}
            listed.append((catalogue, named | {"execution_partition": f"{model}/{wave}"}))
    return listed


def burn() -> None:
    """Keep a core busy."""
    while True:
        pass


@contextmanager
def busy_machine() -> Iterator[None]:
    """Load every core while the block runs."""
    burners = [CONTEXT.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 2)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.join()


def executed(runs: list[Variables], settings: dict[str, str]) -> list[tuple[str, Any]]:
    """Execute each run in two processes that start together."""
    start, results = CONTEXT.Barrier(EXECUTIONS), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=execute_all, args=(runs, settings, start, results)) for _ in range(EXECUTIONS)]
    for process in processes:
        process.start()
    found = [results.get(timeout=600) for _ in range(EXECUTIONS * len(runs))]
    for process in processes:
        process.join(60)
    return found


def test_fifty_runs_executed_twice_on_a_busy_machine_do_everything_once(
    runs: list[tuple[Catalogue, Variables]], engine: Engine, mlflow_uri: str, telegram: FakeTelegram
) -> None:
    settings = {"MLFLOW_TRACKING_URI": mlflow_uri, "PERSONA_CATALOGUE": runs[0][1]["persona_catalogue"]} | QUICK
    with busy_machine():
        results = executed([variables for _, variables in runs], settings)
    client = MlflowClient(mlflow_uri)
    names = [variables["execution_partition"] for _, variables in runs]
    by_run = {name: [found for run, found in results if run == name] for name in names}
    for (first, second), (catalogue, variables) in zip(by_run.values(), runs, strict=True):
        assert isinstance(first, dict), first
        assert first == second
        assert first["verdict"]["status"] == "drift", variables
        assert first["told"]["status"] == "sent"
        own = f"tags.pipeline_run_id = '{variables['execution_partition']}'"
        for experiment in (catalogue.registered_model, f"{catalogue.registered_model} drift checks"):
            known = client.get_experiment_by_name(experiment)
            (run,) = client.search_runs([known.experiment_id], own)
            assert run.info.status == "FINISHED"
    for catalogue in {catalogue.registered_model: catalogue for catalogue, _ in runs}.values():
        versions = client.search_model_versions(f"name = '{catalogue.registered_model}'")
        assert len(versions) == 1 + RUNS_PER_MODEL
    told = [message for message in telegram.messages if "What was done" in message.text]
    assert len(told) == len(runs)
    with transaction(engine) as connection:
        checks = connection.scalars(text("SELECT run_id FROM drift_checks ORDER BY run_id")).all()
        steps = connection.execute(text("SELECT run_id, count(*) FROM pipeline_steps GROUP BY run_id")).all()
        decided = connection.scalar(text("SELECT count(*) FROM promotions WHERE source = 'auto'"))
    assert checks == sorted(names)
    assert {count for _, count in steps} == {5}
    assert decided == sum(found[0]["promotion"]["decision"] == "promoted" for found in by_run.values())
