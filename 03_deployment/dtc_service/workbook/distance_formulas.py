"""Formulas from coordinates to the nearest segment, the runner-up and the margin, as `dtc_model.rule` computes them.

Sums add coordinate by coordinate and squares multiply, as the rule does, so that distances come out with the same last digit
and respondents exactly between two segments are recognised as such. Spreadsheets take numbers for equal that differ only
in their last digits; the logarithm of a ratio is 0 for the very same number only, and far from 0 as such numbers go.
"""

from dtc_service.workbook.answer_formulas import NOT_VALID
from dtc_service.workbook.rule_layout import FIRST_CENTROID_ROW, TERMS_PER_CELL, RuleLayout


def row_formulas(layout: RuleLayout, row: int, fewest_answers: int) -> dict[str, str]:
    """Return the formulas of a respondent's row behind the coordinates, by column."""
    codes = f"{layout.code(0)}{row}:{layout.code(layout.n_features - 1)}{row}"
    segments = range(layout.n_segments)
    usable, smallest, second = (f"{column}{row}" for column in (layout.usable, layout.smallest, layout.second_smallest))
    formulas = {
        layout.invalid: f'COUNTIF({codes},"{NOT_VALID}")',
        layout.answered: f"COUNT({codes})",
        layout.usable: f"AND({layout.invalid}{row}=0,{layout.answered}{row}>={fewest_answers})",
        layout.smallest: f"MIN({_span(layout.distances, row)})",
        layout.nearest: f"MATCH(0,{_span(layout.excesses, row)},0)",
        layout.second_smallest: f"MIN({_span(layout.others, row)})",
        layout.runner_up: f"MATCH(0,{_span(layout.other_excesses, row)},0)",
        layout.margin: f"IF({second}=0,0,(SQRT({second})-SQRT({smallest}))/SQRT({second}))",
    }
    for segment in segments:
        formulas |= _of_segment(layout, row, segment)
    always = {layout.invalid, layout.answered, layout.usable}
    return {
        column: f"={formula}" if column in always else f'=IF({usable},{formula},"")'
        for column, formula in formulas.items()
    }


def _of_segment(layout: RuleLayout, row: int, segment: int) -> dict[str, str]:
    distance, other = f"{layout.distance(segment)}{row}", f"{layout.other(segment)}{row}"
    is_nearest = f"{layout.nearest}{row}={segment + 1}"
    return {
        **_sums(layout, row, segment),
        layout.excess(segment): _excess(distance, f"{layout.smallest}{row}"),
        layout.other(segment): f'IF({is_nearest},"",{distance})',
        layout.other_excess(segment): f'IF({is_nearest},"",{_excess(other, f"{layout.second_smallest}{row}")})',
    }


def _sums(layout: RuleLayout, row: int, segment: int) -> dict[str, str]:
    centroid = FIRST_CENTROID_ROW + segment
    sums = {}
    for part in range(layout.n_parts):
        positions = range(layout.n_coordinates)[part * TERMS_PER_CELL : (part + 1) * TERMS_PER_CELL]
        before = [f"{layout.part(segment, part - 1)}{row}"] if part else []
        terms = (_square(layout.coordinate(position), row, centroid) for position in positions)
        sums[layout.part(segment, part)] = "+".join([*before, *terms])
    return sums


def _square(column: str, row: int, centroid: int) -> str:
    difference = f"({column}{row}-{column}${centroid})"
    return f'IF({column}{row}="",0,{difference}*{difference})'


def _excess(distance: str, smallest: str) -> str:
    return f"IF({smallest}=0,{distance},LN({distance}/{smallest}))"


def _span(columns: tuple[str, str], row: int) -> str:
    return f"{columns[0]}{row}:{columns[1]}{row}"
