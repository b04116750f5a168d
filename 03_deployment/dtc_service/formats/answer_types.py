"""What an answer looks like in JSON, as a type made from its feature, and how what was decoded becomes numbers.

The type is the whole rule wherever that is possible: msgspec checks a body against it while it parses. Only where a code
stands for a missing answer the limits are checked afterwards.
"""

import struct
from collections.abc import Sequence
from itertools import starmap
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from dtc_data.catalogue import Feature

from dtc_service.formats.request_rows import FloatArray, refusal, refuse_wrong


def answer_type(feature: Feature, *, missing_allowed: bool) -> Any:
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


def packed_numbers(rows: Sequence[tuple[Any, ...]], n_features: int, *, missing_allowed: bool) -> FloatArray:
    """Return answers that were decoded as plain numbers, ``(n_units, n_features)``, NaN for a missing one."""
    if missing_allowed:
        return np.array(rows, dtype=np.float64).reshape(len(rows), n_features)  # which makes NaN of None
    # Each row packed at once: NumPy's own ways out of Python's floats take twice as long.
    pack = struct.Struct(f"{n_features}d").pack
    return np.frombuffer(b"".join(starmap(pack, rows))).reshape(len(rows), n_features)


def coded_answers(rows: Sequence[tuple[Any, ...]], features: Sequence[Feature], *, missing_allowed: bool) -> FloatArray:
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
