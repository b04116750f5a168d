"""Customers by recency, frequency and monetary value: the table in which their segments are looked for."""

from typing import Final

from dtc_data.core import Wave
from dtc_data.tables import transaction
from dtc_data.transactions import LOOKBACK_DAYS, load_customer_wave
from sqlalchemy import Engine

from dtc_model.profiles import load_naming_rules
from dtc_model.recipes.found_table import Recipe

FEATURES: Final = ("recency_days", "frequency", "monetary")
LABELS: Final = {
    "recency_days": "Days since the latest order",
    "frequency": "Orders",
    "monetary": "Amount spent",
}
"""What people read instead of the names of features."""
FEWEST_SEGMENTS: Final = 3
"""Two segments of customers only tell those with one order from all others."""
_LOG_NOTE: Final = (
    "log1p is measured and not proposed: what customers give back can exceed what they bought, and a negative amount has "
    "no logarithm"
)


def customers_to_segment(engine: Engine, wave: Wave, lookback_days: int = LOOKBACK_DAYS) -> Recipe:
    """Return the customers of a wave with recency, frequency and monetary value.

    Raises
    ------
    WaveError
        If the wave was not made.
    """
    with transaction(engine) as connection:
        customers = load_customer_wave(connection, wave, lookback_days)
    return Recipe(
        features=customers.set_index("customer_id")[list(FEATURES)],
        wave=str(wave),
        head={
            "unit": {"singular": "customer", "plural": "customers"},
            "segment": {"singular": "segment", "plural": "segments"},
            "transactions": {"lookback_days": lookback_days},
        },
        rules=load_naming_rules(),
        fewest=FEWEST_SEGMENTS,
        only_shown=("log1p",),
        labels=LABELS,
        described={
            "recency_days": "Days from the latest order to the end of the wave.",
            "frequency": f"Orders in the {lookback_days} days before the end of the wave.",
            "monetary": f"What was spent in the {lookback_days} days before the end of the wave, cancellations taken off.",
        },
        notes=(_LOG_NOTE,),
    )
