"""Planted stores in their regions, states and cities, with the habits that their sales follow."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_data.stores.planted.archetypes import (
    ARCHETYPES,
    CATEGORIES,
    CATEGORY_NOISE,
    NOISE_LEVELS,
    PLACEMENTS,
    PLAIN,
    REGIONS,
    SHARES,
    TIER_BASKETS,
    TIER_SHARES,
    TIERS,
    TYPICAL_SPREADS,
)
from dtc_data.stores.planted.plan import RetailPlan

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STATES_PER_REGION: Final = 3
CITIES_PER_STATE: Final = 5
OPENED_MEANWHILE: Final = 0.08
CLOSED_MEANWHILE: Final = 0.04
"""Shares of stores that open, and that close, between the first and the last day."""
EARLIEST_YEARS: Final = 20
"""Years before the first day since which the other stores have been opening."""
STORAGE_SHARES: Final = (0.15, 0.2, 0.25, 0.45, 0.1)
"""Storage of a store as a share of its size, for each of `PLACEMENTS`."""
STORAGE_SPREAD: Final = 0.18
"""Standard deviation of the logarithm of a store's storage around that share."""
FEWEST_LINES: Final = 1.05
"""Smallest mean number of lines per basket."""
REVENUE_SPREAD: Final = 0.14
"""Standard deviation of the logarithm of a store's revenue around its tier."""


@dataclass(frozen=True)
class Habits:
    """What the sales of each store follow; every array has one row per store."""

    numbers: dict[str, FloatArray]
    """By the fields of `Archetype` that are numbers."""
    mix: FloatArray
    """Share of each category ``(n_stores, n_categories)``."""
    revenue_level: FloatArray
    """Revenue of the store beside that of the mean store."""
    opened: npt.NDArray[np.datetime64]
    closed: npt.NDArray[np.datetime64]
    """Not a time where a store stays open."""


@dataclass(frozen=True)
class PlantedStores:
    """Stores as their file shows them, the truth about them, and what their sales follow."""

    stores: pd.DataFrame
    truth: pd.DataFrame
    habits: Habits


def plant_stores(plan: RetailPlan) -> PlantedStores:
    """Return stores of all archetypes and tiers, as a file would name them and as they are."""
    random = np.random.default_rng([plan.seed, 1])
    archetypes = _spread_over([archetype.share for archetype in ARCHETYPES], plan.n_stores, random)
    tiers = _spread_over(TIER_SHARES, plan.n_stores, random)
    numbers = {name: _habit(name, archetypes, plan, random) for name in TYPICAL_SPREADS if name != "mix"}
    placements = _category("placements", len(PLACEMENTS), archetypes, plan, random)
    opened, closed = _life(plan, random)
    habits = Habits(numbers, _mixes(archetypes, plan, random), _revenue_levels(tiers, random), opened, closed)
    digits = max(4, len(str(plan.n_stores)))
    ids = np.array([f"S{number:0{digits}d}" for number in range(1, plan.n_stores + 1)])
    size = np.round(numbers["size_m2"])
    stores = pd.DataFrame({"store_id": ids} | _places(archetypes, plan, random)).assign(
        placement=np.array(PLACEMENTS)[placements],
        opened=opened,
        closed=closed,
        size_m2=np.where(random.random(plan.n_stores) < plan.missing_sizes, np.nan, size),
        storage_m2=_storage(size, placements, random),
    )
    truth = pd.DataFrame(
        {
            "store_id": ids,
            "archetype": np.array([archetype.name for archetype in ARCHETYPES])[archetypes],
            "tier": np.array(TIERS)[tiers],
            "revenue_level": habits.revenue_level,
        }
        | numbers
    ).assign(size_m2=size)
    return PlantedStores(stores, truth, habits)


def _spread_over(shares: Any, n_stores: int, random: np.random.Generator) -> IntArray:
    """Return one group per store, in chance order and in the shares given, none of them empty."""
    bounds = np.round(np.cumsum(shares) / np.sum(shares) * n_stores).astype(int)
    groups = np.searchsorted(bounds, np.arange(n_stores), side="right")
    groups[: len(shares)] = np.arange(len(shares))
    return random.permutation(groups).astype(np.int64)


