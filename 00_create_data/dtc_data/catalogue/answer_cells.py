"""How the text cells of one column become answers or weights; pandas is not needed for it."""

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from dtc_data.catalogue.catalogue import FloatArray
from dtc_data.catalogue.catalogue_schema import Feature

LARGEST_WEIGHT: Final = 1e9
"""Largest weight of a respondent: more than any population that is counted in persons."""

Objections = dict[int, str]
"""What is wrong with single cells, by position."""

NUMBER: Final = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)


def parse_answers(cells: Sequence[str], feature: Feature, *, missing_allowed: bool) -> tuple[FloatArray, Objections]:
    """Read the answers to one feature, ``(n_cells,)``; a missing one is NaN."""
    values, outside = _numbers_within(cells, *feature.limits)
    objections = {row: _objection_to_answer(cells[row], feature) for row in outside}
    if missing_allowed:
        objections = {row: message for row, message in objections.items() if cells[row].strip()}
    return values, objections


def parse_weights(cells: Sequence[str]) -> tuple[FloatArray, Objections]:
    """Read the respondents' weights, ``(n_cells,)``; each needs one, 0 leaves a respondent out of comparisons."""
    values, outside = _numbers_within(cells, 0.0, LARGEST_WEIGHT)
    return values, {row: _objection_to_weight(cells[row]) for row in outside}


def _numbers_within(cells: Sequence[str], low: float, high: float) -> tuple[FloatArray, list[int]]:
    """Return numbers, NaN where there is none, and the rows of those that are not within the limits."""
    values = _plain_numbers(cells)
    if values is None:
        values = np.array([float(cell) if NUMBER.fullmatch(cell) else math.nan for cell in cells])
    outside: list[int] = np.flatnonzero(~((values >= low) & (values <= high))).tolist()  # NaN is not inside either
    return values, outside


def _plain_numbers(cells: Sequence[str]) -> FloatArray | None:
    """Return the numbers of a column that holds nothing else, or None."""
    text = "".join(cells)
    if not text.isascii() or "_" in text:  # float() would take 1_000 and digits of other scripts
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def _objection_to_answer(cell: str, feature: Feature) -> str:
    if not cell.strip():
        return "the answer is missing (the catalogue's missing_answers allows none)"
    if NUMBER.fullmatch(cell) is None and cell.strip().lower().lstrip("+-") not in {"nan", "inf", "infinity"}:
        return f"{cell!r} is not a number"
    if not math.isfinite(float(cell)):
        return f"{cell!r} is not a finite number"
    low, high = feature.limits
    return f"{cell!r} is outside the feature's range from {low:g} to {high:g}"


def _objection_to_weight(cell: str) -> str:
    if not cell.strip():
        return "the weight is missing: give every respondent one, or leave the column out"
    return f"{cell!r} is not a weight: write a number from 0 to {LARGEST_WEIGHT:g}"
