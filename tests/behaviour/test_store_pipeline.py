"""A run for stores makes its quarters out of a retailer's tables, or takes those that are there, and refits a mixture on drift."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_data import Wave
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import DATE, RetailDataError
from dtc_data.stores import Quarter, RetailTables, archetype_features, complete_quarters, store_features
from dtc_data.tables import UnitTable, transaction
from dtc_model.discovery import discover
from dtc_model.profiles import draft_catalogue
from dtc_model.registry import ModelRegistry, RegistryReader, reference_from_database
from dtc_model.rule import SegmentMixture
from dtc_monitoring.checks import latest_checks
from dtc_service.batch import label_wave
from fakes.retail import planted
from fakes.run_execution import block, execute
from fakes.store_catalogue import STORES, some_stores
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

MARCH, JUNE = Wave(2025, 3), Wave(2025, 6)
FIRST = "data_loaders/make_store_waves"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mlflow_uri: str) -> None:
    """The settings of a run: a registry, few resamples, and a folder of the state of its own."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.setenv("TRAIN_BOOTSTRAPS", "2")
    monkeypatch.setenv("STATE_FOLDER", str(tmp_path / "state"))


def written(tmp_path: Path, catalogue: dict[str, Any]) -> Segmentation:
    path = tmp_path / "stores.yaml"
    path.write_text(yaml.safe_dump(catalogue | {"registered_model": f"stores_{tmp_path.name}"}, sort_keys=False))
    return find_segmentation(str(path))


def variables_of(path: Path, reference: Wave, current: Wave) -> dict[str, Any]:
    waves = {"reference_wave": str(reference), "current_wave": str(current)}
    return waves | {"segmentation": str(path), "execution_partition": "9/20250701T000000"}


def ingest(engine: Engine, table: UnitTable, stores: pd.DataFrame, wave: Wave) -> None:
    dated = stores.reset_index().assign(**{DATE: pd.Timestamp(wave.end) - pd.Timedelta(days=1)})
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, dated)


def test_on_drift_the_mixture_is_refitted_ids_survive_and_the_gate_says_how_many_are_relabelled(
    tmp_path: Path, engine: Engine, mlflow_uri: str
) -> None:
    segmentation = written(tmp_path, STORES | {"stores": {"quarters": 4}})
    catalogue, table = segmentation.catalogue, UnitTable(segmentation.catalogue)
    ingest(engine, table, some_stores(400), MARCH)
    ingest(engine, table, some_stores(400, seed=3, shift=0.12), JUNE)
    registry = ModelRegistry(mlflow_uri, catalogue)
    registry.ensure_catalogue_in_production(reference_from_database(engine, catalogue, MARCH))
    variables = variables_of(tmp_path / "stores.yaml", MARCH, JUNE)

    made = block(FIRST)(**variables)["made"]
    assert made == ["2025Q1 as wave 2025-03: there already", "2025Q2 as wave 2025-06: there already"]
    found = execute(variables)

    assert found["verdict"]["status"] == "drift"
    assert found["sweep"]["candidate_k"] == 2
    assert found["candidate"]["promotable"]
    findings = {one["name"]: one for one in found["promotion"]["findings"]}
    assert "get another archetype than by production" in findings["relabelled_share"]["words"]
    assert all(one["value"] > 0.75 for one in found["promotion"]["findings"] if one["name"] == "stability")
    refitted = registry.load(found["candidate"]["version"])
    assert isinstance(refitted, SegmentMixture)
    assert refitted.segment_ids == (3, 8)
    assert refitted.centroids[:, 1] == pytest.approx([0.26, 0.56], abs=0.03)
    served = RegistryReader(mlflow_uri, catalogue.registered_model).fetch(found["candidate"]["version"])
    with transaction(engine) as connection:
        labels = label_wave(connection, table, JUNE, served)
    assert labels.shares == pytest.approx({"Corner": 0.7, "Warehouse": 0.3}, abs=0.08)


def test_quarters_are_made_out_of_the_tables_of_a_retailer(tmp_path: Path, engine: Engine, mlflow_uri: str) -> None:
    planted(tmp_path)
    (tmp_path / "state" / "stores").mkdir(parents=True)
    (tmp_path / "tables").rename(tmp_path / "state" / "stores" / "tables")
    features = store_features(RetailTables.in_folder(tmp_path / "state" / "stores" / "tables"))
    first, second = complete_quarters(features)[:2]
    found = discover(archetype_features(features, first), "mixture", k=3, n_bootstraps=1, spreads=())
    head = {
        "name": "Stores",
        "unit_table": "stores",
        "stores": {"quarters": 4},
        "missing_answers": {"minimum_answered": 2},
    }
    segmentation = written(tmp_path, draft_catalogue(found.document, head=head))
    ModelRegistry(mlflow_uri, segmentation.catalogue).ensure_catalogue_in_production()
    variables = variables_of(tmp_path / "stores.yaml", first.wave, second.wave)

    made = block(FIRST)(**variables)["made"]
    assert [line.split(":")[0] for line in made] == [f"{one} as wave {one.wave}" for one in (first, second)]
    assert execute(variables)["told"]["status"] == "off"
    with transaction(engine) as connection:
        table = UnitTable(segmentation.catalogue)
        assert table.waves(connection) == [first.wave, second.wave]
        (check,) = latest_checks(connection, segmentation.catalogue.registered_model)
        stored = table.load(connection, second.wave).set_index("unit_id")
    assert (check.reference_wave, check.current_wave) == (first.wave, second.wave)
    expected = archetype_features(features, Quarter.parse(str(second)))
    assert np.allclose(stored["size_m2"], expected.loc[stored.index, "size_m2"], equal_nan=True)


def test_without_the_wave_and_without_tables_the_run_fails_by_name(tmp_path: Path) -> None:
    written(tmp_path, STORES | {"stores": {"quarters": 4}})
    with pytest.raises(RetailDataError, match="ingest_retail"):
        block(FIRST)(**variables_of(tmp_path / "stores.yaml", MARCH, JUNE))
