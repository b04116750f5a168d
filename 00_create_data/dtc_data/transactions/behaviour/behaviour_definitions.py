"""The behaviour features, each defined once: the rows of ``behaviour_table.csv`` are what is computed and what is documented.

A formula is SQL over the rows of a grain (`GRAINS`), or over other features by their names; ``{w}`` in it is the window, ``{half}``
and ``{twice}`` are half and double of it. Amounts and quantities are decimals there, so that sums do not depend on the order of the rows.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, cast, get_args

from dtc_data.core import SettingsError

FeatureSet = Literal["basic", "advanced"]
Grain = Literal["orders", "cancellations", "products", "departments", "days", "features"]

WINDOWS: Final = (7, 30, 60, 90, 180, 365)
"""Days before the cutoff."""

GRAINS: Final[dict[Grain, str]] = {
    "orders": "a row per order: days_ago, lines, items, amount, log_amount (ln(1 + amount), whole ten-thousandths), discount, "
    "hour and weekday (UTC; Monday is 0), gap_days since the order before, nth_last (1: the latest)",
    "cancellations": "a row per cancellation: days_ago, items and amount (above 0)",
    "products": "a row per product: days_ago and first_days_ago of its latest and its first purchase",
    "departments": "a row per department: days_ago of the latest purchase in it, amount",
    "days": "a row per day (UTC) with an order: days_ago of the latest",
    "features": "other features of the customer, by name",
}
"""What a formula is computed over: all of a customer before the cutoff."""


@dataclass(frozen=True)
class FeatureDefinition:
    """One feature."""

    name: str
    window: int | None
    """In days; None for all that is known of the customer."""
    formula: str
    unit: str
    description: str
    grain: Grain
    feature_set: FeatureSet
    history_days: int
    """Days before the cutoff that must be covered; the feature is missing where they are not."""


def feature_definitions(
    sets: FeatureSet = "advanced", windows: Sequence[int] = WINDOWS
) -> tuple[FeatureDefinition, ...]:
    """Return the features of a set and of windows, in the order of the table; the advanced set holds the basic one.

    Raises
    ------
    SettingsError
        If there is no such set or window.
    """
    if sets not in get_args(FeatureSet):
        raise SettingsError(f"{sets!r} is not a set of features: choose {' or '.join(get_args(FeatureSet))}")
    if not windows or not set(windows) <= set(WINDOWS):
        raise SettingsError(f"the windows are {list(windows)}, but must be some of {', '.join(map(str, WINDOWS))} days")
    rows = (row for row in _table() if sets in {"advanced", row["set"]})
    return tuple(one for row in rows for one in _definitions(row, sorted(set(windows))))


@cache
def _table() -> tuple[dict[str, str], ...]:
    text = files(__package__).joinpath("behaviour_table.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _definitions(row: dict[str, str], windows: Sequence[int]) -> Iterator[FeatureDefinition]:
    if row["window"] != "each":
        window = int(row["window"] or 0)
        yield _definition(row, window or None, window)
        return
    n_windows = 2 if "{twice}" in row["formula"] else 1
    for window in windows:
        if window * n_windows <= WINDOWS[-1]:
            yield _definition(row, window, window * n_windows)


def _definition(row: dict[str, str], window: int | None, history_days: int) -> FeatureDefinition:
    days = {"w": window, "half": (window or 0) / 2, "twice": (window or 0) * 2}
    return FeatureDefinition(
        name=row["name"].format_map(days),
        window=window,
        formula=row["formula"].format_map(days),
        unit=row["unit"],
        description=row["description"].format_map(days),
        grain=cast(Grain, row["over"]),
        feature_set=cast(FeatureSet, row["set"]),
        history_days=history_days,
    )
