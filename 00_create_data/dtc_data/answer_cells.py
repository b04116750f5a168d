"""How the text cells of one feature become answers; pandas is not needed for it."""

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from dtc_data.catalogue import FloatArray
from dtc_data.catalogue_parts import Feature

Objections = dict[int, str]
"""What is wrong with single cells, by position."""

NUMBER: Final = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)


def parse_answers(cells: Sequence[str], feature: Feature, *, missing_allowed: bool) -> tuple[FloatArray, Objections]:
    """Read the answers to one feature; a missing one is NaN."""
    values = _plain_numbers(cells)
    if values is None:
        values = np.array([float(cell) if NUMBER.fullmatch(cell) else math.nan for cell in cells])
    low, high = feature.limits
    outside = np.flatnonzero(~((values >= low) & (values <= high)))  # NaN is not inside either
    objections = {int(row): _objection_to_answer(cells[row], feature) for row in outside}
    if missing_allowed:
        objections = {row: message for row, message in objections.items() if cells[row].strip()}
    return values, objections


def _plain_numbers(cells: Sequence[str]) -> FloatArray | None:
    """Read a column that holds nothing but numbers, or give None."""
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
