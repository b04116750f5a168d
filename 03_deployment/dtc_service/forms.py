"""The forms in which a JSON request may write a respondent, each as a type made from the model's features.

The type is the whole rule: msgspec checks a body against it while it parses.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any, Self

import msgspec


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
    def of_objects(cls, keys: Sequence[str]) -> Self:
        """Make the form of objects with exactly these keys, in any order."""
        attributes = [f"answer_{position}" for position in range(len(keys))]  # a key need not be a Python name
        row = msgspec.defstruct(
            "Respondent",
            [(attribute, float) for attribute in attributes],
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
    def of_arrays(cls, feature_names: Sequence[str]) -> Self:
        """Make the form of arrays in the order of the features."""
        row = GenericAlias(tuple, (float,) * len(feature_names))
        return cls(
            fields=tuple(feature_names),
            description=f"an array of {len(feature_names)} numbers in the order {_listing(feature_names)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (row,))),
            answers=lambda rows: rows,
            opening=b"[",
            keys_per_row=0,
        )


def _listing(names: Sequence[str]) -> str:
    if len(names) > 4:  # noqa: PLR2004 - by then the pattern is clear, and a survey can have hundreds
        return f"{', '.join(names[:2])}, …, {names[-1]} ({len(names)} in all)"
    return ", ".join(names)
