"""Processes that begin a step of a run and never end it."""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from dtc_data.core import PostgresSettings
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import make_engine, once, transaction
from sqlalchemy import Connection


def begin_and_stay(settings: PostgresSettings, run_id: str, step: str, begun: Path) -> None:
    """Begin a step, say so by a file, and stay in it."""

    def work() -> dict[str, Any]:
        begun.touch()
        time.sleep(600)
        return {}

    once(make_engine(settings), run_id, step, work)


KEY = ForecastKey(datetime(2017, 11, 1, tzinfo=UTC), "1", 30)


def store_forecasts(connection: Connection) -> int:
    """Store the forecasts of 100 customers and return how many are new."""
    table = ForecastTable("customer_churn")
    table.create(connection)
    names = [f"c{number:03d}" for number in range(100)]
    return table.write(connection, KEY, pd.DataFrame({"customer_id": names, "probability": 0.25}))


def stored_forecasts(connection: Connection) -> pd.DataFrame:
    """Return them."""
    return ForecastTable("customer_churn").load(connection, KEY)


def store_and_die(settings: PostgresSettings, run_id: str) -> None:
    """Forecast within a step, and be killed before what came of the step is on record."""
    engine = make_engine(settings)

    def work() -> dict[str, Any]:
        with transaction(engine) as connection:
            store_forecasts(connection)
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    once(engine, run_id, "forecast_customers", work)
