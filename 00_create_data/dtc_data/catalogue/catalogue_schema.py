"""The parts of a catalogue: features, segments, and what is said about the vendor's files."""

from typing import Annotated, Any, Final, Self

from pydantic import AliasChoices, Field, model_validator

from dtc_data.catalogue.feature_encoding import FeatureEncoding
from dtc_data.catalogue.schema_parts import NumberOrText, Part, Text, Title, TypicalAnswer
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

    @model_validator(mode="before")
    @classmethod
    def _spell_out_values(cls, given: Any) -> Any:
        """Take the values of a category with their shares, ``{north: 0.6, south: 0.4}``."""
        if isinstance(given, dict) and isinstance(values := given.get("values"), dict) and "shares" not in given:
            return given | {"values": list(values), "shares": list(values.values())}
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if objection := objection_to_feature(self.name):
            raise ValueError(f"name {self.name!r} {objection}")
        low, high = self.limits
        for code in self.missing:
            if code in self.values or (not self.in_words and isinstance(code, float) and low <= code <= high):
                raise ValueError(f"missing code {code!r} is a valid answer, too")
        return self

    @property
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


class Columns(Part):
    """How the vendor's files name the columns that are not features."""

    id: Text = "customer_id"
    date: Text = "date"
    weight: Text | None = None
    """None stands for `WEIGHT`, see `dtc_data.catalogue.catalogue.Catalogue.weight_column`."""


class MissingAnswers(Part):
    """What is done about units with missing answers."""

    minimum_answered: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Fewest answered features with which a unit is still labelled; None demands all of them."""


class Transactions(Part):
    """How the features of customers are made of a retailer's transactions."""

    lookback_days: Annotated[int, Field(ge=1, le=1096, strict=True)] = 180
    """How far back from a month's end lines count, and from the moment of a request."""
