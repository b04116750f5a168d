"""Formulas from the cell of an answer to the coordinates of a distance, as `dtc_model.rule.encoder` computes them."""

from collections.abc import Iterator
from typing import Final

from dtc_data.catalogue import Feature, FeatureEncoding

from dtc_service.workbook.rule_layout import (
    CENTRE_ROW,
    DIVISOR_ROW,
    FIRST_VALUE_ROW,
    HIGHEST_ROW,
    LOWEST_ROW,
    TURNED_ROW,
    VALUES_SHEET,
    label_code_column,
    label_column,
    value_column,
)

NOT_VALID: Final = "x"
"""What stands for an answer that is not valid."""


def value_formula(cell: str, feature: Feature, position: int) -> str:
    """Return the formula of an answer as a number: empty if it is missing, `NOT_VALID` if it is not a number.

    A value in words becomes its position in the sheet of values, from 1, and 0 if it is not there; what survey files have
    in the place of an answer (``labels`` of the catalogue) is taken like the answer.

    Parameters
    ----------
    cell : str
        Where the answer stands.
    feature : Feature
    position : int
        Of the feature among all.
    """
    trimmed = f"TRIM({cell})"
    gaps = [f'{trimmed}=""', *(_is_code(cell, code) for code in feature.missing)]
    missing = _any(gaps)
    if feature.in_words:
        values = _listed(value_column(position), len(feature.values))
        found = f"SUMPRODUCT(EXACT({values},{trimmed})*(ROW({values})-{FIRST_VALUE_ROW - 1}))"
    else:
        found = f'IF(ISNUMBER({cell}),{cell},IFERROR(VALUE({trimmed}),"{NOT_VALID}"))'
    if feature.type == "yes_no":
        found = f"IF({_is_word(cell, 'yes', 'true')},1,IF({_is_word(cell, 'no', 'false')},0,{found}))"
    return f'=IF({missing},"",{_by_label(trimmed, feature, position, found)})'


def _by_label(trimmed: str, feature: Feature, position: int, otherwise: str) -> str:
    """Look the answer up among the labels; case makes no difference, and where labels recode, no other number is an answer."""
    if not feature.labels:
        return otherwise
    is_label = f"({_listed(label_column(position), len(feature.labels))}=LOWER({trimmed}))"
    codes = _listed(label_code_column(position), len(feature.labels))
    if feature.answer_labels.recodes:
        otherwise = "0" if feature.in_words else f'"{NOT_VALID}"'
    return f"IF(SUMPRODUCT({is_label}*1)>0,SUMPRODUCT({is_label}*{codes}),{otherwise})"


def _listed(column: str, length: int) -> str:
    return f"{VALUES_SHEET}!${column}${FIRST_VALUE_ROW}:${column}${FIRST_VALUE_ROW + length - 1}"


def code_formula(value: str, column: str, feature: Feature) -> str:
    """Return the formula of a valid answer; `NOT_VALID` if it is not.

    ``value`` is the cell of the answer as a number, ``column`` that in which the limits stand.
    """
    if feature.in_words:
        return f'=IF({value}="","",IF({value}=0,"{NOT_VALID}",{value}))'
    gaps = [f'{value}=""', *(f"{value}={code!r}" for code in feature.missing if isinstance(code, float))]
    missing = _any(gaps)
    conditions = [f"{value}>={column}${LOWEST_ROW}", f"{value}<={column}${HIGHEST_ROW}"]
    if feature.is_whole:
        conditions.append(f"{value}=INT({value})")
    checked = f'IF(AND({",".join(conditions)}),{value},"{NOT_VALID}")'
    return f'=IF({missing},"",IF(ISNUMBER({value}),{checked},"{NOT_VALID}"))'


def coordinate_formulas(code: str, columns: list[str], feature: FeatureEncoding) -> Iterator[str]:
    """Return the formulas of a feature's coordinates: one, or one per value of a category.

    ``code`` is the cell of the valid answer, ``columns`` those of the coordinates, in which the divisors stand.
    """
    for position, column in enumerate(columns, start=1):
        divided = f"/{column}${DIVISOR_ROW}"
        if feature.type == "category":
            encoded = f"IF({code}={position},1,0){divided}"
        else:
            encoded = f"({_transformed(code, column, feature)}){divided}"
        yield f'=IF(ISNUMBER({code}),{encoded},"")'


def _transformed(code: str, column: str, feature: FeatureEncoding) -> str:
    value = f"({column}${TURNED_ROW}-{code})" if feature.reversed else code
    if feature.transform == "log1p":
        value = f"LN(1+{value})"
    return f"{value}-{column}${CENTRE_ROW}" if feature.mean else value


def _is_code(cell: str, code: float | str) -> str:
    """Compare with a code for a missing answer; = would take words of other case for it."""
    return f"EXACT(TRIM({cell}),{in_quotes(code)})" if isinstance(code, str) else f"{cell}={code!r}"


def _is_word(cell: str, *words: str) -> str:
    return _any([f"EXACT(LOWER(TRIM({cell})),{in_quotes(word)})" for word in words])


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"OR({','.join(conditions)})"


def in_quotes(text: str) -> str:
    """Write a text as a formula does, without the runs of spaces that TRIM takes away."""
    return '"' + " ".join(text.split()).replace('"', '""') + '"'
