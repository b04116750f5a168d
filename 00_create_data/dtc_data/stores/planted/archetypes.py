"""The archetypes that stores are made from: what is typical of each, in numbers and in kind, and how far stores stray."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

CATEGORIES: Final = ("ambient", "fresh", "frozen", "drinks", "household", "beauty", "toys", "garden")
PLACEMENTS: Final = ("high_street", "mall", "neighbourhood", "retail_park", "station")
REGIONS: Final = ("north", "south", "east", "west")

NOISE_LEVELS: Final = {"low": 1.0, "middle": 2.4, "high": 3.2}
"""How far stores stray from their archetype, as a multiple of `TYPICAL_SPREADS`."""
CATEGORY_NOISE: Final = {"low": 0.05, "middle": 0.25, "high": 0.5}
"""Share of stores whose placement or region is drawn from all, whatever the archetype."""

TIERS: Final = ("C", "B", "A")
TIER_SHARES: Final = (0.80, 0.15, 0.05)
TIER_BASKETS: Final = (1.0, 2.4, 5.5)
"""Baskets of a store of each tier, as a multiple of tier C: tiers differ in how much they sell, in nothing else."""


@dataclass(frozen=True)
class Archetype:
    """What is typical of the stores of one archetype."""

    name: str
    share: float
    """Share of the stores."""
    size_m2: float
    lines_per_basket: float
    price_level: float
    """Price of a product here, as a multiple of its list price."""
    discount_share: float
    """Share of the lines that are sold at a discount."""
    weekend_share: float
    """Share of the baskets on Saturday and Sunday; equal days would give 0.29."""
    season: float
    """Height of the yearly wave of sales around its mean, 0 to 1; below 0 the wave has its peak in winter."""
    growth: float
    """Growth of sales in a year."""
    breadth: float
    """Share of the products that are stocked."""
    stock_weeks: float
    """Weeks of sales that lie on the shelves."""
    empty_share: float
    """Share of the stocked products that are out of stock at a time."""
    mix: tuple[float, ...]
    """Weight of each of `CATEGORIES` in the sales."""
    placements: tuple[float, ...]
    """Weight of each of `PLACEMENTS`."""
    regions: tuple[float, ...]
    """Weight of each of `REGIONS`."""


ARCHETYPES: Final = (
    Archetype(
        "commuter_stop",
        0.20,
        110,
        1.7,
        1.15,
        0.08,
        0.14,
        0.05,
        0.03,
        0.25,
        1.5,
        0.06,
        (2, 4, 0.5, 5, 0.5, 1, 0.1, 0.1),
        (3, 1, 0, 0, 6),
        (3, 1, 2, 2),
    ),
    Archetype(
        "neighbourhood_grocer",
        0.26,
        420,
        4.2,
        1.00,
        0.15,
        0.30,
        0.04,
        0.00,
        0.50,
        3.0,
        0.04,
        (5, 6, 3, 3, 3, 1, 0.3, 0.5),
        (2, 0, 7, 1, 0),
        (1, 2, 2, 3),
    ),
    Archetype(
        "family_warehouse",
        0.16,
        1900,
        7.0,
        0.90,
        0.22,
        0.44,
        0.10,
        0.02,
        0.90,
        5.0,
        0.03,
        (5, 4, 4, 3, 5, 2, 3, 3),
        (0, 1, 1, 8, 0),
        (1, 3, 2, 1),
    ),
    Archetype(
        "mall_beauty",
        0.14,
        260,
        2.4,
        1.45,
        0.18,
        0.40,
        -0.20,
        0.05,
        0.40,
        6.0,
        0.05,
        (0.5, 0.5, 0.1, 1, 2, 8, 2, 0.1),
        (2, 8, 0, 0, 0),
        (2, 2, 1, 1),
    ),
    Archetype(
        "summer_resort",
        0.10,
        330,
        3.0,
        1.25,
        0.06,
        0.36,
        0.42,
        0.01,
        0.45,
        2.5,
        0.09,
        (2, 4, 3, 6, 0.5, 2, 2, 1),
        (5, 0, 4, 1, 0),
        (4, 4, 0, 0.5),
    ),
    Archetype(
        "clearance_outlet",
        0.14,
        800,
        3.4,
        0.70,
        0.55,
        0.33,
        -0.08,
        -0.04,
        0.70,
        8.0,
        0.02,
        (4, 0.5, 1, 2, 5, 2, 4, 2),
        (1, 1, 1, 6, 0),
        (1, 1, 4, 2),
    ),
)  # fmt: skip - a table
"""Six archetypes, most of which share a size, a placement or a mix with another, so that no single feature tells them apart."""

TYPICAL_SPREADS: Final = {
    "size_m2": 0.25,
    "lines_per_basket": 0.12,
    "price_level": 0.06,
    "discount_share": 0.25,
    "weekend_share": 0.15,
    "season": 0.06,
    "growth": 0.03,
    "breadth": 0.25,
    "stock_weeks": 0.2,
    "empty_share": 0.3,
    "mix": 0.25,
}
"""Standard deviation of a store around its archetype: of the logarithm for sizes, of the log-odds for shares, of itself
for season and growth."""

SHARES: Final = frozenset({"discount_share", "weekend_share", "breadth", "empty_share"})
PLAIN: Final = frozenset({"season", "growth"})


def seasonal_curves() -> npt.NDArray[np.float64]:
    """Return how each category sells by day of the year around its mean ``(366, n_categories)``."""
    peaks = {
        "drinks": (200, 0.25),
        "frozen": (205, 0.2),
        "toys": (345, 0.6),
        "garden": (130, 0.5),
        "beauty": (350, 0.2),
    }
    day = np.arange(366)[:, None]
    centre = np.array([peaks.get(name, (0, 0.0))[0] for name in CATEGORIES])
    height = np.array([peaks.get(name, (0, 0.0))[1] for name in CATEGORIES])
    curves: npt.NDArray[np.float64] = 1 + height * np.cos(2 * np.pi * (day - centre) / 365.25)
    return curves
