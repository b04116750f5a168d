"""Lists of customers by what was forecast for them, put together by Postgres: for pages, which must not load a million rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Text, cast, func, inspect, select
from sqlalchemy import column as named_column
from sqlalchemy import null as nothing
from sqlalchemy.sql.elements import ColumnElement

from dtc_data.forecasts.forecast_table import FORECASTS, LATER, ForecastKey

Order = Literal["risk", "value", "loss"]
"""What stands first: who leaves most likely, who would spend most, or where most is expected to be lost (risk times value)."""
SUGGESTED: Final = 10
"""Customers that are suggested where an id is not found."""
_AMOUNT: Final = func.nullif(FORECASTS.c.expected_amount, float("nan"))
"""Nothing where no amount was forecast, however that was written."""


@dataclass(frozen=True)
class ListWish:
    """Which customers are wanted, and in which order."""

    capacity: int
    order: Order = "risk"
    segment: str | None = None
    least_probability: float = 0.0
    least_amount: float | None = None


@dataclass(frozen=True)
class ListedCustomer:
    """One customer in a forecast."""

    customer_id: str
    probability: float
    expected_amount: float | None
    segment: str | None
    """At the cutoff; None where there was no segmentation of customers."""
    expected_segment: str | None
    """At the end of the horizon."""
    reasons: tuple[str, ...]
    """What speaks most for the probability, the strongest first."""


@dataclass(frozen=True)
class ForecastGroup:
    """The customers of one segment in a forecast."""

    segment: str | None
    customers: int
    expected_to_leave: float
    """Sum of the probabilities."""
    expected_amount: float | None


def list_customers(
    connection: Connection, model: str, key: ForecastKey, wish: ListWish
) -> tuple[list[ListedCustomer], int]:
    """Return the customers that are wanted, as many as the capacity, and how many there are in all."""
    there = _columns(connection)
    loss = FORECASTS.c.probability * _AMOUNT
    firsts = {"risk": FORECASTS.c.probability, "value": _AMOUNT, "loss": loss}
    wanted = [*_of(model, key), FORECASTS.c.probability >= wish.least_probability]
    if wish.segment is not None:
        wanted.append(there["segment"] == wish.segment)
    if wish.least_amount is not None:
        wanted.append(wish.least_amount <= _AMOUNT)
    first = firsts[wish.order].desc().nulls_last()
    query = _select(there).where(*wanted).order_by(first, FORECASTS.c.customer_id).limit(wish.capacity)
    found = [_listed(row) for row in connection.execute(query)]
    total = connection.scalar(select(func.count()).select_from(FORECASTS).where(*wanted)) or 0
    return found, int(total)


def forecasts_of_customer(
    connection: Connection, model: str, keys: Sequence[ForecastKey], customer_id: str
) -> list[tuple[ForecastKey, ListedCustomer]]:
    """Return what was forecast for a customer, in the order of the keys."""
    there = _columns(connection)
    found = []
    for key in keys:
        row = connection.execute(_select(there).where(*_of(model, key), FORECASTS.c.customer_id == customer_id)).first()
        if row is not None:
            found.append((key, _listed(row)))
    return found


def suggest_customers(connection: Connection, model: str, key: ForecastKey, begins: str) -> list[str]:
    """Return some customers of a forecast whose ids begin so."""
    ids = FORECASTS.c.customer_id
    query = select(ids).where(*_of(model, key), ids.startswith(begins, autoescape=True)).order_by(ids).limit(SUGGESTED)
    return list(connection.scalars(query))


def forecast_groups(connection: Connection, model: str, key: ForecastKey) -> list[ForecastGroup]:
    """Return the customers of a forecast by their segment, the largest first."""
    segment = _columns(connection)["segment"].label("segment")
    figures = (func.count(), func.sum(FORECASTS.c.probability), func.sum(_AMOUNT))
    query = select(segment, *figures).where(*_of(model, key)).group_by(segment).order_by(func.count().desc(), segment)
    return [ForecastGroup(*row) for row in connection.execute(query)]


def forecast_rates(connection: Connection, model: str) -> dict[ForecastKey, float]:
    """Return the share of customers that each forecast expected to leave."""
    columns = FORECASTS.c.cutoff, FORECASTS.c.version, FORECASTS.c.horizon_days
    query = select(*columns, func.avg(FORECASTS.c.probability)).where(FORECASTS.c.model == model).group_by(*columns)
    return {ForecastKey(*key): float(rate) for *key, rate in connection.execute(query)}


def _columns(connection: Connection) -> dict[str, ColumnElement[Any]]:
    """Return the columns that came later, nothing in the place of those that the table lacks."""
    there = {column["name"] for column in inspect(connection).get_columns(FORECASTS.name)}
    return {name: named_column(name, Text) if name in there else cast(nothing(), Text).label(name) for name in LATER}


def _select(there: dict[str, ColumnElement[Any]]) -> Any:
    own = FORECASTS.c.customer_id, FORECASTS.c.probability, _AMOUNT.label("expected_amount")
    return select(*own, *there.values()).select_from(FORECASTS)


def _listed(row: Row[Any]) -> ListedCustomer:
    customer_id, probability, amount, segment, expected, *reasons = tuple(row)
    return ListedCustomer(customer_id, probability, amount, segment, expected, tuple(filter(None, reasons)))


def _of(model: str, key: ForecastKey) -> list[ColumnElement[bool]]:
    columns = {"model": model, "version": key.version, "cutoff": key.cutoff}
    return [FORECASTS.c[name] == value for name, value in columns.items()]
