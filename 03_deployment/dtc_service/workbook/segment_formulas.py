"""Formulas that say a result in words: the segment, or why there is none."""

from dtc_data.catalogue import Words

from dtc_service.workbook.answer_formulas import NOT_VALID, in_quotes
from dtc_service.workbook.rule_layout import FIRST_SEGMENT_ROW, NAME_ROW, RULE_SHEET, SEGMENT_SHEET, RuleLayout


def segment_formula(column: str, number: str, layout: RuleLayout) -> str:
    """Return the formula of what stands about a segment in a column of the sheet of segments; empty without one.

    ``number`` is the cell with the segment's number, from 1.
    """
    last = FIRST_SEGMENT_ROW + layout.n_segments - 1
    return f'=IF({number}="","",INDEX({SEGMENT_SHEET}!${column}${FIRST_SEGMENT_ROW}:${column}${last},{number}))'


def note_formula(layout: RuleLayout, rule_row: int, used: str, words: Words) -> str:
    """Return the formula of a note: which answer is not valid, or how many are missing; empty if all is well.

    ``used`` is the condition that the row holds anybody.
    """
    first, last = layout.code(0), layout.code(layout.n_features - 1)
    codes = f"{RULE_SHEET}!${first}{rule_row}:${last}{rule_row}"
    names = f"{RULE_SHEET}!${first}${NAME_ROW}:${last}${NAME_ROW}"
    invalid, answered, usable, margin = (
        f"{RULE_SHEET}!{column}{rule_row}" for column in (layout.invalid, layout.answered, layout.usable, layout.margin)
    )
    wrong = f'"not valid: "&INDEX({names},MATCH("{NOT_VALID}",{codes},0))'
    missing = f'({layout.n_features}-{answered})&" of {layout.n_features} answers are missing"'
    tie = in_quotes(f"exactly between two {words.segments}: the first counts")
    said = f'IF({usable},IF({margin}=0,{tie},""),{missing})'
    return f'=IF({used},IF({invalid}>0,{wrong},{said}),"")'
