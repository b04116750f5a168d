"""Lines of customers whose types are planted: how often they order, how much, when in the year, and what they return."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.core import SettingsError, Wave

IntArray = npt.NDArray[np.int64]

DAYS_PER_SLOT: Final = 3
"""A customer orders at most once in so many days, and returns the day after: so it is known which order a return takes back."""
DEPARTMENTS: Final = ("kitchen", "garden", "bath", "toys", "paper", "lighting")
COUNTRIES: Final = ("United Kingdom", "United Kingdom", "United Kingdom", "France", "Germany")
N_PRODUCTS: Final = 300
DISCOUNT: Final = 0.1
"""Share of the lines that are reduced, and by which share of the price."""
FEWEST_LINES: Final = 3
"""Lines of an order of which one may be returned: what is left is still an order."""

_EVEN: Final = (1.0,) * 12
_YEAR: Final = (0.7, 0.7, 0.9, 1.0, 1.0, 1.0, 0.9, 0.8, 1.1, 1.2, 1.6, 1.5)
_END_OF_YEAR: Final = (0.0,) * 10 + (1.0, 1.0)


@dataclass(frozen=True)
class CustomerType:
    """How customers of one kind behave."""

    name: str
    share: float
    """Of all customers."""
    orders_per_month: float
    """In a month of factor 1; 0 for a single order in all."""
    lines_per_order: float
    pieces: float
    """Mean number of pieces on a line."""
    season: tuple[float, ...] = _YEAR
    """Factor of each month of the year."""
    active_part: float = 1.0
    """Of the period, from its start, after which nothing is ordered any more."""
    return_share: float = 0.01
    """Of the lines of orders with at least three."""


TYPES: Final = (
    CustomerType("loyal", 0.10, 3.0, 6, 2),
    CustomerType("big spender", 0.05, 1.0, 14, 6),
    CustomerType("regular", 0.30, 1.0, 4, 2),
    CustomerType("occasional", 0.25, 0.3, 3, 2),
    CustomerType("once", 0.10, 0.0, 3, 1, season=_EVEN),
    CustomerType("lapsed", 0.10, 1.5, 4, 2, active_part=0.4),
    CustomerType("end of year", 0.05, 2.0, 5, 3, season=_END_OF_YEAR),
    CustomerType("returner", 0.05, 1.0, 6, 2, return_share=0.3),
)
"""The types that are planted."""


def planted_lines(n_customers: int, first: Wave, months: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Make the lines of some months, purchases and returns, in which nothing is wrong.

    Parameters
    ----------
    n_customers : int
        How many customers; some may not order at all.
    first : Wave
        The first month.
    months : int
        How many months.
    seed : int
        The same arguments give the same lines.

    Returns
    -------
    lines : DataFrame
        Columns customer_id, order_id, product_id, department, quantity, unit_price, discount, amount, ordered_at, arrived_at
        (UTC), kind, country and line_id, ordered by time.
    types : Series
        Name of the type by customer_id.

    Raises
    ------
    SettingsError
        If there is no customer, no month or no order.
    """
    if n_customers < 1 or months < 1:
        raise SettingsError(f"{n_customers} customers in {months} months make no lines: give at least 1 of each")
    random = np.random.default_rng(seed)
    kinds = random.choice(len(TYPES), n_customers, p=[kind.share for kind in TYPES])
    customers, days = _orders(kinds, first, months, random)
    lines = _priced(*_lines_of(kinds[customers], random), random)
    order = lines.pop("order").to_numpy()
    minutes = random.integers(8 * 60, 20 * 60, len(customers))
    ordered_at = pd.Timestamp(first.start) + pd.to_timedelta(days, "D") + pd.to_timedelta(minutes, "min")
    names = np.array([f"{10_000 + number}" for number in range(n_customers)])
    lines = lines.assign(
        customer_id=names[customers[order]],
        order_id=pd.Series(order + 500_001).astype(str),
        ordered_at=ordered_at[order],
        kind="purchase",
        country=np.array(COUNTRIES)[customers[order] % len(COUNTRIES)],
    )
    returned = _returns(lines, order, kinds[customers[order]], random)
    whole = pd.concat([lines, returned]).sort_values(["ordered_at", "order_id"], kind="stable", ignore_index=True)
    whole["ordered_at"] = whole["ordered_at"].dt.as_unit("us")  # what Postgres keeps
    whole["arrived_at"] = whole["ordered_at"]
    whole["line_id"] = pd.Series(np.arange(1, len(whole) + 1)).astype(str)
    return whole, pd.Series(np.array([kind.name for kind in TYPES])[kinds], index=names, name="type")


