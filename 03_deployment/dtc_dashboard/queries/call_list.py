"""Customers with a forecast: whom to call, one of them closely, and how earlier forecasts came out."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import transaction

from dtc_dashboard.queries.sources import Sources

MODEL: Final = "customer_churn"
"""The registered forecast of who leaves."""


@dataclass(frozen=True)
class ListedCustomer:
    """One customer in a forecast."""

    rank: int
    """1 for the likeliest to leave."""
    customer_id: str
    probability: float
    expected_amount: float | None


@dataclass(frozen=True)
class CallList:
    """The newest forecast."""

    key: ForecastKey
    n_customers: int
    customers: tuple[ListedCustomer, ...]
    """The likeliest to leave first, as many as can be called."""


@dataclass(frozen=True)
class CustomerForecast:
    """What was once forecast for a customer."""

    key: ForecastKey
    customer: ListedCustomer


def read_call_list(sources: Sources, capacity: int) -> CallList | None:
    """Return whom to call if so many can be called; None while there is no forecast.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    table = ForecastTable(MODEL)
    with transaction(sources.engine) as connection:
        keys = table.keys(connection) if table.is_there(connection) else []
        if not keys:
            return None
        ranked = _ranked(table.load(connection, keys[-1]))
    return CallList(keys[-1], len(ranked), tuple(ranked[:capacity]))


def forecasts_for(sources: Sources, customer_id: str) -> list[CustomerForecast]:
    """Return what was forecast for a customer, the newest first; errors as `read_call_list`."""
    table = ForecastTable(MODEL)
    found = []
    with transaction(sources.engine) as connection:
        for key in reversed(table.keys(connection) if table.is_there(connection) else []):
            ranked = _ranked(table.load(connection, key))
            found += [CustomerForecast(key, one) for one in ranked if one.customer_id == customer_id]
    return found


def forecast_accounts(sources: Sources) -> list[dict[str, Any]]:
    """Return how forecasts came out whose horizon has passed, the newest first; errors as `read_call_list`."""
    table = ForecastTable(MODEL)
    with transaction(sources.engine) as connection:
        return table.accounts(connection)[::-1] if table.is_there(connection) else []


def _ranked(forecasts: pd.DataFrame) -> list[ListedCustomer]:
    ordered = forecasts.sort_values(["probability", "customer_id"], ascending=[False, True])
    rows = zip(ordered["customer_id"], ordered["probability"], ordered["expected_amount"], strict=True)
    return [
        ListedCustomer(rank, str(name), float(probability), None if pd.isna(amount) else float(amount))
        for rank, (name, probability, amount) in enumerate(rows, 1)
    ]
