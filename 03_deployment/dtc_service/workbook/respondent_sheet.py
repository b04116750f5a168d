"""The sheet for a single respondent: the questions one below the other, the segment above them."""

from dtc_data.catalogue import Feature
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from dtc_service.workbook.answer_formulas import NOT_VALID
from dtc_service.workbook.list_sheet import INPUT, UNLOCKED
from dtc_service.workbook.rule_layout import FIRST_VALUE_ROW, RULE_SHEET, VALUES_SHEET, RuleLayout, value_column
from dtc_service.workbook.rule_sheet import write_cell, write_row
from dtc_service.workbook.segment_formulas import note_formula, segment_formula
from dtc_service.workbook.workbook_content import WorkbookContent

ONE_SHEET = "One respondent"
_FIRST_QUESTION_ROW = 12
_ANSWER_COLUMN = "D"
_TITLE = Font(bold=True, size=14)
_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def one_cells(n_features: int) -> list[str]:
    """Return where the answers stand, for formulas on other sheets."""
    return [f"'{ONE_SHEET}'!${_ANSWER_COLUMN}${_FIRST_QUESTION_ROW + position}" for position in range(n_features)]


def add_one(book: Workbook, content: WorkbookContent, layout: RuleLayout) -> None:
    """Add the sheet with the questions."""
    sheet, catalogue = book.create_sheet(ONE_SHEET), content.catalogue
    write_cell(sheet, 1, 1, f"{catalogue.name}: type one {catalogue.words.unit}")
    sheet["A1"].font = _TITLE
    write_cell(sheet, 2, 1, "Answer in the yellow cells; leave one empty where no answer was given.")
    _write_results(sheet, content, layout)
    write_row(sheet, _FIRST_QUESTION_ROW - 1, 1, ["", "question", "answers", "answer", ""])
    for cell in sheet[_FIRST_QUESTION_ROW - 1]:
        cell.font = _BOLD
    for position, feature in enumerate(catalogue.features):
        _write_question(sheet, position, feature, f"{RULE_SHEET}!{layout.code(position)}{layout.first_row}")
    for column, width in zip("ABCDE", (22, 60, 34, 16, 12), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{_FIRST_QUESTION_ROW}"
    sheet.protection.sheet = True  # without a password, as the list


def _write_results(sheet: Worksheet, content: WorkbookContent, layout: RuleLayout) -> None:
    words, row = content.catalogue.words, layout.first_row
    nearest, runner_up = f"{RULE_SHEET}!{layout.nearest}{row}", f"{RULE_SHEET}!{layout.runner_up}{row}"
    last = _FIRST_QUESTION_ROW + layout.n_features - 1
    used = f"COUNTA({_ANSWER_COLUMN}{_FIRST_QUESTION_ROW}:{_ANSWER_COLUMN}{last})>0"
    results = [
        (words.segment.capitalize(), segment_formula("C", nearest, layout)),
        ("Description", segment_formula("D", nearest, layout)),
        ("Runner-up", segment_formula("C", runner_up, layout)),
        ("Margin (0 to 1)", f"={RULE_SHEET}!{layout.margin}{row}"),
        ("Answers given", f"={RULE_SHEET}!{layout.answered}{row}"),
        ("Note", note_formula(layout, row, used, words)),
    ]
    for number, (name, formula) in enumerate(results, start=4):
        write_cell(sheet, number, 1, name)
        sheet.cell(number, 2, formula).alignment = _WRAPPED
        sheet.cell(number, 2).font = _BOLD
    sheet["B4"].font = _TITLE
    sheet["B7"].number_format = "0.000"
    for number in range(4, 10):
        sheet.cell(number, 2).alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")


def _write_question(sheet: Worksheet, position: int, feature: Feature, code: str) -> None:
    row = _FIRST_QUESTION_ROW + position
    write_row(sheet, row, 1, [feature.title, feature.question or feature.title, _valid(feature)])
    for column in (1, 2, 3):
        sheet.cell(row, column).alignment = _WRAPPED
    answer = sheet[f"{_ANSWER_COLUMN}{row}"]
    answer.fill, answer.protection = INPUT, UNLOCKED
    sheet[f"E{row}"] = f'=IF({code}="{NOT_VALID}","not valid",IF({code}="","missing",""))'
    if feature.in_words:
        values = value_column(position)
        last = FIRST_VALUE_ROW + len(feature.values) - 1
        choice = DataValidation(
            type="list",
            formula1=f"={VALUES_SHEET}!${values}${FIRST_VALUE_ROW}:${values}${last}",
            showErrorMessage=False,
        )  # a code for a missing answer may be typed all the same
        sheet.add_data_validation(choice)
        choice.add(answer)


def _valid(feature: Feature) -> str:
    """Say what may be typed: what survey files have, where the catalogue says so, else the answer itself."""
    labels = feature.answer_labels.words
    if not labels:
        return feature.words_for_valid
    return labels if feature.answer_labels.recodes else f"{feature.words_for_valid}; or {labels}"
