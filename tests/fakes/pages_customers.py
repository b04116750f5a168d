"""Customers for the pages: two forecasts of some, one of them settled, and two months of a segmentation of customers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd
from dtc_data import load_catalogue
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import UnitTable, transaction
from fakes.pages_data import PagesData
from sqlalchemy import Engine

MODEL: Final = "customer_churn"
KEYS: Final = tuple(ForecastKey(datetime(2025, month, 1, tzinfo=UTC), "1", 30) for month in (1, 2))
CATALOGUE: Final = """
name: Customer value
unit: customer
segment: segment
transactions: {lookback_days: 180}
features:
  - {name: recency, label: Days since the last order, type: number, minimum: 0}
  - {name: orders, label: Orders, type: number, minimum: 0}
segments:
  - {id: 0, name: Loyal, description: Order often, action: Thank them, centroid: [10, 12]}
  - {id: 1, name: Gone quiet, centroid: [150, 2]}
"""
FORECASTS: Final = pd.DataFrame(
    {
        "customer_id": ["=cmd", "ann", "bob", "cid"],
        "probability": [0.9, 0.2, 0.5, 0.8],
        "expected_amount": [None, 100.0, 50.0, 10.0],
        "segment": ["Loyal", "Loyal", None, "Loyal"],
        "expected_segment": ["Gone quiet", "Loyal", None, "Loyal"],
        "reason_1": ["No order for 90 days", "No order for 90 days", "", ""],
    }
)


def add_customers(data: PagesData, engine: Engine) -> None:
    """Store the forecasts and the segmentation of customers beside what is there."""
    write_segments(data.catalogue_file.with_name("customer_value.yaml"), engine)
    table = ForecastTable(MODEL)
    with transaction(engine) as connection:
        table.create(connection)
        for key in KEYS:
            table.write(connection, key, FORECASTS)
        table.write_account(connection, KEYS[0], "kept", "The forecasts kept what they promised.", {"base_rate": 0.5})


def write_segments(path: Path, engine: Engine) -> None:
    """Write the catalogue, and two months in which ann moves."""
    path.write_text(CATALOGUE, encoding="utf-8")
    catalogue = load_catalogue(path)
    months = [
        ("2025-01-31", {"ann": (5.0, 14.0, 0), "bob": (160.0, 1.0, 1)}),
        ("2025-02-28", {"ann": (140.0, 3.0, 1), "bob": (170.0, 1.0, 1)}),
    ]
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        for day, customers in months:
            frame = pd.DataFrame(
                [
                    {"unit_id": name, "date": pd.Timestamp(day, tz="UTC"), "recency": days, "orders": n, "segment": id_}
                    for name, (days, n, id_) in customers.items()
                ]
            )
            table.ingest(connection, frame.astype({"segment": "Int64"}))
