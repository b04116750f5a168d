"""The forms in which a JSON request may write a respondent, each as a type made from the catalogue's features.

The type is the whole rule, valid ranges included: msgspec checks a body against it while it parses.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, Self

import msgspec
from dtc_data.catalogue import Feature


@dataclass(frozen=True)
class Form:
    """One way to write a respondent."""

    fields: tuple[str, ...]
    """What each answer is called, in the order of the features."""
    description: str
    decoder: msgspec.json.Decoder[list[Any]]
    answers: Callable[[list[Any]], Iterable[Iterable[float]]]
    """Takes decoded respondents and gives their answers in the order of the features."""
    opening: bytes
    """The character with which each respondent starts."""
    keys_per_row: int

    @classmethod
    def of_objects(cls, keys: Sequence[str], features: Sequence[Feature]) -> Self:
        """Make the form of objects with exactly these keys, one for each feature, in any order."""
        attributes = [f"answer_{position}" for position in range(len(keys))]  # a key need not be a Python name
        row = msgspec.defstruct(
            "Respondent",
            list(zip(attributes, map(_answer, features), strict=True)),
            rename=dict(zip(attributes, keys, strict=True)),
            forbid_unknown_fields=True,
            gc=False,  # a row holds only numbers, so it cannot be part of a cycle
        )
        return cls(
            fields=tuple(keys),
            description=f"an object with the keys {_listing(keys)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (row,))),
            answers=lambda rows: map(msgspec.structs.astuple, rows),
            opening=b"{",
            keys_per_row=len(keys),
        )

    @classmethod
    def of_arrays(cls, features: Sequence[Feature]) -> Self:
        """Make the form of arrays in the order of the features."""
        names = tuple(feature.name for feature in features)
        row = GenericAlias(tuple, tuple(map(_answer, features)))
        return cls(
            fields=names,
            description=f"an array of {len(names)} numbers in the order {_listing(names)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (row,))),
            answers=lambda rows: rows,
            opening=b"[",
            keys_per_row=0,
        )


def _answer(feature: Feature) -> Any:
    """Give the type of an answer: a number within the limits of its feature."""
    low, high = feature.limits
    return Annotated[float, msgspec.Meta(ge=low, le=high)]


def _listing(names: Sequence[str]) -> str:
    if len(names) > 4:  # noqa: PLR2004 - by then the pattern is clear, and a survey can have hundreds
        return f"{', '.join(names[:2])}, …, {names[-1]} ({len(names)} in all)"
    return ", ".join(names)
