"""The sheet for a pasted list: ids and answers on the right, segments on the left."""

from dtc_data.catalogue import Words
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from dtc_service.workbook.rule_layout import RULE_SHEET, RuleLayout
from dtc_service.workbook.rule_sheet import write_cell, write_row
from dtc_service.workbook.segment_formulas import note_formula, segment_formula
from dtc_service.workbook.workbook_content import WorkbookContent

LIST_SHEET = "List"
FIRST_ROW = 4
RESULTS = ("segment", "name", "runner_up", "margin", "answered", "note")
"""Columns of the results, from A on."""
ID_COLUMN = get_column_letter(len(RESULTS) + 1)
INPUT = PatternFill("solid", fgColor="FFF8DC")
"""Cells into which people type."""
RESULT = Font(bold=True)
UNLOCKED = Protection(locked=False)


def answer_column(position: int) -> str:
    """Return the column of a feature's answers."""
    return str(get_column_letter(len(RESULTS) + 2 + position))


def list_cells(n_features: int, n_rows: int) -> list[list[str]]:
    """Return where the answers of each row stand, for formulas on other sheets."""
    columns = [answer_column(position) for position in range(n_features)]
    return [[f"{LIST_SHEET}!{column}{row}" for column in columns] for row in range(FIRST_ROW, FIRST_ROW + n_rows)]


def add_list(book: Workbook, content: WorkbookContent, layout: RuleLayout, n_rows: int) -> None:
    """Add the sheet with room for a list."""
    sheet, words = book.create_sheet(LIST_SHEET), content.catalogue.words
    _write_head(sheet, content, words, n_rows)
    for row in range(FIRST_ROW, FIRST_ROW + n_rows):
        _write_results(sheet, row, layout, words)
        for column in range(len(RESULTS) + 1, len(RESULTS) + 2 + layout.n_features):
            cell = sheet.cell(row, column)
            cell.fill, cell.protection = INPUT, UNLOCKED
    sheet.freeze_panes = f"{answer_column(0)}{FIRST_ROW}"
    sheet.protection.sheet = True  # without a password: it keeps formulas from being pasted over by mistake
    sheet.protection.formatColumns = False


def _write_head(sheet: Worksheet, content: WorkbookContent, words: Words, n_rows: int) -> None:
    write_cell(
        sheet,
        1,
        1,
        f"Paste up to {n_rows:,} {words.units} into the yellow cells, as values: the id first, then the answers in this "
        f"order. Leave a cell empty where no answer was given. The {words.segment} appears on the left.",
    )
    features = content.catalogue.features
    write_row(sheet, 2, len(RESULTS) + 2, [feature.question or feature.title for feature in features])
    names = [content.catalogue.segment_column if name == "segment" else name for name in RESULTS]
    write_row(sheet, 3, 1, [*names, "id", *content.catalogue.feature_names])
    for cell in sheet[3]:
        cell.font = RESULT
    for cell in sheet[2]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[2].height = 60
    widths = dict(zip("ABCDEF", (9, 26, 26, 9, 10, 30), strict=True))
    for column, width in widths.items():
        sheet.column_dimensions[column].width = width
    for position in range(len(features)):
        sheet.column_dimensions[answer_column(position)].width = 14


def _write_results(sheet: Worksheet, row: int, layout: RuleLayout, words: Words) -> None:
    rule_row = layout.first_row + 1 + row - FIRST_ROW  # below the single respondent's
    used = f"COUNTA({ID_COLUMN}{row}:{answer_column(layout.n_features - 1)}{row})>0"

    def rule(column: str) -> str:
        return f"{RULE_SHEET}!{column}{rule_row}"

    margin, answered = rule(layout.margin), rule(layout.answered)
    results = [
        segment_formula("A", rule(layout.nearest), layout),
        segment_formula("C", rule(layout.nearest), layout),
        segment_formula("C", rule(layout.runner_up), layout),
        f"={margin}",
        f'=IF({used},{answered},"")',
        note_formula(layout, rule_row, used, words),
    ]
    for column, formula in enumerate(results, start=1):
        cell = sheet.cell(row, column, formula)
        cell.font = RESULT
    sheet.cell(row, RESULTS.index("margin") + 1).number_format = "0.000"
