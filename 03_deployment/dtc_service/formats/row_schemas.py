"""The forms in which a JSON request may write a respondent, each as a type made from the catalogue's features.

The type is the whole rule, valid ranges included: msgspec checks a body against it while it parses.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from types import GenericAlias
from typing import Annotated, Any, Self

import msgspec
import numpy as np
from dtc_data.catalogue import Feature

from dtc_service.formats.request_rows import FloatArray, Units

_Id = str | int | float | bool | None


@dataclass(frozen=True)
class Form:
    """One way to write a respondent."""

    fields: tuple[str, ...]
    """What each answer is called, in the order of the features."""
    ids: tuple[str, ...]
    """Keys whose values the client wants back; only objects have them."""
    description: str
    decoder: msgspec.json.Decoder[list[Any]]
    missing_allowed: bool
    opening: bytes
    """The character with which each respondent starts."""

    @classmethod
    def of_objects(
        cls, keys: Sequence[str], features: Sequence[Feature], *, missing_allowed: bool = False, ids: Sequence[str] = ()
    ) -> Self:
        """Make the form of objects with exactly these keys, one for each feature, and those of the ids, in any order."""
        every = (*keys, *ids)
        attributes = [f"value_{position}" for position in range(len(every))]  # a key need not be a Python name
        types = [*(_answer(feature, missing_allowed=missing_allowed) for feature in features), *([_Id] * len(ids))]
        row = msgspec.defstruct(
            "Respondent",
            list(zip(attributes, types, strict=True)),
            rename=dict(zip(attributes, every, strict=True)),
            forbid_unknown_fields=True,
            gc=False,  # a row holds only numbers and texts, so it cannot be part of a cycle
        )
        return cls(
            fields=tuple(keys),
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
        types = tuple(_answer(feature, missing_allowed=missing_allowed) for feature in features)
        return cls(
            fields=names,
            ids=(),
            description=f"an array of {len(names)} numbers in the order {_listing(names)}",
            decoder=msgspec.json.Decoder(GenericAlias(list, (GenericAlias(tuple, types),))),
            missing_allowed=missing_allowed,
            opening=b"[",
        )

    @property
    def keys_per_row(self) -> int:
        """Number of keys that each respondent has."""
        return 0 if self.opening == b"[" else len(self.fields) + len(self.ids)

    def units(self, rows: Sequence[Any]) -> Units:
        """Turn decoded rows into answers, in the order of the features, and id columns."""
        tuples = rows if self.opening == b"[" else list(map(msgspec.structs.astuple, rows))
        width = len(self.fields)
        ids = {name: [row[width + position] for row in tuples] for position, name in enumerate(self.ids)}
        answers = [row[:width] for row in tuples] if ids else tuples
        return Units(self._numbers(answers).reshape(len(rows), width), ids)

    def _numbers(self, answers: Sequence[tuple[float | None, ...]]) -> FloatArray:
        if self.missing_allowed:
            return np.array(answers, dtype=np.float64)  # which makes NaN of None
        # Each row packed at once: NumPy's own ways out of Python's floats take twice as long.
        pack = struct.Struct(f"{len(self.fields)}d").pack
        return np.frombuffer(b"".join(starmap(pack, answers)))


def _answer(feature: Feature, *, missing_allowed: bool) -> Any:
    """Return the type of an answer: a number within the limits of its feature, or null where one may be missing."""
    low, high = feature.limits
    number = Annotated[float, msgspec.Meta(ge=low, le=high)]
    return number | None if missing_allowed else number


def _listing(names: Sequence[str]) -> str:
    if len(names) > 4:  # noqa: PLR2004 - by then the pattern is clear, and a survey can have hundreds
        return f"{', '.join(names[:2])}, …, {names[-1]} ({len(names)} in all)"
    return ", ".join(names)
