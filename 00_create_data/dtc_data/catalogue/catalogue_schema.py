"""The parts of a catalogue: features, segments, and what is said about the vendor's files."""

from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from dtc_data.catalogue.answer_labels import AnswerLabels, Label, objection_to_labels, spelled_labels
from dtc_data.catalogue.feature_encoding import FeatureEncoding
from dtc_data.catalogue.schema_parts import ColumnName, NumberOrText, Part, Positive, Text, Title, TypicalAnswer
from dtc_data.core import objection_to_feature

WEIGHT: Final = "weight"
"""What the column with the units' weights is called where the catalogue does not say."""


class Feature(FeatureEncoding):
    """One feature as people and files know it, and how it enters the distance."""

    name: Text
    label: Annotated[str, Field(max_length=200)] = ""
    """A few words for people; the name where it is empty."""
    question: Annotated[str, Field(validation_alias=AliasChoices("question", "description"))] = ""
    """The question itself, or what the figure means."""
    missing: tuple[NumberOrText, ...] = ()
    """Codes that stand for a missing answer in files and requests."""
    unseen: Literal["refuse", "missing"] = "refuse"
    """What is done with a value of a category that the catalogue does not have: refused, or taken as missing."""
    column: ColumnName | None = None
    """What survey files call it, in any words; the name where they do not."""
    labels: tuple[Label, ...] = ()
    """Words and numbers that stand for answers in survey files, each with its answer: ``{Yes: 1, No: 0}``."""

    @model_validator(mode="before")
    @classmethod
    def _spell_out_values(cls, given: Any) -> Any:
        """Take the values of a category with their shares, ``{north: 0.6, south: 0.4}``, and labels as a mapping."""
        if not isinstance(given, dict):
            return given
        if isinstance(values := given.get("values"), dict) and "shares" not in given:
            given = given | {"values": list(values), "shares": list(values.values())}
        return given | {"labels": spelled_labels(given["labels"])} if "labels" in given else given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if objection := objection_to_feature(self.name):
            raise ValueError(f"name {self.name!r} {objection}")
        for code in self.missing:
            if code in self.values or self._is_number_of_the_range(code):
                raise ValueError(f"missing code {code!r} is a valid answer, too")
        if objection := objection_to_labels(self.labels, self, self.missing):
            raise ValueError(f"labels: {objection}")
        return self

    def _is_number_of_the_range(self, code: float | str) -> bool:
        """Tell whether a number is an answer; where the catalogue gives no range, a code for a missing one is none."""
        low, high = self.limits
        has_range = self.is_whole or (self.minimum is not None and self.maximum is not None)
        return not self.in_words and has_range and isinstance(code, float) and low <= code <= high

    @cached_property
    def takes_unseen(self) -> bool:
        """Whether a value that the catalogue does not have counts as missing."""
        return self.type == "category" and self.unseen == "missing"

    @cached_property
    def file_column(self) -> str:
        """What survey files call it."""
        return self.column or self.name

    @cached_property
    def answer_labels(self) -> AnswerLabels:
        """The labels, ready to read cells with."""
        return AnswerLabels(self.labels)

    @cached_property
    def title(self) -> str:
        """What people read instead of the name."""
        return self.label or self.name

    @property
    def words_for_valid(self) -> str:
        """What an answer may be, in words."""
        if self.in_words:
            return f"one of {', '.join(self.values)}"
        if self.type == "yes_no":
            return "yes (1) or no (0)"
        low, high = self.limits
        return f"{'a whole number' if self.is_whole else 'a number'} from {low:g} to {high:g}"


class Segment(Part):
    """A named segment with its centroid, in the order of the features."""

    id: Annotated[int, Field(ge=0, lt=2**31, strict=True)]
    name: Title
    description: str = ""
    action: str = ""
    """What is done for the units of this segment."""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    """In pictures, like ``#0072b2``; by its position if not given."""
    code: Title | None = None
    """What the vendor's files call the segment, where that is not the id."""
    centroid: Annotated[tuple[TypicalAnswer, ...], Field(min_length=1)]
    share: Annotated[Positive, Field(le=1)] | None = None
    """Of the units that a mixture expects in the segment."""
    spreads: tuple[Positive, ...] = ()
    """Of a mixture: the standard deviation of each feature in the segment, in scales of the feature; 1 each if left out."""


class Columns(Part):
    """How the vendor's files name the columns that are not features."""

    id: ColumnName = "customer_id"
    date: ColumnName = "date"
    weight: ColumnName | None = None
    """None stands for `WEIGHT`, see `dtc_data.catalogue.catalogue.Catalogue.weight_column`."""
    segment: ColumnName | None = None
    """With the vendor's segment; None stands for the catalogue's word, see `Catalogue.segment_column`."""
    wave: ColumnName | None = None
    """With the month, in files that have no date."""
    date_order: Literal["day", "month"] | None = None
    """Which comes first in dates like 01/02/2025; files that leave it open are refused if it is not given."""


class MissingAnswers(Part):
    """What is done about units with missing answers."""

    minimum_answered: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Fewest answered features with which a unit is still labelled; None demands all of them."""


class Transactions(Part):
    """How the features of customers are made of a retailer's transactions."""

    lookback_days: Annotated[int, Field(ge=1, le=1096, strict=True)] = 180
    """How far back from a month's end lines count, and from the moment of a request."""


class Stores(Part):
    """How the features of stores are made of a retailer's files."""

    quarters: Annotated[int, Field(ge=1, le=40, strict=True)] = 4
    """How many, ending with the wave's, are averaged: four have no season in them."""
