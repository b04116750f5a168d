"""Centroids as a catalogue writes them, turned into a matrix: numbers, and a column per value of a category."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from dtc_data.catalogue.catalogue_schema import Feature, Segment
from dtc_data.catalogue.number_scale import FloatArray

_SHARES_WITHIN: Final = 0.01
"""How far the shares in a centroid may be from 1 in all; they are brought to 1."""


def centroid_matrix(segments: Sequence[Segment], features: Sequence[Feature], *, in_z_units: bool) -> FloatArray:
    """Return the centroids in the unit of the answers, ``(n_segments, n_columns)``.

    The typical answer to a reversed feature is given as it counts, and comes out as it was asked.

    Raises
    ------
    ValueError
        If an entry is not an answer to its feature; the message names segment and feature.
    """
    rows = [np.concatenate(list(_columns(segment, features, in_z_units=in_z_units))) for segment in segments]
    return np.array(rows)


def _columns(segment: Segment, features: Sequence[Feature], *, in_z_units: bool) -> Iterator[FloatArray]:
    for feature, typical in zip(features, segment.centroid, strict=True):
        try:
            if feature.type == "category":
                yield _shares(typical, feature)
            else:
                yield np.array([_number(typical, feature, in_z_units=in_z_units)])
        except ValueError as error:
            said = f"{typical:g}" if isinstance(typical, float) else repr(typical)
            raise ValueError(f"{segment.name!r}: the centroid's {said} for {feature.name!r} {error}") from error


def _shares(typical: float | str | dict[str, float], feature: Feature) -> FloatArray:
    if isinstance(typical, float):
        raise ValueError(f"must be {feature.words_for_valid}, or the share of each of them (a mapping)")  # noqa: TRY004
    given = typical if isinstance(typical, dict) else {typical: 1.0}
    if unknown := [value for value in given if value not in feature.values]:
        raise ValueError(f"holds {unknown[0]!r}, but must be {feature.words_for_valid}")
    shares = np.array([given.get(value, 0.0) for value in feature.values])
    if shares.min() < 0 or abs(shares.sum() - 1) > _SHARES_WITHIN:
        raise ValueError("must hold shares from 0 to 1, and 1 in all")
    exact: FloatArray = shares / shares.sum()
    return exact


def _number(typical: float | str | dict[str, float], feature: Feature, *, in_z_units: bool) -> float:
    if isinstance(typical, dict):
        raise ValueError("must be a number: only a category has shares")  # noqa: TRY004 - pydantic makes it a message
    if isinstance(typical, str):
        if typical not in feature.codes:
            raise ValueError("must be a number (no quotes, and a point before an exponent as in 1.0e-5)")
        return feature.codes[typical]
    low, high = feature.limits
    as_asked = low + high - typical if feature.reversed else typical
    value = _from_z_units(typical, feature) if in_z_units else as_asked
    if not low <= value <= high:
        raise ValueError(f"lies outside its range from {low:g} to {high:g}")
    return value


def _from_z_units(z: float, feature: Feature) -> float:
    unweighted = feature.model_copy(update={"weight": 1.0}).number_scale
    with np.errstate(over="ignore"):  # what overflows lies outside its range
        return float(unweighted.answers(np.array(z)))
