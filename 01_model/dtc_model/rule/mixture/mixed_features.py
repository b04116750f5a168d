"""Features of mixed types as the mixture sees them: numbers by a frozen encoding, categories by their known levels.

Everything that is needed to read a unit is fixed by the units that the model was made from; nothing is worked out again
from the units that are given, so that one unit alone gets the label that it gets among thousands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from dtc_model.errors import AnswersError
from dtc_model.rule.encoder import FloatArray

IndexArray = npt.NDArray[np.intp]
EncodingKind = Literal["raw", "log1p", "quantile"]

UNKNOWN: Final = -1
"""Code of a category that is missing, or that no unit had when the model was made."""
NAMED_VALUES: Final = 5
"""Values never seen before that a message names at most."""


@dataclass(frozen=True, eq=False)
class NumberFeature:
    """A number, and the scale on which it is compared."""

    name: str
    encoding: EncodingKind = "raw"
    """``raw``: as it is; ``log1p``: sign(x) log(1 + |x|), the ordinary log1p where nothing is negative; ``quantile``: the
    share of the training units that lie below, from 0 to 1."""
    quantiles: FloatArray | None = None
    """Of the training units, evenly spaced from smallest to largest; for ``quantile`` only."""

    def encode(self, values: FloatArray) -> FloatArray:
        """Return the encoded values, ``(n_units,)``; NaN stays NaN.

        Among equal quantiles a value gets the middle of their shares, as in scikit-learn's QuantileTransformer.
        """
        if self.encoding == "raw":
            return values
        if self.encoding == "log1p":
            logs: FloatArray = np.copysign(np.log1p(np.abs(values)), values)
            return logs
        assert self.quantiles is not None  # noqa: S101 - the model has checked it
        shares = np.linspace(0, 1, len(self.quantiles))
        from_below = np.interp(values, self.quantiles, shares)
        from_above = -np.interp(-values, -self.quantiles[::-1], -shares[::-1])
        encoded: FloatArray = (from_below + from_above) / 2
        # At the ends the middle would depend on how many units share the extreme value.
        encoded[values <= self.quantiles[0]], encoded[values >= self.quantiles[-1]] = 0.0, 1.0
        encoded[np.isnan(values)] = np.nan
        return encoded


@dataclass(frozen=True)
class CategoryFeature:
    """A category, and the levels that units had when the model was made."""

    name: str
    levels: tuple[str, ...]


MixedFeature = NumberFeature | CategoryFeature


@dataclass(frozen=True)
class UnseenLevels:
    """Values of a category that no unit had when the model was made."""

    feature: str
    values: tuple[str, ...]
    n_units: int

    @property
    def words(self) -> str:
        """Say what was found, and what it means for the label."""
        named = ", ".join(map(repr, self.values[:NAMED_VALUES])) + (", …" if len(self.values) > NAMED_VALUES else "")
        return (
            f"{self.n_units:,} of the units have a {self.feature!r} that was never seen before ({named}): they are labelled "
            "by their other features"
        )


@dataclass(frozen=True, eq=False)
class MixedUnits:
    """Units as the mixture sees them."""

    numbers: FloatArray
    """Encoded, NaN where one is missing, ``(n_units, n_numbers)``."""
    codes: IndexArray
    """Position of the level, `UNKNOWN` where it is missing or was never seen, ``(n_units, n_categories)``."""
    unseen: tuple[UnseenLevels, ...] = ()

    @property
    def present(self) -> IndexArray:
        """Number of features that each unit has, ``(n_units,)``."""
        counts: IndexArray = (~np.isnan(self.numbers)).sum(axis=1) + (self.codes != UNKNOWN).sum(axis=1)
        return counts

    def rows(self, rows: npt.NDArray[Any] | slice) -> "MixedUnits":
        """Return some of the units."""
        return MixedUnits(self.numbers[rows], self.codes[rows])


def read_units(table: Any, features: Sequence[MixedFeature]) -> MixedUnits:
    """Read units.

    Parameters
    ----------
    table : DataFrame, mapping of names to columns, or array_like of shape (n_units, n_features)
        A table is read by name and may have other columns; an array in the order of the features, with categories by
        their names or, if all of it is numbers, by the position of the level.
    features : sequence of NumberFeature or CategoryFeature

    Raises
    ------
    AnswersError
        If a feature is missing, the shape is wrong, or a number is none or infinite; the message names row and feature.
    """
    columns = _columns(table, features)
    numbers = [
        feature.encode(as_numbers(column, feature.name))
        for feature, column in zip(features, columns, strict=True)
        if isinstance(feature, NumberFeature)
    ]
    by_position = isinstance(table, np.ndarray) and table.dtype.kind in "biuf"
    read = [
        _codes(column, feature, by_position=by_position)
        for feature, column in zip(features, columns, strict=True)
        if isinstance(feature, CategoryFeature)
    ]
    n_units = len(columns[0])
    return MixedUnits(
        numbers=np.column_stack(numbers) if numbers else np.empty((n_units, 0)),
        codes=np.column_stack([codes for codes, _ in read]) if read else np.empty((n_units, 0), dtype=np.intp),
        unseen=tuple(unseen for _, unseen in read if unseen is not None),
    )


def as_numbers(column: Any, name: str) -> FloatArray:
    """Return a column as doubles ``(n_units,)``, NaN where a value is missing.

    Raises
    ------
    AnswersError
        If a value is not a number, or infinite; the message names the row.
    """
    try:
        if hasattr(column, "isna"):  # a column of pandas: its missing values have many types
            values = np.array(column.to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            values = np.array([np.nan if value is None else value for value in column], dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise AnswersError(f"feature {name!r} holds something that is not a number: {error}") from error
    if np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise AnswersError(f"row {row} (counted from 0), feature {name!r}: {values[row]:g} is not a finite number")
    return values


def level_names(column: Any) -> list[str | None]:
    """Return each value of a category as the name of its level; None where it is missing.

    True and False are ``yes`` and ``no``, and 1.0 is ``1``: a whole number becomes a float where another row is empty.
    """
    values = list(column)
    missing = column.isna() if hasattr(column, "isna") else map(_is_nan, values)
    return [None if gone or value is None else _level_name(value) for value, gone in zip(values, missing, strict=True)]


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _level_name(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _columns(table: Any, features: Sequence[MixedFeature]) -> list[Any]:
    names = [feature.name for feature in features]
    if hasattr(table, "columns") or hasattr(table, "keys"):
        if missing := [name for name in names if name not in table]:
            raise AnswersError(f"the units lack {', '.join(missing)}: the model was made from {', '.join(names)}")
        return [table[name] for name in names]
    array = np.asarray(table)
    if array.ndim != 2 or array.shape[1] != len(names):  # noqa: PLR2004 - rows and columns
        raise AnswersError(
            f"the units have the shape {array.shape}: give one row per unit with {len(names)} features, in the order "
            f"{', '.join(names)}"
        )
    return list(array.T)


def _codes(
    column: Iterable[Any], feature: CategoryFeature, *, by_position: bool
) -> tuple[IndexArray, UnseenLevels | None]:
    known = {level: position for position, level in enumerate(feature.levels)}
    if by_position:
        known = {str(position): position for position in range(len(feature.levels))}
    names = level_names(column)
    codes = np.array([UNKNOWN if name is None else known.get(name, UNKNOWN) for name in names], dtype=np.intp)
    unseen = [name for name in names if name is not None and name not in known]
    if not unseen:
        return codes, None
    return codes, UnseenLevels(feature.name, tuple(sorted(set(unseen))), len(unseen))
