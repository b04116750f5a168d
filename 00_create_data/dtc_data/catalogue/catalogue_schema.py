"""The parts of a persona catalogue: features, personas, and what is said about the vendor's files."""

import unicodedata
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from dtc_data.core import objection_to_feature

LARGEST_SCALED: Final = 1e12
"""Largest size of an answer divided by its scale; neighbouring doubles there are 0.0001 apart, beyond it too coarse."""

WEIGHT: Final = "weight"
"""What the column with the respondents' weights is called where the catalogue does not say."""

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[str, Field(strict=True, pattern=r"\S")]
LONGEST_TITLE: Final = 200
"""Most characters in the name of a persona or a catalogue, which people read in tables and messages."""

_LINE_BREAKERS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of what breaks lines, commands a terminal, or is half a character."""
_TURNERS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode directions of invisible characters that can turn the text and the figures behind a name."""


def _on_one_line(name: str) -> str:
    for character in name:
        if unicodedata.category(character) in _LINE_BREAKERS or unicodedata.bidirectional(character) in _TURNERS:
            raise ValueError(f"must be on one line, not {name!r}: {character!r} is no letter that people could read")
    return name


Title = Annotated[Text, Field(max_length=LONGEST_TITLE), AfterValidator(_on_one_line)]
"""A name for people, in any script."""


class Part(BaseModel):
    """Base of everything in a catalogue: it cannot change, and it has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Feature(Part):
    """One survey feature."""

    name: Text
    scale: Annotated[Finite, Field(gt=0)] = 1.0
    """Divisor applied before distances are taken, in the unit of the answers."""
    minimum: Finite | None = None
    """Smallest valid answer; None if there is no limit."""
    maximum: Finite | None = None
    """Largest valid answer; None if there is no limit."""
    description: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if objection := objection_to_feature(self.name):
            raise ValueError(f"name {self.name!r} {objection}")
        low, high = self.limits
        if low >= high:
            raise ValueError(f"minimum {low:g} is not below maximum {high:g}")
        return self

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest valid answer, as given or else as far as distances stay exact."""
        widest = LARGEST_SCALED * self.scale
        low = -widest if self.minimum is None else max(self.minimum, -widest)
        high = widest if self.maximum is None else min(self.maximum, widest)
        return low, high


class Segment(Part):
    """A named segment of customers with its centroid, in the unit of the answers and the order of the features."""

    id: Annotated[int, Field(ge=0, lt=2**31, strict=True)]
    name: Title
    description: str = ""
    centroid: Annotated[tuple[Finite, ...], Field(min_length=1)]


class Columns(Part):
    """How the vendor's files name the columns that are not features."""

    id: Text = "customer_id"
    date: Text = "date"
    weight: Text | None = None
    """None stands for `WEIGHT`, see `dtc_data.catalogue.catalogue.Catalogue.weight_column`."""


class MissingAnswers(Part):
    """What is done about respondents who left answers out."""

    minimum_answered: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Fewest answered features with which a respondent is still labelled; None demands all of them."""