def _habit(name: str, archetypes: IntArray, plan: RetailPlan, random: np.random.Generator) -> FloatArray:
    centre = np.array([getattr(archetype, name) for archetype in ARCHETYPES])[archetypes]
    strayed = random.standard_normal(len(archetypes)) * TYPICAL_SPREADS[name] * NOISE_LEVELS[plan.noise]
    habit: FloatArray
    if name in PLAIN:
        habit = np.clip(centre + strayed, -0.9, 0.9)
    elif name in SHARES:
        habit = 1 / (1 + (1 - centre) / centre * np.exp(-strayed))
    else:
        habit = centre * np.exp(strayed)
    return np.maximum(habit, FEWEST_LINES) if name == "lines_per_basket" else habit


def _category(
    name: str, n_values: int, archetypes: IntArray, plan: RetailPlan, random: np.random.Generator
) -> IntArray:
    """Draw one of several values per store, by the weights of its archetype or, for some stores, by none."""
    weights = np.array([getattr(archetype, name) for archetype in ARCHETYPES], dtype=np.float64)
    cumulated = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    drawn = (random.random((len(archetypes), 1)) > cumulated[archetypes]).sum(axis=1).clip(max=n_values - 1)
    strays = random.random(len(archetypes)) < CATEGORY_NOISE[plan.noise]
    return np.where(strays, random.integers(0, n_values, len(archetypes)), drawn)


def _mixes(archetypes: IntArray, plan: RetailPlan, random: np.random.Generator) -> FloatArray:
    centre = np.array([archetype.mix for archetype in ARCHETYPES])[archetypes]
    spread = TYPICAL_SPREADS["mix"] * NOISE_LEVELS[plan.noise]
    mix = centre * np.exp(spread * random.standard_normal((len(archetypes), len(CATEGORIES))))
    shares: FloatArray = mix / mix.sum(axis=1, keepdims=True)
    return shares


def _revenue_levels(tiers: IntArray, random: np.random.Generator) -> FloatArray:
    spread = np.exp(REVENUE_SPREAD * random.standard_normal(len(tiers)) - REVENUE_SPREAD**2 / 2)
    levels: FloatArray = np.array(TIER_BASKETS)[tiers] / np.dot(TIER_BASKETS, TIER_SHARES) * spread
    return levels


def _life(
    plan: RetailPlan, random: np.random.Generator
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """Return the day on which each store opened, and the last one of those that closed."""
    first, n = np.datetime64(plan.first_day, "D"), plan.n_stores
    opened = first - random.integers(30, EARLIEST_YEARS * 365, n)
    meanwhile = random.random(n) < OPENED_MEANWHILE
    opened = np.where(meanwhile, first + random.integers(1, max(2, plan.n_days - 14), n), opened)
    last = opened.clip(min=first) + random.integers(28, plan.n_days, n)
    closes = (random.random(n) < CLOSED_MEANWHILE) & (last < np.datetime64(plan.last_day, "D"))
    return opened, np.where(closes, last, np.datetime64("NaT", "D"))


def _places(archetypes: IntArray, plan: RetailPlan, random: np.random.Generator) -> dict[str, Any]:
    """Return region, state and city of each store; a city lies in one state and a state in one region."""
    regions = np.array(REGIONS)[_category("regions", len(REGIONS), archetypes, plan, random)]
    states = random.integers(1, STATES_PER_REGION + 1, len(archetypes))
    cities = random.integers(1, CITIES_PER_STATE + 1, len(archetypes))
    state_names = [f"{region}_{state}" for region, state in zip(regions, states, strict=True)]
    return {
        "region": regions,
        "state": state_names,
        "city": [f"{state}_{city}" for state, city in zip(state_names, cities, strict=True)],
    }


def _storage(size: FloatArray, placements: IntArray, random: np.random.Generator) -> FloatArray:
    shares = np.array(STORAGE_SHARES)[placements]
    storage: FloatArray = np.round(size * shares * np.exp(STORAGE_SPREAD * random.standard_normal(len(size))), 1)
    return storage
