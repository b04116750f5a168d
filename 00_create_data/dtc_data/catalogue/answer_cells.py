"""How the text cells of one column become answers or weights; pandas is not needed for it."""

import math
from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np

from dtc_data.catalogue.catalogue_schema import Feature
from dtc_data.catalogue.number_scale import FloatArray
from dtc_data.catalogue.schema_parts import NUMBER

LARGEST_WEIGHT: Final = 1e9
"""Largest weight of a unit: more than any population that is counted in persons."""

_EXACT: Final = 2.0**53
"""Doubles below hold every whole number."""

Objections = dict[int, str]
"""What is wrong with single cells, by position."""

_YES_NO: Final = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


@runtime_checkable
class NumberCells(Protocol):
    """Cells that know a faster way to become numbers than one by one."""

    def numbers(self) -> FloatArray | None:
        """Return the cells as doubles, NaN for an empty one, or None if one is neither a number nor empty."""


def parse_answers(
    cells: Sequence[str] | FloatArray, feature: Feature, *, missing_allowed: bool
) -> tuple[FloatArray, Objections]:
    """Read the answers to one feature, ``(n_cells,)``, values in words as codes; a missing one is NaN.

    Cells are texts, or numbers with NaN for an empty one. Labels of the catalogue are read as the answers for which they
    stand.
    """
    if isinstance(cells, np.ndarray):
        return _parse_numbers(cells, feature, missing_allowed=missing_allowed)
    values = _labelled_values(cells, feature) if feature.labels else _values(cells, feature)
    _forget_codes(values, cells, feature)
    objections = {}
    for row in () if missing_allowed and feature.takes_unseen else _outside(values, feature):
        if not (missing_allowed and stands_for_nothing(cells[row], feature)):
            objections[row] = _objection_to_answer(cells[row], feature)
    return values, objections


def _parse_numbers(cells: FloatArray, feature: Feature, *, missing_allowed: bool) -> tuple[FloatArray, Objections]:
    if feature.labels or feature.in_words:
        return parse_answers([number_text(cell) for cell in cells.tolist()], feature, missing_allowed=missing_allowed)
    values = cells.copy()
    for code in feature.missing:
        if isinstance(code, float):
            values[cells == code] = math.nan
    objections = {}
    for row in _outside(values, feature):
        text = number_text(cells[row])
        if not (missing_allowed and stands_for_nothing(text, feature)):
            objections[row] = _objection_to_answer(text, feature)
    return values, objections


def _outside(values: FloatArray, feature: Feature) -> list[int]:
    """Return the rows of values that are not answers; NaN is none either."""
    low, high = feature.limits
    wrong = ~((values >= low) & (values <= high))
    if feature.is_whole:
        wrong |= values != np.rint(values)
    rows: list[int] = np.flatnonzero(wrong).tolist()
    return rows


def number_text(value: float) -> str:
    """Return how a number is written in a text: whole ones without a point, nothing for NaN."""
    if math.isnan(value):
        return ""
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < _EXACT else repr(float(value))


def parse_weights(cells: Sequence[str], unit: str = "unit") -> tuple[FloatArray, Objections]:
    """Read the units' weights, ``(n_cells,)``; each needs one, 0 leaves a unit out of comparisons.

    ``unit`` is what messages call one of them.
    """
    values = _plain_or_nan(cells)
    outside = np.flatnonzero(~((values >= 0.0) & (values <= LARGEST_WEIGHT))).tolist()
    return values, {row: _objection_to_weight(cells[row], unit) for row in outside}


def _labelled_values(cells: Sequence[str], feature: Feature) -> FloatArray:
    answers, strange = feature.answer_labels.answers(cells)
    values = _values(answers, feature)
    if strange:
        codes = {code for code in feature.missing if isinstance(code, float)}
        values[[cell in strange and float(cell) not in codes for cell in cells]] = math.nan
    return values


def _values(cells: Sequence[str], feature: Feature) -> FloatArray:
    if feature.in_words:
        return np.array([feature.codes.get(cell.strip(), math.nan) for cell in cells])
    return _numbers(cells, feature)


def _numbers(cells: Sequence[str], feature: Feature) -> FloatArray:
    values = _plain_numbers(cells)
    if values is not None:
        return values
    if feature.type == "yes_no":
        cells = [str(_YES_NO.get(cell.strip().lower(), cell)) for cell in cells]
    return _plain_or_nan(cells)


def _plain_or_nan(cells: Sequence[str]) -> FloatArray:
    """Read numbers, NaN where there is none."""
    values = _plain_numbers(cells)
    if values is None:
        values = np.array([float(cell) if NUMBER.fullmatch(cell) else math.nan for cell in cells])
    return values


def _plain_numbers(cells: Sequence[str]) -> FloatArray | None:
    """Read a column that holds nothing but numbers, or return None."""
    if isinstance(cells, NumberCells):
        return cells.numbers()
    text = "".join(cells)
    if not text.isascii() or "_" in text:  # float() would take 1_000 and digits of other scripts
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def _forget_codes(values: FloatArray, cells: Sequence[str], feature: Feature) -> None:
    """Make NaN of the codes that stand for a missing answer, and of a written NaN."""
    for code in feature.missing:
        if isinstance(code, float):
            values[values == code] = math.nan
    texts = {code for code in feature.missing if isinstance(code, str)}
    if texts:
        values[[cell.strip() in texts for cell in cells]] = math.nan


def stands_for_nothing(cell: str, feature: Feature) -> bool:
    """Tell whether a cell is empty, or one of the codes for a missing answer."""
    text = cell.strip()
    if not text or text in feature.missing:
        return True
    return bool(feature.missing) and NUMBER.fullmatch(text) is not None and float(text) in feature.missing


def _objection_to_answer(cell: str, feature: Feature) -> str:
    if not cell.strip():
        return "the answer is missing (the catalogue's missing_answers allows none)"
    if stands_for_nothing(cell, feature):
        return f"{cell!r} stands for a missing answer (the catalogue's missing_answers allows none)"
    if feature.labels and (feature.answer_labels.recodes or NUMBER.fullmatch(cell) is None):
        nor = "" if feature.answer_labels.recodes else f", nor {feature.words_for_valid}"
        return f"{cell!r} is none of the catalogue's labels ({feature.answer_labels.words}){nor}"
    if feature.in_words or feature.type == "yes_no":
        return f"{cell!r} is not {feature.words_for_valid}"
    return _objection_to_number(cell, feature)


def _objection_to_number(cell: str, feature: Feature) -> str:
    if NUMBER.fullmatch(cell) is None and cell.strip().lower().lstrip("+-") not in {"nan", "inf", "infinity"}:
        return f"{cell!r} is not a number"
    if not math.isfinite(float(cell)):
        return f"{cell!r} is not a finite number"
    low, high = feature.limits
    if low <= float(cell) <= high:
        return f"{cell!r} is not a whole number, as a grade is"
    return f"{cell!r} is outside the feature's range from {low:g} to {high:g}"


def _objection_to_weight(cell: str, unit: str) -> str:
    if not cell.strip():
        return f"the weight is missing: give every {unit} one, or leave the column out"
    return f"{cell!r} is not a weight: write a number from 0 to {LARGEST_WEIGHT:,.0f}"
