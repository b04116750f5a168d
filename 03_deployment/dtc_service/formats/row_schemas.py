"""The forms in which a JSON request may write a unit, each as a type made from the catalogue's features.

The type is the whole rule wherever that is possible: msgspec checks a body against it while it parses. Only where a code
stands for a missing answer the limits are checked afterwards.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from types import GenericAlias
from typing import Annotated, Any, Literal, Self

import msgspec
import numpy as np
from dtc_data.catalogue import Feature

from dtc_service.formats.request_rows import FloatArray, Units, refusal, refuse_wrong

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
        types = [*(_answer_type(feature, missing_allowed=missing_allowed) for feature in features), *([_Id] * len(ids))]
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
        types = tuple(_answer_type(feature, missing_allowed=missing_allowed) for feature in features)
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

    def keys_are_counted(self, body: bytes, n_rows: int) -> bool:
        """Tell whether there surely is one colon behind each expected key of so many rows, and none beside.

        What was decoded holds nothing but known keys, numbers, values and other texts. A backslash in such a text may hide a colon.
        """
        if not self.keys_per_row:
            return True
        if self.holds_any_text and b"\\" in body:
            return False
        # NumPy counts ten times as fast as bytes.count, which stops at each one.
        colons = np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord(":"))
        return bool(colons == n_rows * self.keys_per_row)

    def units(self, rows: Sequence[Any]) -> Units:
        """Turn decoded rows into answers, in the order of the features, and id columns.

        Raises
        ------
        InvalidRequestError
            If an answer is wrong that the type could not refuse.
        """
        tuples = rows if self.opening == b"[" else list(map(msgspec.structs.astuple, rows))
        width = len(self.fields)
        ids = {name: [row[width + position] for row in tuples] for position, name in enumerate(self.ids)}
        answers = [row[:width] for row in tuples] if ids else tuples
        if self.are_plain:
            return Units(_packed_numbers(answers, width, missing_allowed=self.missing_allowed), ids)
        return Units(_coded_answers(answers, self.features, missing_allowed=self.missing_allowed), ids)


def _listing(names: Sequence[str]) -> str:
    if len(names) > 4:  # noqa: PLR2004 - by then the pattern is clear, and a survey can have hundreds
        return f"{', '.join(names[:2])}, …, {names[-1]} ({len(names)} in all)"
    return ", ".join(names)


def _answer_type(feature: Feature, *, missing_allowed: bool) -> Any:
    """Return the type of an answer: within the limits of its feature, or null where one may be missing."""
    if feature.in_words:
        codes = tuple(int(code) if isinstance(code, float) and code.is_integer() else code for code in feature.missing)
        known: Any = Literal[(*feature.values, *(code for code in codes if not isinstance(code, float)))]
        kind = str if missing_allowed and feature.takes_unseen else known
    else:
        kind = _number_type(feature)
    return kind | None if missing_allowed else kind


def _number_type(feature: Feature) -> Any:
    low, high = feature.limits
    whole = {"multiple_of": 1.0} if feature.is_whole else {}
    if feature.missing:
        texts = tuple(code for code in feature.missing if isinstance(code, str))
        return float | Literal[texts] if texts else float
    number = Annotated[float, msgspec.Meta(ge=low, le=high, **whole)]
    return bool | number if feature.type == "yes_no" else number


def _packed_numbers(rows: Sequence[tuple[Any, ...]], n_features: int, *, missing_allowed: bool) -> FloatArray:
    """Return answers that were decoded as plain numbers, ``(n_units, n_features)``, NaN for a missing one."""
    if missing_allowed:
        return np.array(rows, dtype=np.float64).reshape(len(rows), n_features)  # which makes NaN of None
    # Each row packed at once: NumPy's own ways out of Python's floats take twice as long.
    pack = struct.Struct(f"{n_features}d").pack
    return np.frombuffer(b"".join(starmap(pack, rows))).reshape(len(rows), n_features)


def _coded_answers(
    rows: Sequence[tuple[Any, ...]], features: Sequence[Feature], *, missing_allowed: bool
) -> FloatArray:
    """Return decoded answers as an array, ``(n_units, n_features)``, values in words as codes and NaN for a missing one.

    Raises
    ------
    InvalidRequestError
        If an answer of a feature with codes for missing ones is wrong, or such a code stands where none may be missing.
    """
    columns = zip(*rows, strict=True) if rows else [()] * len(features)
    answers = np.empty((len(rows), len(features)), order="F")
    for position, (column, feature) in enumerate(zip(columns, features, strict=True)):
        answers[:, position] = _codes(column, feature) if feature.in_words else _numbers(column, feature)
    if checked := [position for position, feature in enumerate(features) if feature.missing]:
        _check(answers, features, checked, missing_allowed=missing_allowed)
    return answers


def _codes(column: Sequence[Any], feature: Feature) -> FloatArray:
    return np.array([feature.codes.get(value, np.nan) for value in column])


def _numbers(column: Sequence[Any], feature: Feature) -> FloatArray:
    values = np.array([np.nan if isinstance(value, str) else value for value in column], dtype=np.float64)
    values[np.isin(values, [code for code in feature.missing if isinstance(code, float)])] = np.nan
    return values


def _check(answers: FloatArray, features: Sequence[Feature], checked: Sequence[int], *, missing_allowed: bool) -> None:
    wrong = [
        found
        for position in checked
        if (found := refuse_wrong(answers[:, position], features[position], missing_allowed=missing_allowed))
    ]
    if wrong:
        raise refusal(*min(wrong, key=lambda place: place[0]))
