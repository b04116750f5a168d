"""What is told beside a verdict on customers: the season, and who is new."""

import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import UnitTable, stack_waves, transaction
from dtc_monitoring.checks import check_drift, latest_checks
from dtc_monitoring.report import read_content, segments, sureness
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JUNE, JULY, LAST_JULY = Wave(2011, 6), Wave(2011, 7), Wave(2010, 7)


@pytest.fixture
def catalogue() -> Catalogue:
    """Customers by recency and what they spent."""
    name = f"value_{uuid.uuid4().hex[:8]}"
    return Catalogue.model_validate(
        {
            "name": "Customer value",
            "unit": "customer",
            "unit_table": name,
            "registered_model": name,
            "transactions": {"lookback_days": 180},
            "features": [{"name": "recency_days", "scale": 30}, {"name": "monetary", "scale": 50}],
            "segments": [
                {"id": 0, "name": "Champions", "centroid": [10, 300]},
                {"id": 1, "name": "Hibernating", "centroid": [140, 50]},
            ],
        }
    )


def customers(wave: Wave, first: int, spend: float, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    asleep = np.arange(120) % 2
    return pd.DataFrame(
        {
            "unit_id": [f"c{number}" for number in range(first, first + 120)],
            "date": pd.Timestamp(wave.end) - pd.Timedelta(days=1),
            "recency_days": 10 + 130 * asleep + random.uniform(0, 20, 120),
            "monetary": spend * (300 - 250 * asleep) + random.normal(0, 20, 120),
        }
    )


def checked(engine: Engine, catalogue: Catalogue, mlflow_uri: str, *waves: pd.DataFrame) -> dict[str, Any]:
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        for wave in waves:
            table.ingest(connection, wave)
        reference, current = table.load(connection, JUNE), table.load(connection, JULY)
    samples = stack_waves(reference, current, catalogue, JUNE, JULY)
    return check_drift(
        samples,
        catalogue,
        reference_wave=str(JUNE),
        current_wave=str(JULY),
        run_id=uuid.uuid4().hex,
        engine=engine,
        tracking_uri=mlflow_uri,
    )


def test_the_same_month_of_the_year_before_is_told_beside_the_verdict(
    engine: Engine, catalogue: Catalogue, mlflow_uri: str
) -> None:
    check = checked(
        engine,
        catalogue,
        mlflow_uri,
        customers(LAST_JULY, 0, 2.0, 1),
        customers(JUNE, 0, 1.0, 2),
        customers(JULY, 30, 2.0, 3),
    )

    assert check["status"] == "drift"
    assert check["season"]["wave"] == "2010-07"
    assert check["season"]["status"] == "stable"
    newcomers = check["newcomers"]
    assert newcomers["units"] == 30
    assert newcomers["words"].startswith("30 customers (25%) are in no earlier wave: Champions 50%")
    with transaction(engine) as connection:
        (stored,) = latest_checks(connection, catalogue.registered_model)
    assert stored.to_dict()["season"] == check["season"]


def test_without_such_a_wave_a_season_cannot_be_excluded(engine: Engine, catalogue: Catalogue, mlflow_uri: str) -> None:
    check = checked(engine, catalogue, mlflow_uri, customers(JUNE, 0, 1.0, 2), customers(JULY, 0, 1.0, 3))

    words = "There is no wave of 2010-07 to compare with: a seasonal effect cannot be excluded."
    assert check["season"] == {"wave": "2010-07", "status": None, "words": words}
    content = read_content(check, segments=catalogue.segment_names, words=catalogue.words)
    assert words in sureness(content)
    assert segments(content)[-1].startswith("0 customers (0%) are in no earlier wave")
