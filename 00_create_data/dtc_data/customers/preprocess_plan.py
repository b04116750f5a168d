"""What is done to each column of a flat table, learned once from the training part and kept as a document of numbers and texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dtc_data.core import SettingsError
from dtc_data.customers.preprocess_config import CategoryRules, NumberRules

FAR_OUT: Final = 3.0
"""Interquartile ranges from a quartile, beyond which a value is an outlier."""
_ABOVE: Final = -1 + 1e-12
"""Smallest value that has a logarithm after 1 is added."""
MISSING: Final = "(missing)"
OTHER: Final = "(other)"
"""In brackets, so that no value of a table is called so."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Column(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str


class NumberColumn(_Column):
    """A column of numbers: cut to a range where there is one, filled, shifted and divided."""

    kind: Literal["number"] = "number"
    range: tuple[Finite, Finite] | None = None
    refuse: bool = False
    """Whether a value beyond the range is an error."""
    fill: Finite | None = None
    log: bool = False
    centre: Finite = 0.0
    spread: Annotated[Finite, Field(gt=0)] = 1.0

    @classmethod
    def learn(cls, values: "pd.Series[float]", rules: NumberRules) -> Self:
        """Return what the rules come to for a column's values."""
        name = str(values.name)
        known = values.dropna()
        bounds = None if rules.outliers == "keep" or known.empty else _far_out(known)
        inner = known.clip(*bounds) if bounds and rules.outliers == "clip" else known
        fills: dict[str, float | None] = {"none": None, "zero": 0.0}
        if rules.impute in {"median", "mean"}:
            fills[rules.impute] = float(getattr(inner, rules.impute)()) if len(inner) else 0.0
        if rules.scale == "log1p" and (inner <= -1).any():
            raise SettingsError(f"{name}: log1p needs values above -1, but the smallest is {inner.min():g}")
        centre, spread = _scale(np.log1p(inner) if rules.scale == "log1p" else inner, rules.scale)
        return cls(
            name=name,
            range=bounds,
            refuse=rules.outliers == "refuse",
            fill=fills[rules.impute],
            log=rules.scale == "log1p",
            centre=centre,
            spread=spread,
        )

    def apply(self, values: "pd.Series[float]") -> Iterator["pd.Series[float]"]:
        """Return the column as numbers, in the order of its customers, by whom it is indexed.

        Raises
        ------
        SettingsError
            If a value lies beyond a range that may not be left; the message names the customer.
        """
        if self.range and self.refuse and (beyond := (values < self.range[0]) | (values > self.range[1])).any():
            row = int(np.flatnonzero(beyond)[0])
            raise SettingsError(
                f"{self.name}: customer {values.index[row]!r} holds {values.iloc[row]:g}, far outside {self.range[0]:g} to {self.range[1]:g}: correct it, or "
                "let outliers be kept or clipped"
            )
        cut = values.clip(*self.range) if self.range else values
        filled = cut if self.fill is None else cut.fillna(self.fill)
        scaled = pd.Series(np.log1p(filled.clip(lower=_ABOVE)) if self.log else filled, name=self.name, dtype=float)
        yield (scaled - self.centre) / self.spread


class CategoryColumn(_Column):
    """A column of texts: 0 and 1 per known value, or the share of the value."""

    kind: Literal["category"] = "category"
    values: tuple[str, ...]
    shares: tuple[Finite, ...]
    fill: str
    encode: Literal["one_hot", "frequency"]

    @property
    def _is_pair(self) -> bool:
        """Whether a second column would only repeat the first."""
        return len(self.values) == 2 and MISSING not in self.values  # noqa: PLR2004 - that is a pair

    @classmethod
    def learn(cls, values: "pd.Series[str]", rules: CategoryRules) -> Self:
        """Return what the rules come to for a column's values, NA where one is missing."""
        known = values.dropna()
        counts = known.value_counts()
        order = sorted(counts.index, key=lambda value: (-int(counts[value]), str(value)))
        fill = MISSING if rules.impute == "own_value" or not order else str(order[0])
        filled = values.fillna(fill)
        chosen = [str(value) for value in order[: rules.most_values]]
        if fill == MISSING and values.isna().any():
            chosen.append(MISSING)
        shares = [float((filled == value).mean()) for value in chosen]
        return cls(name=str(values.name), values=tuple(chosen), shares=tuple(shares), fill=fill, encode=rules.encode)

    def apply(self, values: "pd.Series[str]") -> Iterator["pd.Series[float]"]:
        """Return the column as numbers; a value that was not learned counts as another one."""
        filled = values.fillna(self.fill)
        if self.encode == "frequency":
            yield filled.map(dict(zip(self.values, self.shares, strict=True))).fillna(0.0).astype(float).rename(
                self.name
            )
            return
        if self._is_pair:
            yield (filled == self.values[1]).astype(float).rename(f"{self.name}={self.values[1]}")
            return
        for value in self.values:
            yield (filled == value).astype(float).rename(f"{self.name}={value}")
        yield (~filled.isin(self.values)).astype(float).rename(f"{self.name}={OTHER}")


class PreprocessPlan(BaseModel):
    """The columns in their order, and how many customers they were learned from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    learned_from: int
    columns: tuple[Annotated[NumberColumn | CategoryColumn, Field(discriminator="kind")], ...]

    def apply(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return all columns as numbers.

        Parameters
        ----------
        values : DataFrame
            Floats in columns of numbers, texts in those of categories; indexed by customer.

        Raises
        ------
        SettingsError
            If a column is missing, or holds an outlier that is refused.
        """
        if missing := [column.name for column in self.columns if column.name not in values.columns]:
            raise SettingsError(f"the customers lack the columns {', '.join(missing)}, which the plan was learned from")
        return pd.concat([made for column in self.columns for made in column.apply(values[column.name])], axis=1)

    def to_json(self) -> str:
        """Return the plan as the text of a document."""
        return json.dumps(self.model_dump(), ensure_ascii=False, indent=1) + "\n"


def learn_plan(values: pd.DataFrame, rules: dict[str, NumberRules | CategoryRules]) -> PreprocessPlan:
    """Return what rules per column come to for some customers."""
    columns = [
        (
            NumberColumn.learn(values[name], rule)
            if isinstance(rule, NumberRules)
            else CategoryColumn.learn(values[name], rule)
        )
        for name, rule in rules.items()
    ]
    return PreprocessPlan(learned_from=len(values), columns=tuple(columns))


def read_plan(path: str | Path) -> PreprocessPlan:
    """Read a plan.

    Raises
    ------
    SettingsError
        If the file cannot be read or is not a plan.
    """
    try:
        return PreprocessPlan.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: is not a plan of a preprocessing: {error.errors()[0]['msg']}") from error


def _far_out(known: "pd.Series[float]") -> tuple[float, float]:
    lower, upper = np.quantile(known, [0.25, 0.75])
    return float(lower - FAR_OUT * (upper - lower)), float(upper + FAR_OUT * (upper - lower))


def _scale(values: Any, scale: str) -> tuple[float, float]:
    if scale in {"none", "log1p"} or not len(values):
        return 0.0, 1.0
    if scale == "standard":
        centre, spread = float(values.mean()), float(values.std(ddof=0))
    elif scale == "minmax":
        centre, spread = float(values.min()), float(values.max() - values.min())
    else:
        lower, centre, upper = (float(value) for value in np.quantile(values, [0.25, 0.5, 0.75]))
        spread = upper - lower
    return centre, spread or 1.0
