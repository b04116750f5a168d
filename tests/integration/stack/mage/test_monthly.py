"""The monthly checks: every active segmentation gets a run, and one that fails stops no other."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import find_segmentation
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry, reference_from_database
from dtc_stack.errors import PipelineRunError
from dtc_stack.mage import PIPELINE, start_monthly_checks
from fakes.catalogues import under_a_name_of_its_own
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

Add = Callable[..., None]
FIRST_OF_MAY = {"execution_date": datetime(2025, 5, 1, tzinfo=UTC)}


@pytest.fixture
def folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mlflow_uri: str,
    database_in_environment: None,  # noqa: ARG001 - what it sets is needed
) -> Path:
    """An empty folder of catalogues."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))
    monkeypatch.setenv("SEGMENTATION", "dtc_personas")
    return tmp_path


@pytest.fixture
def add(folder: Path, engine: Engine, mlflow_uri: str, small_catalogue: Catalogue) -> Add:
    """Add a segmentation, with units of a reference wave and a version in production unless told otherwise."""

    def add_segmentation(name: str, *, units: bool = True, production: bool = True, lookback_days: int = 0) -> None:
        own = under_a_name_of_its_own(small_catalogue).model_copy(update={"unit_table": name})
        document = json.loads(own.model_dump_json())
        if lookback_days:
            document["transactions"] = {"lookback_days": lookback_days}
        (folder / f"{name}.yaml").write_text(json.dumps(document))
        catalogue = find_segmentation(name).catalogue
        january = Wave(2025, 1)
        if units:
            table = UnitTable(catalogue)
            with transaction(engine) as connection:
                table.create(connection)
                table.ingest(connection, make_wave(catalogue, 60, 0.3, 1, january))
        if production:
            measure = reference_from_database(engine, catalogue, january) if units else None
            ModelRegistry(mlflow_uri, catalogue).ensure_catalogue_in_production(measure)

    return add_segmentation


class Started(list[tuple[str, dict[str, Any]]]):
    """The runs that were started."""

    def __call__(self, pipeline: str, variables: dict[str, Any]) -> None:
        if variables["segmentation"] == "unlucky":
            raise RuntimeError("Mage takes no run")
        self.append((pipeline, variables))


def test_each_active_one_is_checked_on_the_month_just_ended_and_the_others_are_named(add: Add) -> None:
    add("dtc_personas")
    add("stores")
    add("planned", units=False, production=False)
    add("without_units", units=False)
    started = Started()
    outcome = start_monthly_checks(FIRST_OF_MAY, started)
    waves = {"reference_wave": "2025-01", "current_wave": "2025-04"}
    assert started == [(PIPELINE, {"segmentation": name} | waves) for name in ("dtc_personas", "stores")]
    assert outcome["started"] == {"dtc_personas": "2025-01", "stores": "2025-01"}
    assert outcome["inactive"] == {
        "customer_churn": "nothing of it is in production",
        "planned": "nothing of it is in production",
        "without_units": "it has no reference wave: no version was measured on one, and nothing was checked yet",
    }


def test_customers_are_checked_by_the_pipeline_that_makes_their_waves(add: Add) -> None:
    add("dtc_personas")
    add("customer_value", lookback_days=180)
    started = Started()
    start_monthly_checks(FIRST_OF_MAY, started)
    assert [(pipeline, variables["segmentation"], variables["current_wave"]) for pipeline, variables in started] == [
        (PIPELINE, "dtc_personas", "2025-04"),
        ("customer_value_pipeline", "customer_value", "2025-04"),
    ]


def test_one_that_fails_stops_no_other_and_the_run_fails_with_all_reasons(add: Add, folder: Path) -> None:
    add("dtc_personas")
    add("stores")
    add("unlucky")
    (folder / "broken.yaml").write_text("name: [")
    started = Started()
    with pytest.raises(PipelineRunError, match="wave 2025-04 was not checked for every segmentation") as failed:
        start_monthly_checks(FIRST_OF_MAY, started)
    assert sorted(variables["segmentation"] for _, variables in started) == ["dtc_personas", "stores"]
    assert "unlucky: Mage takes no run" in str(failed.value)
    assert "broken: " in str(failed.value)