def _orders(kinds: IntArray, first: Wave, months: int, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Draw who orders on which day of the period, in the order of days."""
    waves = [first]
    while len(waves) < months:
        waves.append(waves[-1].next())
    ends = np.cumsum([(wave.end - wave.start).days for wave in waves])
    n_slots = int(ends[-1]) // DAYS_PER_SLOT
    month_of_slot = np.searchsorted(ends, np.arange(n_slots) * DAYS_PER_SLOT, side="right")
    customers, slots = [], []
    for number, kind in enumerate(TYPES):
        members = np.flatnonzero(kinds == number)
        factors = np.array([kind.season[waves[month].month - 1] for month in month_of_slot])
        factors[int(kind.active_part * n_slots) :] = 0
        expected = kind.orders_per_month * factors.sum() * DAYS_PER_SLOT / 30
        counts = (
            random.poisson(expected, len(members)) if kind.orders_per_month else np.ones(len(members), dtype=np.int64)
        )
        if counts.sum() and factors.sum():
            customers.append(np.repeat(members, counts))
            slots.append(random.choice(n_slots, counts.sum(), p=factors / factors.sum()))
    if not slots:
        raise SettingsError(f"none of {len(kinds)} customers orders in {months} months: make more of either")
    pairs = np.unique(np.column_stack([np.concatenate(slots), np.concatenate(customers)]), axis=0)
    # Customers begin their slots on different days, so that the shop sells on each.
    days = pairs[:, 0] * DAYS_PER_SLOT + pairs[:, 1] % (DAYS_PER_SLOT - 1)
    by_day = np.argsort(days, kind="stable")
    return pairs[by_day, 1], days[by_day]


def _lines_of(kinds: IntArray, random: np.random.Generator) -> tuple[IntArray, IntArray, IntArray]:
    """Draw the lines of each order: which order, which product, how many pieces; no product twice in an order."""
    means = np.array([kind.lines_per_order for kind in TYPES])[kinds]
    counts = 1 + random.poisson(means - 1)
    order = np.repeat(np.arange(len(kinds)), counts)
    product = np.minimum(random.exponential(N_PRODUCTS / 5, len(order)).astype(np.int64), N_PRODUCTS - 1)
    order, product = np.unique(np.column_stack([order, product]), axis=0).T
    pieces = 1 + random.poisson(np.array([kind.pieces for kind in TYPES])[kinds[order]] - 1)
    return order, product, pieces


def _priced(order: IntArray, product: IntArray, pieces: IntArray, random: np.random.Generator) -> pd.DataFrame:
    prices = np.round(np.random.default_rng(0).lognormal(1.2, 0.7, N_PRODUCTS), 2) + 0.1
    price = np.round(prices[product], 2)
    discount = np.where(random.random(len(order)) < DISCOUNT, np.round(DISCOUNT * pieces * price, 2), 0.0)
    codes = np.array([f"P{number:04d}" for number in range(N_PRODUCTS)])
    return pd.DataFrame(
        {
            "order": order,
            "product_id": codes[product],
            "department": np.array(DEPARTMENTS)[product % len(DEPARTMENTS)],
            "quantity": pieces.astype(np.float64),
            "unit_price": price,
            "discount": discount,
            "amount": np.round(pieces * price - discount, 2),
        }
    )


def _returns(lines: pd.DataFrame, order: IntArray, kinds: IntArray, random: np.random.Generator) -> pd.DataFrame:
    """Return single lines of orders that have at least three, on the day after; the others of the order stay."""
    n_lines = np.bincount(order)[order]
    is_first = np.r_[True, order[1:] != order[:-1]]
    shares = np.array([kind.return_share for kind in TYPES])[kinds]
    chosen = is_first & (n_lines >= FEWEST_LINES) & (random.random(len(order)) < np.minimum(1, shares * n_lines))
    back = lines[chosen]
    returned: pd.DataFrame = back.assign(
        order_id="C" + back["order_id"],
        quantity=-back["quantity"],
        amount=-back["amount"],
        discount=0.0,
        kind="cancellation",
        ordered_at=back["ordered_at"] + pd.Timedelta(days=1),
    )
    return returned
