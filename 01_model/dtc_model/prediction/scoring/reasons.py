"""Why a customer's forecast differs from that of a typical one, in words for people who never see a feature's name."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from dtc_model.prediction.scoring.forecast_document import YES_NO, ForecastFeature

_IN_FULL: Final = 1_000
"""From here on a number is written in full: three digits would be 1.2e+03."""
_HOURS: Final = 24
"""Of a day; of parts of a day nobody thinks in days."""
_CAVEAT: Final = re.compile(r"[;:.](\s|$).*")
"""What follows the first clause of a description: how it is measured, and when it is missing."""
_TOLD_UNITS: Final = frozenset({"days", "hours"})
"""Units that a description does not name; orders, items and the like stand in it."""


@dataclass(frozen=True)
class Reason:
    """Why a customer's forecast differs from that of a typical one."""

    feature: str
    value: float
    """The customer's; NaN where it is missing."""
    typical: float
    effect: float
    """Above 0 where it raises the forecast."""
    words: str


def said_name(feature: ForecastFeature) -> str:
    """Return what people call a feature: the first clause of its description, or else its name."""
    return _CAVEAT.sub("", feature.description) or feature.name


def reason_for(feature: ForecastFeature, value: float, effect: float) -> Reason:
    """Return what a feature of a customer does to the forecast: *Since the latest order: 45 days (usually 12 days); raises the forecast*."""
    typical = np.nan if feature.typical is None else feature.typical
    own = "not known" if np.isnan(value) else _written(value, feature.unit)
    usual = "" if np.isnan(typical) else f" (usually {_written(typical, feature.unit)})"
    direction = "raises" if effect > 0 else "lowers"
    return Reason(feature.name, value, typical, effect, f"{said_name(feature)}: {own}{usual}; {direction} the forecast")


def _written(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.0%}"
    if unit == YES_NO:
        return "yes" if value else "no"
    if unit == "days" and 0 < value < 1:
        return "less than an hour" if value * _HOURS < 1 else f"{value * _HOURS:.0f} hours"
    if (
        unit == "ratio" and value >= _IN_FULL
    ):  # such as by a time of seconds: how many times as much tells nobody anything
        return f"more than {_IN_FULL:,}"
    number = f"{value:,.0f}" if abs(value) >= _IN_FULL else f"{value:.3g}"
    return f"{number} {unit}" if unit in _TOLD_UNITS else number
