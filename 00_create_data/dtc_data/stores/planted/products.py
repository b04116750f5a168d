"""Planted products, those of a category beside each other, and which of them a store stocks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dtc_data.stores.planted.archetypes import CATEGORIES
from dtc_data.stores.planted.network import FloatArray, Habits, IntArray
from dtc_data.stores.planted.plan import RetailPlan

TYPICAL_PRICES: Final = (2.8, 3.2, 4.1, 2.2, 5.5, 8.5, 14.0, 11.0)
"""Median list price in each of `CATEGORIES`, in the retailer's currency."""
PRICE_SPREAD: Final = 0.35
"""Standard deviation of the logarithm of list prices within a category."""
POPULARITY: Final = 1.6
"""How unequally the products of a category sell: 1 is equally."""


@dataclass(frozen=True)
class Assortment:
    """The products of a retailer, and what each store stocks of each category."""

    products: pd.DataFrame
    """product_id, category and list_price, in order of the category."""
    starts: IntArray
    """Position of the first product of each category ``(n_categories,)``."""
    sizes: IntArray
    """Products of each category ``(n_categories,)``."""
    stocked: IntArray
    """Products of each category that a store stocks ``(n_stores, n_categories)``, at least one."""
    offsets: IntArray
    """Position within its category of a store's best seller ``(n_stores, n_categories)``."""

    @property
    def prices(self) -> FloatArray:
        """List price of each product."""
        return self.products["list_price"].to_numpy()

    @property
    def category_prices(self) -> FloatArray:
        """Mean list price of each category."""
        return np.add.reduceat(self.prices, self.starts) / self.sizes

    def positions(self, stores: IntArray, categories: IntArray, ranks: IntArray) -> IntArray:
        """Return the position of the product that has a rank in a store and category; rank 0 sells best."""
        places = (self.offsets[stores, categories] + ranks) % self.sizes[categories]
        return self.starts[categories] + places


def plant_assortment(plan: RetailPlan, habits: Habits) -> Assortment:
    """Return products of all categories, and what each store stocks."""
    random = np.random.default_rng([plan.seed, 2])
    n_categories, n_stores = len(CATEGORIES), len(habits.mix)
    whole, rest = divmod(plan.n_products, n_categories)
    sizes = whole + (np.arange(n_categories) < rest).astype(np.int64)
    categories = np.repeat(np.arange(n_categories), sizes)
    prices = np.array(TYPICAL_PRICES)[categories] * np.exp(PRICE_SPREAD * random.standard_normal(plan.n_products))
    products = pd.DataFrame(
        {
            "product_id": [f"P{number:05d}" for number in range(1, plan.n_products + 1)],
            "category": np.array(CATEGORIES)[categories],
            "list_price": np.round(prices, 2),
        }
    )
    stocked = np.ceil(habits.numbers["breadth"][:, None] * sizes).astype(np.int64).clip(1, sizes)
    # Neighbouring best sellers differ by a few products at most, so that stores of one archetype share most of them.
    offsets = random.integers(0, np.maximum(sizes // 4, 1), (n_stores, n_categories))
    return Assortment(products, np.cumsum(sizes) - sizes, sizes, stocked, offsets)
