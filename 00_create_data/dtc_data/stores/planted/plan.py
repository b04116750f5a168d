"""What a planted retailer is to be like."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dtc_data.core import SettingsError
from dtc_data.stores.planted.archetypes import ARCHETYPES, NOISE_LEVELS

_SEEDS: Final = 2**32


@dataclass(frozen=True)
class RetailPlan:
    """What a planted retailer is to be like; the same plan always gives the same files.

    Raises
    ------
    SettingsError
        If a value is out of its range; the message names it.
    """

    n_stores: int = 1_000
    noise: str = "low"
    """How far stores stray from their archetype: low, middle or high."""
    seed: int = 42
    lines_per_week: float = 24
    """Sales lines that an average store writes in a week."""
    n_products: int = 160
    first_day: date = date(2023, 1, 1)
    last_day: date = date(2025, 12, 31)
    missing_sizes: float = 0.12
    """Share of stores whose size is not known."""
    dirty_lines: float = 0.004
    """Share of sales lines that are spoilt, over all kinds of fault."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("n_stores", len(ARCHETYPES), 1_000_000),
            ("seed", 0, _SEEDS - 1),
            ("lines_per_week", 0.1, 100_000),
            ("n_products", 16, 100_000),
            ("missing_sizes", 0, 0.9),
            ("dirty_lines", 0, 0.5),
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SettingsError(f"{name} is {value:g}, but must lie between {low:g} and {high:g}")
        if self.noise not in NOISE_LEVELS:
            raise SettingsError(f"noise is {self.noise!r}, but must be one of {', '.join(NOISE_LEVELS)}")
        if self.last_day - self.first_day < timedelta(days=28):
            raise SettingsError(f"last_day is {self.last_day}, but must be four weeks after first_day or later")

    @property
    def n_days(self) -> int:
        """Days from the first to the last, both counted."""
        return (self.last_day - self.first_day).days + 1
