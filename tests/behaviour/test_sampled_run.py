"""A run on waves above the limit: verdict, sweep and gate rest on samples, and say so with their errors."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from dtc_monitoring.report import compared, read_content
from dtc_stack.mage import RunVariables
from fakes.catalogues import in_a_file_of_its_own
from fakes.run_execution import block, execute
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment"), pytest.mark.timeout(1800)]

JANUARY, MARCH = Wave(2025, 1), Wave(2025, 3)
QUICK = {"TRAIN_K_MIN": "2", "TRAIN_K_MAX": "3", "TRAIN_BOOTSTRAPS": "2", "TRAIN_N_INIT": "1"}


def people(catalogue: Catalogue, wave: Wave, shift: float) -> pd.DataFrame:
    rng = np.random.default_rng(wave.month)
    truth = rng.integers(0, len(catalogue.segments), 3_000)
    answers = catalogue.centroids[truth] + rng.normal(0, 0.3, (3_000, 3)) * catalogue.scales + [shift, 0, 0]
    ids = [f"{wave}-{number}" for number in range(3_000)]
    return pd.DataFrame(answers, columns=list(catalogue.feature_names)).assign(unit_id=ids, date=wave.start)


@pytest.fixture
def variables(
    small_catalogue: Catalogue, engine: Engine, mlflow_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Variables of a run that compares two waves of 3,000, where 1,000 may be looked at."""
    for name, value in (QUICK | {"MLFLOW_TRACKING_URI": mlflow_uri, "DRIFT_LARGEST_WAVE": "1000"}).items():
        monkeypatch.setenv(name, value)
    path = in_a_file_of_its_own(small_catalogue, tmp_path / "large.yaml")
    catalogue = load_catalogue(path)
    with transaction(engine) as connection:
        UnitTable(catalogue).create(connection)
        for wave, shift in ((JANUARY, 0.0), (MARCH, 1.0)):
            UnitTable(catalogue).ingest(connection, people(catalogue, wave, shift))
    ModelRegistry(mlflow_uri, catalogue).ensure_catalogue_in_production()
    return {"reference_wave": str(JANUARY), "current_wave": str(MARCH), "segmentation": str(path)}


def test_verdict_and_sweep_say_of_which_sample_they_are_and_how_far_it_is_off(variables: dict[str, Any]) -> None:
    found = execute(variables | {"execution_partition": "large"})

    verdict = found["verdict"]
    assert verdict["status"] == "drift"
    assert (verdict["wave_reference"], verdict["wave_current"]) == (3_000, 3_000)
    assert 900 < verdict["n_current"] < 1_100
    stated = re.search(r"off by at most ([\d.]+) percentage points", verdict["sampled"])
    assert stated, verdict["sampled"]
    assert float(stated[1]) == pytest.approx(2.5, abs=0.2)
    assert 900 < found["sweep"]["n_units"] < 1_100
    assert re.match(r"fitted on a sample of [\d,]+ of the wave's 3,000", found["sweep"]["fitted_on"])
    told = compared(read_content(verdict, found["promotion"], segments=()))
    assert "(3,000 respondents)" in told
    assert verdict["sampled"] in told


def test_the_same_waves_always_get_the_same_verdict_from_no_more_rows_than_allowed(variables: dict[str, Any]) -> None:
    named = block("data_loaders/name_waves")(**variables)
    assert named["current_below"] == RunVariables.read(variables).samples()[1].below
    verdicts = [execute(variables | {"execution_partition": name})["verdict"] for name in ("one", "two")]
    same = ("status", "n_reference", "n_current", "columns", "evidence", "shares", "sampled")
    assert [verdicts[0][name] for name in same] == [verdicts[1][name] for name in same]


def test_with_room_for_everybody_nothing_is_said_of_samples(
    variables: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFT_LARGEST_WAVE", "3000")
    verdict = execute(variables | {"execution_partition": "whole"})["verdict"]
    assert (verdict["n_reference"], verdict["n_current"], verdict["sampled"]) == (3_000, 3_000, "")
    assert verdict["wave_current"] is None
