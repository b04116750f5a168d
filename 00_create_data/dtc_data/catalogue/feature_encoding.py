"""What a feature is and how it enters the distance: the part of the catalogue that a model document repeats."""

from functools import cached_property
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import AliasChoices, Field, model_validator

from dtc_data.catalogue.number_scale import LARGEST_SCALED, FloatArray, NumberScale, Transform
from dtc_data.catalogue.schema_parts import Finite, Part, Positive, Title

FeatureType = Literal["number", "grade", "yes_no", "category"]

_SHARES_WITHIN: Final = 0.01
"""How far the shares of a category may be from 1 in all, as they are often rounded."""
_FEWEST_VALUES: Final = 2


class FeatureEncoding(Part):
    """One feature: its type, its values, and its way into the distance.

    A category becomes one column per value: 1 for whoever gave it and 0 for all others, divided by the root of the value's
    share in the reference wave, as in factor analysis of mixed data (Pagès, Revue de Statistique Appliquée 52 (2004)).
    """

    name: Annotated[str, Field(strict=True, min_length=1)]
    type: FeatureType = "number"
    scale: Positive = 1.0
    """Divisor applied before distances are taken, in the unit of the (transformed) answers."""
    mean: Finite | None = None
    """Of the (transformed) answers; with `sd` instead of a scale."""
    sd: Positive | None = None
    """Standard deviation of the (transformed) answers."""
    transform: Transform | None = None
    quantiles: Annotated[tuple[Finite, ...], Field(max_length=10_001)] = ()
    """Ascending answers at evenly spaced ranks, for the transformation of that name."""
    weight: Positive = 1.0
    """How many times the feature counts in a squared distance."""
    minimum: Finite | None = None
    """Smallest valid answer; None if there is no limit."""
    maximum: Finite | None = None
    """Largest valid answer; None if there is no limit."""
    reversed: Annotated[bool, Field(strict=True, validation_alias=AliasChoices("reversed", "reverse"))] = False
    """Whether minimum + maximum - answer counts instead of the answer."""
    values: tuple[Title, ...] = ()
    """The answers of a category in any order, or of a grade that is answered in words from the lowest to the highest."""
    shares: tuple[Positive, ...] = ()
    """Of a category's values in the reference wave, in the same order."""

    @model_validator(mode="after")
    def _check_encoding(self) -> Self:
        if len(set(self.values)) < len(self.values):
            raise ValueError(f"values {list(self.values)} holds a value twice")
        if self.type == "category":
            self._check_category()
        else:
            self._check_number()
        return self

    def _check_category(self) -> None:
        unused = ("scale", "mean", "sd", "transform", "quantiles", "minimum", "maximum", "reversed")
        self._refuse(unused, "a category has no order: leave {} out, and use weight to let it count more or less")
        if len(self.values) < _FEWEST_VALUES:
            raise ValueError("values: a category needs at least two")
        if len(self.shares) != len(self.values) or abs(sum(self.shares) - 1) > _SHARES_WITHIN:
            raise ValueError(
                f"shares {list(self.shares)} must be the share of each of the {len(self.values)} values in the reference "
                "wave, 1 in all"
            )

    def _check_number(self) -> None:
        self._refuse(("shares",), "only a category has {}")
        if self.type != "grade":
            self._refuse(("values",), "only categories and grades have {}")
        if self.type == "yes_no":
            self._refuse(("minimum", "maximum"), "yes is 1 and no is 0: leave {} out")
        low, high = self.limits
        if low >= high:
            raise ValueError(f"minimum {low:g} is not below maximum {high:g}")
        if self.type == "grade":
            self._check_grade()
        if (self.mean is None) != (self.sd is None):
            raise ValueError("mean and sd stand together: give both, or a scale alone")
        if self.sd is not None:
            self._refuse(("scale",), "sd is the divisor already: leave {} out")
        if self.reversed and self.turning_point is None:
            raise ValueError("a reversed feature needs a minimum and a maximum")
        self._check_transform(low)

    def _check_grade(self) -> None:
        if self.values:
            self._refuse(("minimum", "maximum"), "the values are 1, 2, 3 and so on: leave {} out")
            if len(self.values) < _FEWEST_VALUES:
                raise ValueError("values: a grade in words needs at least two")
        elif self.minimum is None or self.maximum is None or not float(self.minimum + self.maximum).is_integer():
            raise ValueError("a grade needs whole numbers as minimum and maximum, or values in words")

    def _check_transform(self, low: float) -> None:
        if self.transform == "log1p" and (low < 0 or self.reversed):
            raise ValueError("transform log1p needs a minimum of at least 0, and no reversed answers")
        rungs = self.quantiles
        if (self.transform == "quantile") != bool(rungs):
            raise ValueError("transform quantile and quantiles stand together")
        if rungs and not (len(rungs) >= _FEWEST_VALUES and sorted(rungs) == list(rungs) and rungs[0] < rungs[-1]):
            raise ValueError("quantiles must ascend from the smallest to the largest answer")

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        if given := [name for name in names if getattr(self, name) != type(self).model_fields[name].default]:
            raise ValueError(why.format(" and ".join(given)))

    @cached_property
    def in_words(self) -> bool:
        """Whether answers are texts in files, tables and requests; in arrays they are codes."""
        return bool(self.values)

    @cached_property
    def is_whole(self) -> bool:
        """Whether only whole numbers are answers, or the codes of values."""
        return self.type != "number"

    @cached_property
    def codes(self) -> dict[str, float]:
        """What each value is in an array: its position from 0 in a category, from 1 in a grade."""
        return {value: float(code) for code, value in enumerate(self.values, start=int(self.type == "grade"))}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest valid answer, as given or else as far as distances stay exact."""
        if self.in_words:
            return (0.0, len(self.values) - 1.0) if self.type == "category" else (1.0, float(len(self.values)))
        if self.type == "yes_no":
            return 0.0, 1.0
        lowest, highest = self.computable
        low = lowest if self.minimum is None else max(self.minimum, -highest)
        high = highest if self.maximum is None else min(self.maximum, highest)
        return low, high

    @cached_property
    def computable(self) -> tuple[float, float]:
        """Smallest and largest answer that has a distance, whatever is valid."""
        if self.type in {"category", "yes_no"} or self.in_words:
            return self.limits
        widest = LARGEST_SCALED * (self.sd or self.scale)
        return 0.0 if self.transform == "log1p" else -widest, widest

    @cached_property
    def turning_point(self) -> float | None:
        """Smallest plus largest answer, if both are known."""
        low, high = self.limits
        bounded = self.is_whole or (self.minimum is not None and self.maximum is not None)
        return low + high if bounded else None

    @cached_property
    def width(self) -> int:
        """Columns of the feature in a centroid: one, or one per value of a category."""
        return len(self.values) if self.type == "category" else 1

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of these columns for people."""
        return tuple(f"{self.name} = {value}" for value in self.values) if self.type == "category" else (self.name,)

    @property
    def encoding_in_words(self) -> str:
        """How the feature enters the distance, in a few words; empty if just as it is."""
        if self.type == "category":
            return f"{self.name} as {self.width} columns" + ("" if self.weight == 1 else f" x {self.weight:g}")
        parts = [f"{self.transform} of {self.name}" if self.transform else self.name]
        parts += ["reversed"] if self.reversed else []
        parts += [f"- {self.mean:g}"] if self.mean else []
        parts += [f"/ {self.sd or self.scale:g}"] if (self.sd or self.scale) != 1 else []
        parts += [f"x {self.weight:g}"] if self.weight != 1 else []
        return "" if parts == [self.name] else " ".join(parts)

    @cached_property
    def number_scale(self) -> NumberScale:
        """The way of a number, grade or yes/no into scaled units."""
        return NumberScale(
            centre=self.mean or 0.0,
            divisor=(self.sd or self.scale) / float(np.sqrt(self.weight)),
            turned_about=self.turning_point if self.reversed else None,
            transform=self.transform,
            quantiles=np.array(self.quantiles) if self.quantiles else None,
        )

    @property
    def of_distances(self) -> "FeatureEncoding":
        """The same without what only people and files need; the limits stay where answers are turned about them, and in a grade."""
        kept = {name: getattr(self, name) for name in FeatureEncoding.model_fields}
        if not self.reversed and self.type != "grade":
            kept |= {"minimum": None, "maximum": None}
        return FeatureEncoding.model_validate(kept)

    @property
    def divisors(self) -> FloatArray:
        """Divisors of the feature's columns, ``(width,)``."""
        if self.type == "category":
            divisors: FloatArray = np.sqrt(np.array(self.shares) / self.weight)
            return divisors
        return np.array([self.number_scale.divisor])
