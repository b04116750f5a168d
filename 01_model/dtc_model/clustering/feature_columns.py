"""Any feature table as the search for segments takes it: numbers and categories by their types, the rest refused in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from dtc_model.errors import TrainingError
from dtc_model.rule import (
    CategoryFeature,
    EncodingKind,
    FloatArray,
    MixedFeature,
    MixedUnits,
    NumberFeature,
    as_numbers,
    level_names,
    read_units,
)

QUANTILES: Final = 201
"""Quantiles that the encoding ``quantile`` keeps: every half per cent."""
MOST_LEVELS: Final = 50
"""Levels of a category beyond which it names units rather than kinds of them."""
MOST_LEVELS_SHARE: Final = 0.2
"""The same as a share of the units, where these are few."""
_LEVELS_ALWAYS: Final = 5
MOST_NEGATIVE: Final = 0.05
"""Share of negative values beyond which a number has no logarithm worth the name."""
SKEWED: Final = 1.0
"""Skewness beyond which a number enters a mixture by its logarithm, if that halves it."""


@dataclass(frozen=True, eq=False)
class FeatureColumns:
    """The columns of a table that say something, and what was found about the others."""

    frame: pd.DataFrame
    numbers: dict[str, FloatArray]
    """By name, NaN where one is missing."""
    levels: dict[str, tuple[str, ...]]
    """Of the categories, by name."""
    notes: tuple[str, ...]
    """What was left out, and why."""

    @classmethod
    def take(cls, features: pd.DataFrame) -> Self:
        """Take the columns that vary.

        Raises
        ------
        TrainingError
            If the table is none, a column is of a type that is neither number nor category, or no column varies.
        AnswersError
            If a number is infinite; the message names the row.
        """
        _check_table(features)
        numbers: dict[str, FloatArray] = {}
        levels: dict[str, tuple[str, ...]] = {}
        notes = []
        for name in features.columns:
            column = features[name]
            if _is_number(column):
                values = as_numbers(column, name)
                notes.extend(objections := _objections_to_number(name, values))
                numbers |= {} if objections else {name: values}
            else:
                found = tuple(sorted({level for level in level_names(column) if level is not None}))
                notes.extend(objections := _objections_to_category(name, found, len(column)))
                levels |= {} if objections else {name: found}
        if not numbers and not levels:
            raise TrainingError(f"no feature tells the units apart: {'; '.join(notes) or 'the table has no columns'}")
        return cls(features, numbers, levels, tuple(notes))

    def features(self, encoding: EncodingKind | None = None) -> tuple[MixedFeature, ...]:
        """Return the features, the numbers all encoded alike, or each as its distribution asks for."""
        return tuple(
            (
                _number_feature(name, self.numbers[name], encoding or usual_encoding(self.numbers[name]))
                if name in self.numbers
                else CategoryFeature(name, self.levels[name])
            )
            for name in self.frame.columns
            if name in self.numbers or name in self.levels
        )

    def objection_to(self, encoding: EncodingKind) -> str | None:
        """Say why an encoding is not tried; None if it is."""
        if encoding != "log1p":
            return None
        below = {name: float((values < 0).mean()) for name, values in self.numbers.items()}
        if too_many := [name for name, share in below.items() if share > MOST_NEGATIVE]:
            return f"log1p is not tried: {too_many[0]!r} is negative for {below[too_many[0]]:.0%} of the units"
        return None

    def units(self, features: Sequence[MixedFeature]) -> MixedUnits:
        """Return the units in these features, ``(n_units, …)``."""
        return read_units(self.frame, features)


def usual_encoding(values: FloatArray) -> EncodingKind:
    """Return ``log1p`` for a number that is skewed to the right and no longer so by its logarithm, else ``raw``."""
    present = values[~np.isnan(values)]
    if present.min() < 0:
        return "raw"
    before, after = _skewness(present), _skewness(np.log1p(present))
    return "log1p" if before > SKEWED and abs(after) < before / 2 else "raw"


def _number_feature(name: str, values: FloatArray, encoding: EncodingKind) -> NumberFeature:
    if encoding != "quantile":
        return NumberFeature(name, encoding)
    return NumberFeature(name, encoding, np.nanquantile(values, np.linspace(0, 1, QUANTILES)))


def _skewness(values: FloatArray) -> float:
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return float((centred**3).mean() / spread**3) if spread > 0 else 0.0


def _check_table(features: pd.DataFrame) -> None:
    if not isinstance(features, pd.DataFrame):
        raise TrainingError(f"features are a {type(features).__name__}: give a DataFrame with one row per unit")
    if not len(features):
        raise TrainingError("the feature table has no units")
    if unnamed := [name for name in features.columns if not isinstance(name, str)]:
        raise TrainingError(f"every feature needs a name, but one column is called {unnamed[0]!r}")
    for what, names in (("unit", features.index), ("feature", features.columns)):
        if names.has_duplicates:
            raise TrainingError(f"{what} {names[names.duplicated()][0]!r} is given twice: give one row per unit")
    for name, kind in features.dtypes.items():
        if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
            raise TrainingError(
                f"feature {name!r} is a time: turn it into a number, such as days before the wave's end"
            )
        if pd.api.types.is_complex_dtype(kind):
            raise TrainingError(f"feature {name!r} is neither a number nor a category, but of type {kind}")


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _objections_to_number(name: str, values: FloatArray) -> list[str]:
    present = values[~np.isnan(values)]
    if not len(present):
        return [f"{name!r} is left out: it has no values"]
    if present.min() == present.max():
        return [f"{name!r} is left out: it is {present[0]:g} for every unit"]
    return []


def _objections_to_category(name: str, levels: tuple[str, ...], n_units: int) -> list[str]:
    if not levels:
        return [f"{name!r} is left out: it has no values"]
    if len(levels) == 1:
        return [f"{name!r} is left out: it is {levels[0]!r} for every unit"]
    if len(levels) > max(_LEVELS_ALWAYS, min(MOST_LEVELS, MOST_LEVELS_SHARE * n_units)):
        many = f"with {len(levels):,} levels among {n_units:,} units it names units rather than kinds of them"
        return [f"{name!r} is left out: {many}. Make it the index if it is an id, or group its levels"]
    return []
