"""The forms in which a JSON request may write a unit, each as a type made from the catalogue's features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import GenericAlias
from typing import Any, Self

import msgspec
from dtc_data.catalogue import Feature

from dtc_service.formats.answer_types import answer_type, coded_answers, packed_numbers
from dtc_service.formats.request_rows import Units

_Id = str | int | float | bool | None


@dataclass(frozen=True)
class Form:
    """One way to write a unit."""

    fields: tuple[str, ...]
    """What each answer is called, in the order of the features."""
    features: tuple[Feature, ...]
    ids: tuple[str, ...]
    """Keys whose values the client wants back; only objects have them."""
    description: str
    decoder: msgspec.json.Decoder[list[Any]]
    missing_allowed: bool
    opening: bytes
    """The character with which each unit starts."""
    keys_per_row: int = field(init=False)
    """Number of keys that each unit has."""
    may_hold_brackets: bool = field(init=False)
    """Whether a text in a unit may hold the character with which a unit starts."""
    holds_any_text: bool = field(init=False)
    """Whether a unit may hold a text that is none of the known values: an id, or a value never seen before."""
    are_plain: bool = field(init=False)
    """Whether all answers are decoded as numbers that need no further look."""

    def __post_init__(self) -> None:
        """Ask the features once, and not again with each request."""
        mark = self.opening.decode()
        has_mark = any(mark in value for feature in self.features for value in feature.values)
        special = any(feature.in_words or feature.missing for feature in self.features)
        object.__setattr__(self, "keys_per_row", 0 if mark == "[" else len(self.fields) + len(self.ids))
        any_text = bool(self.ids) or (self.missing_allowed and any(feature.takes_unseen for feature in self.features))
        object.__setattr__(self, "holds_any_text", any_text)
        object.__setattr__(self, "may_hold_brackets", any_text or has_mark)
        object.__setattr__(self, "are_plain", not special)

    @classmethod
    def of_objects(
        cls, keys: Sequence[str], features: Sequence[Feature], *, missing_allowed: bool = False, ids: Sequence[str] = ()
    ) -> Self:
        """Make the form of objects with exactly these keys, one for each feature, and those of the ids, in any order."""
        every = (*keys, *ids)
        attributes = [f"value_{position}" for position in range(len(every))]  # a key need not be a Python name
        types = [*(answer_type(feature, missing_allowed=missing_allowed) for feature in features), *([_Id] * len(ids))]
        row = msgspec.defstruct(
            "Unit",
            list(zip(attributes, types, strict=True)),
            rename=dict(zip(attributes, every, strict=True)),
            forbid_unknown_fields=True,
            gc=False,  # a row holds only numbers and texts, so it cannot be part of a cycle
        )
        return cls(
            fields=tuple(keys),
            features=tuple(features),
            ids=tuple(ids),
            description=f"an object with the keys {_listing(every)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (row,))),
            missing_allowed=missing_allowed,
            opening=b"{",
        )

    @classmethod
    def of_arrays(cls, features: Sequence[Feature], *, missing_allowed: bool = False) -> Self:
        """Make the form of arrays in the order of the features."""
        names = tuple(feature.name for feature in features)
        types = tuple(answer_type(feature, missing_allowed=missing_allowed) for feature in features)
        what = "answers" if any(feature.in_words for feature in features) else "numbers"
        return cls(
            fields=names,
            features=tuple(features),
            ids=(),
            description=f"an array of {len(names)} {what} in the order {_listing(names)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (GenericAlias(tuple, types),))),
            missing_allowed=missing_allowed,
            opening=b"[",
        )

    @property
    def expected(self) -> Mapping[str, str]:
        """What each field may hold, in words."""
        return {field: feature.words_for_valid for field, feature in zip(self.fields, self.features, strict=True)}

    def units(self, rows: Sequence[Any]) -> Units:
        """Turn decoded rows into answers, in the order of the features, and id columns.

        Raises
        ------
        InvalidRequestError
            See `coded_answers`.
        """
        tuples = rows if self.opening == b"[" else list(map(msgspec.structs.astuple, rows))
        width = len(self.fields)
        ids = {name: [row[width + position] for row in tuples] for position, name in enumerate(self.ids)}
        answers = [row[:width] for row in tuples] if ids else tuples
        if self.are_plain:
            return Units(packed_numbers(answers, width, missing_allowed=self.missing_allowed), ids)
        return Units(coded_answers(answers, self.features, missing_allowed=self.missing_allowed), ids)


def _listing(names: Sequence[str]) -> str:
    if len(names) > 4:  # noqa: PLR2004 - by then the pattern is clear, and a survey can have hundreds
        return f"{', '.join(names[:2])}, …, {names[-1]} ({len(names)} in all)"
    return ", ".join(names)
