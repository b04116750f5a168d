"""A retailer of two stores, small enough to be reckoned by hand, and one that is planted."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from dtc_data.stores import RetailPlan, RetailTables, read_retail, write_planted_retailer

PLAN = RetailPlan(n_stores=60, seed=2, lines_per_week=20, n_products=64)
SMALL_PLAN = RetailPlan(n_stores=80, seed=3, lines_per_week=10, n_products=48, first_day=date(2024, 10, 1))
"""Two quarters with a year before each: 2025Q3 and 2025Q4."""


def planted(folder: Path, plan: RetailPlan = PLAN) -> RetailTables:
    """Write a planted retailer and read it."""
    write_planted_retailer(plan, folder / "files")
    return read_retail(folder / "files" / "retail.yaml", folder / "tables").tables


def stores(**columns: Any) -> pd.DataFrame:
    """Two stores, one of which opened in May 2024."""
    table = {
        "store_id": ["A", "B"],
        "region": ["north", "south"],
        "placement": ["mall", "station"],
        "opened": pd.to_datetime(["2020-01-01", "2024-05-01"]),
        "closed": pd.DatetimeIndex([None, None]),
        "size_m2": [100.0, 50.0],
        "storage_m2": [20.0, 5.0],
        "size_imputed": [False, True],
        "size_error": [0.0, 0.2],
    }
    return pd.DataFrame(table | columns)


def products() -> pd.DataFrame:
    """Three products of two categories."""
    return pd.DataFrame({"product_id": ["p", "q", "r"], "category": ["fresh", "fresh", "toys"]})


def sales(*lines: tuple[str, str, str, str, float, float, float]) -> pd.DataFrame:
    """Lines of store, date, product, basket, quantity, revenue and discount."""
    columns = ["store_id", "date", "product_id", "basket_id", "quantity", "revenue", "discount"]
    frame = pd.DataFrame(lines, columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"]), line_id=[str(number) for number in range(len(frame))])


def counts(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Counts of stock: store, date, product, items."""
    frame = pd.DataFrame(list(rows), columns=["store_id", "date", "product_id", "on_hand"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def tables(*lines: tuple[str, str, str, str, float, float, float], **others: pd.DataFrame) -> RetailTables:
    """The two stores with these sales."""
    return replace(RetailTables(stores(), products(), sales(*lines), counts()), **others)


def daily(store: str, start: str, end: str, revenue: float) -> list[tuple[str, str, str, str, float, float, float]]:
    """One line a day, with the same revenue on each."""
    days = pd.date_range(start, end).strftime("%Y-%m-%d")
    return [(store, day, "p", f"{store}{day}", 1.0, revenue, 0.0) for day in days]


YEAR = tuple(daily("A", "2024-01-01", "2024-12-31", 10.0))
"""A year in which store A sells one item for 10 a day."""
