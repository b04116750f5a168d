"""Customers with a forecast: whom to call, one of them closely, and how earlier forecasts came out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dtc_data.catalogue import Segmentation
from dtc_data.forecasts import (
    ForecastGroup,
    ForecastKey,
    ForecastTable,
    ListedCustomer,
    ListWish,
    forecast_groups,
    forecast_rates,
    forecasts_of_customer,
    list_customers,
    suggest_customers,
)
from dtc_data.tables import UnitMoment, path_of_unit, transaction
from sqlalchemy import Connection

from dtc_dashboard.queries.sources import FORECASTS, Sources

MODEL: Final = "customer_churn"
"""The registered forecast of who leaves."""
LARGEST_KEPT: Final = 1_000
"""Customers in a list that is kept until there is another forecast; longer ones are for files."""


@dataclass(frozen=True)
class CallList:
    """The newest forecast."""

    key: ForecastKey
    groups: tuple[ForecastGroup, ...]
    """All customers by segment, the largest first."""
    customers: tuple[ListedCustomer, ...]
    """Those who are wanted, as many as can be called."""
    wanted: int
    """How many are wanted, whether they can be called or not."""

    @property
    def n_customers(self) -> int:
        """Return how many customers the forecast has."""
        return sum(group.customers for group in self.groups)

    @property
    def has(self) -> frozenset[str]:
        """Return what is known of the listed customers beside their risk."""
        names = ("expected_amount", "segment", "expected_segment", "reasons")
        return frozenset(name for name in names if any(getattr(one, name) for one in self.customers))


@dataclass(frozen=True)
class CustomerPath:
    """A customer through the waves of one segmentation, the latest first."""

    segmentation: Segmentation
    moments: tuple[UnitMoment, ...]


@dataclass(frozen=True)
class OneCustomer:
    """All that is known of one customer."""

    customer_id: str
    forecasts: tuple[tuple[ForecastKey, ListedCustomer], ...]
    """The newest first."""
    paths: tuple[CustomerPath, ...]
    suggested: tuple[str, ...]
    """Customers whose ids begin so, if nobody has this one."""

    @property
    def is_known(self) -> bool:
        """Return whether anything is known."""
        return bool(self.forecasts or self.paths)


@dataclass(frozen=True)
class SettledForecast:
    """A forecast whose horizon has passed."""

    cutoff: datetime
    version: str
    status: str
    words: str
    forecast: float | None
    """Share of customers that was expected to leave."""
    came: float | None
    """Share that left."""
    figures: dict[str, Any]

    @property
    def figures_and_advice(self) -> tuple[str, str]:
        """What came in figures, and what to make of it; without a second sentence all of it is the advice."""
        figures, _, advice = self.words.partition(". ")
        return (f"{figures}.", advice) if advice else ("", figures)


def read_call_list(sources: Sources, wish: ListWish) -> CallList | None:
    """Return the customers that are wanted out of the newest forecast; None while there is none.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    keys = _keys(sources)
    if not keys:
        return None

    def read(connection: Connection) -> tuple[list[ListedCustomer], int]:
        return list_customers(connection, MODEL, keys[-1], wish)

    if wish.capacity > LARGEST_KEPT:
        customers, wanted = _read(sources, read)
    else:
        customers, wanted = sources.kept(FORECASTS, ("list", repr(wish)), lambda: _read(sources, read), of=keys[-1])
    groups = sources.kept(FORECASTS, ("groups",), lambda: _read(sources, lambda own: _groups(own, keys[-1])), keys[-1])
    return CallList(keys[-1], groups, tuple(customers), wanted)


def read_customer(sources: Sources, customer_id: str) -> OneCustomer:
    """Return what is known of a customer; errors as `read_call_list`."""
    keys, paths = _keys(sources)[::-1], []
    with transaction(sources.engine) as connection:
        forecasts = forecasts_of_customer(connection, MODEL, keys, customer_id) if keys else []
        for segmentation in sources.ordered():
            if segmentation.catalogue.transactions is None:
                continue
            if moments := path_of_unit(connection, segmentation.catalogue, customer_id):
                paths.append(CustomerPath(segmentation, tuple(moments[::-1])))
        is_unknown = keys and not forecasts and not paths
        suggested = suggest_customers(connection, MODEL, keys[0], customer_id) if is_unknown else []
    return OneCustomer(customer_id, tuple(forecasts), tuple(paths), tuple(suggested))


def settled_forecasts(sources: Sources) -> list[SettledForecast]:
    """Return how forecasts came out whose horizon has passed, the newest first; errors as `read_call_list`."""
    with transaction(sources.engine) as connection:
        table = ForecastTable(MODEL)
        accounts = table.accounts(connection)[::-1] if table.is_there(connection) else []
    if not accounts:
        return []
    rates = sources.kept(FORECASTS, ("rates",), lambda: _read(sources, lambda own: forecast_rates(own, MODEL)))
    by_cutoff = {(key.cutoff, key.version): rate for key, rate in rates.items()}
    return [
        SettledForecast(
            **{name: account[name] for name in ("cutoff", "version", "status", "words", "figures")},
            forecast=by_cutoff.get((account["cutoff"], account["version"])),
            came=account["figures"].get("base_rate"),
        )
        for account in accounts
    ]


def _keys(sources: Sources) -> list[ForecastKey]:
    """Return all forecasts, the oldest first."""

    def read(connection: Connection) -> list[ForecastKey]:
        table = ForecastTable(MODEL)
        return table.keys(connection) if table.is_there(connection) else []

    found: list[ForecastKey] = sources.kept(FORECASTS, ("keys",), lambda: _read(sources, read))
    return found


def _groups(connection: Connection, key: ForecastKey) -> tuple[ForecastGroup, ...]:
    return tuple(forecast_groups(connection, MODEL, key))


def _read(sources: Sources, read: Any) -> Any:
    with transaction(sources.engine) as connection:
        return read(connection)
