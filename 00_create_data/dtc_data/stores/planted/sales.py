"""Planted sales lines and stock counts, some stores at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from dtc_data.stores.planted.archetypes import CATEGORIES, seasonal_curves
from dtc_data.stores.planted.faults import UNKNOWN_PRODUCT, UNKNOWN_STORE
from dtc_data.stores.planted.network import FloatArray, IntArray, PlantedStores
from dtc_data.stores.planted.plan import RetailPlan
from dtc_data.stores.planted.products import POPULARITY, Assortment

LINES_PER_CHUNK: Final = 500_000
"""Lines that are made at a time, so that a large retailer needs no more memory than a small one."""
DAYS_BETWEEN_COUNTS: Final = 28
"""Days between two counts of the stock."""
EXTRA_ITEMS: Final = 0.4
"""Items of a line beyond the first, on average."""
DISCOUNT_DEPTHS: Final = (0.1, 0.4)
RETURNED: Final = 0.004
"""Share of lines that are returned."""
RAMP_DAYS: Final = 90
"""Days after which a new store has made up two thirds of what it sells less at first."""
SATURDAY: Final = 5
"""Days after Monday."""
_SUMMER_PEAK: Final = 200
"""Day of the year on which stores with a season of more than 0 sell most."""


@dataclass(frozen=True)
class Chunk:
    """Sales and stock of some stores."""

    sales: pd.DataFrame
    inventory: pd.DataFrame


class PlantedTrade:
    """Makes the sales and the stock of planted stores, in chunks.

    Parameters
    ----------
    plan : RetailPlan
        Says how much is sold and when.
    planted : PlantedStores
        Who sells.
    assortment : Assortment
        What is sold.
    """

    def __init__(self, plan: RetailPlan, planted: PlantedStores, assortment: Assortment) -> None:
        self._plan = plan
        self._habits = planted.habits
        self._assortment = assortment
        self._store_ids = pd.Index([*planted.stores["store_id"], UNKNOWN_STORE])
        self._product_ids = pd.Index([*assortment.products["product_id"], UNKNOWN_PRODUCT])
        self._days = np.datetime64(plan.first_day, "D") + np.arange(plan.n_days)
        self._day_of_year = (self._days - self._days.astype("datetime64[Y]")).astype(int)
        self._curves = seasonal_curves()
        self._baskets_per_day = self._mean_baskets()

    def chunks(self) -> Iterator[Chunk]:
        """Return sales and stock of all stores in turn; line and basket ids go on from chunk to chunk."""
        lines_per_store = self._plan.lines_per_week * self._plan.n_days / 7
        step = max(1, int(LINES_PER_CHUNK / lines_per_store))
        first_line = first_basket = 1
        for start in range(0, self._plan.n_stores, step):
            random = np.random.default_rng([self._plan.seed, 3, start])
            stores = np.arange(start, min(start + step, self._plan.n_stores))
            sales, n_baskets = self._sales(stores, random, first_line, first_basket)
            first_line, first_basket = first_line + len(sales), first_basket + n_baskets
            yield Chunk(sales, self._inventory(stores, random))

    def _mean_baskets(self) -> FloatArray:
        """Return the baskets per day of each store, so that revenue follows the tier and not the archetype."""
        numbers = self._habits.numbers
        line_value = (self._habits.mix * self._assortment.category_prices).sum(axis=1) * numbers["price_level"]
        line_value *= 1 - np.mean(DISCOUNT_DEPTHS) * numbers["discount_share"]
        lines = self._habits.revenue_level / line_value
        baskets: FloatArray = lines / lines.mean() * self._plan.lines_per_week / 7 / numbers["lines_per_basket"]
        return baskets

    def _expected_baskets(self, stores: IntArray, random: np.random.Generator) -> FloatArray:
        """Return the baskets that each store expects on each day ``(n_stores, n_days)``."""
        numbers = {name: values[stores, None] for name, values in self._habits.numbers.items()}
        opened, closed = self._habits.opened[stores, None], self._habits.closed[stores, None]
        is_weekend = (self._days.astype(int) + 3) % 7 >= SATURDAY  # day 0, in 1970, was a Thursday
        weekend = numbers["weekend_share"]
        weekday_rhythm = np.where(is_weekend, weekend / 2, (1 - weekend) / 5) * 7
        season = 1 + numbers["season"] * np.cos(2 * np.pi * (self._day_of_year - _SUMMER_PEAK) / 365.25)
        years = (np.arange(len(self._days)) - len(self._days) / 2) / 365.25
        age = (self._days - opened).astype(int)
        is_open = (age >= 0) & (np.isnat(closed) | (self._days <= closed))
        ramp = 1 - 0.5 * np.exp(-np.maximum(age, 0) / RAMP_DAYS)
        weeks = random.gamma(100, 1 / 100, (len(stores), len(self._days) // 7 + 1)).repeat(7, axis=1)
        expected = self._baskets_per_day[stores, None] * weekday_rhythm * season * (1 + numbers["growth"]) ** years
        return np.where(is_open, expected * ramp * weeks[:, : len(self._days)], 0.0)

    def _sales(
        self, stores: IntArray, random: np.random.Generator, first_line: int, first_basket: int
    ) -> tuple[pd.DataFrame, int]:
        """Return the sales lines of some stores, in order of store and day, and how many baskets they are."""
        counts = random.poisson(self._expected_baskets(stores, random))
        place, day = (axis.repeat(counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1))
        lines = 1 + random.poisson(self._habits.numbers["lines_per_basket"][stores][place] - 1)
        basket = np.arange(first_basket, first_basket + len(place)).repeat(lines)
        store, day = stores[place].repeat(lines), day.repeat(lines)
        product = self._products(store, day, random)
        quantity, revenue, discount = self._amounts(store, product, random)
        sales = pd.DataFrame(
            {
                "line_id": np.arange(first_line, first_line + len(store)),
                "store_id": _named(store, self._store_ids),
                "date": self._days[day].astype("datetime64[s]"),
                "product_id": _named(product, self._product_ids),
                "basket_id": basket,
                "quantity": quantity,
                "revenue": revenue,
                "discount": discount,
            }
        )
        return sales, len(place)

    def _products(self, store: IntArray, day: IntArray, random: np.random.Generator) -> IntArray:
        """Draw the product of each line by the store's mix, the season and how the products of a category sell."""
        weights = self._habits.mix[store] * self._curves[self._day_of_year[day]]
        cumulated = weights.cumsum(axis=1)
        drawn = random.random(len(store)) * cumulated[:, -1]
        category = (drawn[:, None] > cumulated).sum(axis=1).clip(max=len(CATEGORIES) - 1)
        rank = self._assortment.stocked[store, category] * random.random(len(store)) ** POPULARITY
        return self._assortment.positions(store, category, rank.astype(np.int64))

    def _amounts(
        self, store: IntArray, product: IntArray, random: np.random.Generator
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        numbers, n = self._habits.numbers, len(store)
        quantity = 1 + random.poisson(EXTRA_ITEMS, n)
        price = self._assortment.prices[product] * numbers["price_level"][store] * random.uniform(0.97, 1.03, n)
        is_discounted = random.random(n) < numbers["discount_share"][store]
        depth = np.where(is_discounted, random.uniform(*DISCOUNT_DEPTHS, n), 0.0)
        sign = np.where(random.random(n) < RETURNED, -1, 1)
        revenue = np.round(sign * quantity * price * (1 - depth), 2)
        return sign * quantity, revenue, np.where(sign > 0, np.round(quantity * price * depth, 2), 0.0)

    def _inventory(self, stores: IntArray, random: np.random.Generator) -> pd.DataFrame:
        """Return what lay on the shelves every four weeks, product by product."""
        numbers, stocked = self._habits.numbers, self._assortment.stocked[stores]
        place, category = (axis.repeat(stocked.ravel()) for axis in np.indices(stocked.shape).reshape(2, -1))
        rank = np.arange(len(place)) - (stocked.ravel().cumsum() - stocked.ravel()).repeat(stocked.ravel())
        store, total = stores[place], stocked[place, category]
        popularity = ((rank + 1) / total) ** (1 / POPULARITY) - (rank / total) ** (1 / POPULARITY)
        lines = (
            self._baskets_per_day[store] * 7 * numbers["lines_per_basket"][store] * self._habits.mix[store, category]
        )
        units = lines * popularity * (1 + EXTRA_ITEMS) * numbers["stock_weeks"][store]
        days = self._days[DAYS_BETWEEN_COUNTS - 1 :: DAYS_BETWEEN_COUNTS]
        on_hand = 1 + random.poisson(units, (len(days), len(units)))
        on_hand[random.random(on_hand.shape) < numbers["empty_share"][store]] = 0
        opened, closed = self._habits.opened[store], self._habits.closed[store]
        counted = (days[:, None] >= opened) & (np.isnat(closed) | (days[:, None] <= closed))
        count, row = np.nonzero(counted)
        product = self._assortment.positions(store, category, rank)[row]
        return pd.DataFrame(
            {
                "store_id": _named(store[row], self._store_ids),
                "date": days[count].astype("datetime64[s]"),
                "product_id": _named(product, self._product_ids),
                "on_hand": on_hand[count, row],
            }
        )


def _named(positions: IntArray, names: pd.Index) -> pd.Categorical:
    """Return names by their position, each of them held once."""
    return pd.Categorical.from_codes(cast("Sequence[int]", positions), names)
