"""A run for customers makes their waves out of the transactions, and then does what every run does."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from dtc_data import Wave
from dtc_data.catalogue import find_segmentation
from dtc_data.core import TransactionsError
from dtc_data.synthetic import write_planted_transactions
from dtc_data.tables import UnitTable, transaction
from dtc_data.transactions import ingest_transactions
from dtc_model.registry import ModelRegistry
from dtc_monitoring.checks import latest_checks
from fakes.run_execution import block, execute
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

JULY, AUGUST = Wave(2024, 7), Wave(2024, 8)
FIRST = "data_loaders/make_customer_waves"
CUSTOMERS = {
    "name": "Customers by value",
    "unit": "customer",
    "unit_table": "customer_value",
    "transactions": {"lookback_days": 90},
    "features": [{"name": "recency_days"}, {"name": "frequency"}, {"name": "monetary"}],
    "segments": [
        {"id": 0, "name": "Champions", "centroid": [10, 8, 200]},
        {"id": 1, "name": "Hibernating", "centroid": [70, 1, 20]},
    ],
}


@pytest.fixture
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mlflow_uri: str) -> dict[str, Any]:
    """The variables of a run on a segmentation of customers whose catalogue is in production."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    for name, value in (("K_MIN", "2"), ("K_MAX", "2"), ("BOOTSTRAPS", "1"), ("N_INIT", "1")):
        monkeypatch.setenv(f"TRAIN_{name}", value)
    path = tmp_path / "customer_value.yaml"
    path.write_text(yaml.safe_dump(CUSTOMERS | {"registered_model": f"customer_value_{tmp_path.name}"}))
    ModelRegistry(mlflow_uri, find_segmentation(str(path)).catalogue).ensure_catalogue_in_production()
    waves = {"reference_wave": str(JULY), "current_wave": str(AUGUST)}
    return waves | {"segmentation": str(path), "execution_partition": "7/20240901T000000"}


def test_both_waves_are_made_and_compared(tmp_path: Path, engine: Engine, variables: dict[str, Any]) -> None:
    write_planted_transactions(tmp_path / "shop.parquet", 300, Wave(2024, 1), 10, seed=3)
    ingest_transactions(engine, tmp_path / "shop.parquet")
    made = block(FIRST)(**variables)["made"]
    assert [line.split(":")[0] for line in made] == [str(JULY), str(AUGUST)]
    assert execute(variables)["told"]["status"] == "off"
    catalogue = find_segmentation(variables["segmentation"]).catalogue
    with transaction(engine) as connection:
        assert UnitTable(catalogue).waves(connection) == [JULY, AUGUST]
        (check,) = latest_checks(connection, catalogue.registered_model)
    assert (check.reference_wave, check.current_wave) == (JULY, AUGUST)
    assert block(FIRST)(**variables)["made"] == made, "a second execution takes over what the first one made"
    again = block(FIRST)(**variables | {"execution_partition": "7/20240902T000000"})["made"]
    assert all("nothing changed" in line for line in again), "a run later on finds the waves as they are"
    december = variables | {"current_wave": "2024-12", "execution_partition": "8/20250101T000000"}
    with pytest.raises(TransactionsError, match="there are no transactions of 2024-12"):
        block(FIRST)(**december)


def test_without_transactions_the_run_fails_by_name(variables: dict[str, Any]) -> None:
    with pytest.raises(TransactionsError, match="there are no transactions"):
        block(FIRST)(**variables)
