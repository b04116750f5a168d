"""How a flat table of customers is cleaned and made into numbers, as a file says it: ``preprocess_config.yaml``."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dtc_data.core import read_yaml_choices

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelColumn(_Part):
    """Which column tells who left, and how."""

    column: Text
    left: Annotated[tuple[str, ...], Field(min_length=1)] = ("Yes", "yes", "True", "true", "1")
    stayed: Annotated[tuple[str, ...], Field(min_length=1)] = ("No", "no", "False", "false", "0")


class NumberRules(_Part):
    """What is done to a column of numbers, in this order."""

    outliers: Literal["keep", "clip", "refuse"] = "keep"
    """Beyond three interquartile ranges from the quartiles (Tukey, Exploratory Data Analysis, 1977: "far out")."""
    impute: Literal["median", "mean", "zero", "none"] = "median"
    """What a missing value becomes; with ``none`` it stays missing, which trees understand."""
    scale: Literal["none", "standard", "minmax", "robust", "log1p"] = "none"


class CategoryRules(_Part):
    """What is done to a column of texts."""

    impute: Literal["own_value", "most_frequent"] = "own_value"
    """A missing text becomes a value of its own, or the most frequent one."""
    encode: Literal["one_hot", "frequency"] = "one_hot"
    """A column of 0 and 1 per value, or the value's share among those learned from."""
    most_values: Annotated[int, Field(ge=2)] = 20
    """One column per value for at most so many; rarer ones share a column."""


class PreprocessConfig(_Part):
    """The choices for one kind of table."""

    id: Text | None = None
    """Column of the customer's id; by default one called customer_id, customerID or the like."""
    label: LabelColumn | None = None
    drop: tuple[str, ...] = ()
    """Columns that are not features."""
    missing: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
    """Texts that stand for a missing value; spaces around them do not matter."""
    duplicates: Literal["refuse", "first", "last"] = "refuse"
    """Which row counts of a customer who appears twice."""
    dates: dict[str, Text] = {}
    """Columns of dates with their format, such as ``%Y-%m-%d``; each becomes the days before `as_of`."""
    as_of: date | None = None
    numbers: NumberRules = NumberRules()
    categories: CategoryRules = CategoryRules()
    columns: dict[str, NumberRules | CategoryRules] = {}
    """Rules of single columns."""
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.25
    """Part of the customers, chosen by their ids, that nothing is learned from."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.dates and self.as_of is None:
            raise ValueError("dates become days before as_of: say as_of, like 2025-01-31")
        return self


def load_preprocess_config(path: str | Path) -> PreprocessConfig:
    """Read the choices.

    Raises
    ------
    SettingsError
        If the file cannot be read or an entry is wrong; the message names the file and each entry.
    """
    return read_yaml_choices(path, PreprocessConfig, what="preprocess configuration")
