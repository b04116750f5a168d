"""The typing tool: an Excel workbook that finds the segment of one respondent or of a pasted list, by formulas alone."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from openpyxl import Workbook

from dtc_service.errors import OutputError
from dtc_service.workbook.list_sheet import add_list, list_cells
from dtc_service.workbook.respondent_sheet import add_one, one_cells
from dtc_service.workbook.rule_layout import RULE_SHEET, SEGMENT_SHEET, VALUES_SHEET
from dtc_service.workbook.rule_sheet import add_rule, add_segments, add_values, layout_of, write_cell
from dtc_service.workbook.workbook_content import WorkbookContent

MOST_ROWS: Final = 20_000
"""Rows of a list with which a spreadsheet still works."""


def write_typing_tool(content: WorkbookContent, path: str | Path, *, rows: int = 1_000) -> None:
    """Write the workbook; never half a file.

    Parameters
    ----------
    content : WorkbookContent
        The catalogue, and the rule that labels.
    path : str or Path
        An ``.xlsx`` file; an existing one is replaced.
    rows : int
        How many respondents a pasted list may have.

    Raises
    ------
    OutputError
        If the name does not end in ``.xlsx``, or the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.suffix.lower() != ".xlsx":
        raise OutputError(f"{path}: a typing tool is an Excel workbook: give a name that ends in .xlsx")
    book = _workbook(content, rows)
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    try:
        book.save(draft)
        draft.replace(target)
    except OSError as error:
        raise OutputError(f"{path}: the file cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _workbook(content: WorkbookContent, rows: int) -> Workbook:
    layout, features = layout_of(content), content.catalogue.features
    book = Workbook()
    book.remove(book.worksheets[0])
    add_one(book, content, layout)
    add_list(book, content, layout, rows)
    add_segments(book, content)
    _add_notes(book, content)
    add_values(book, features)
    add_rule(book, content, [one_cells(len(features)), *list_cells(len(features), rows)])
    book.calculation.fullCalcOnLoad = True
    return book


def _add_notes(book: Workbook, content: WorkbookContent) -> None:
    words, catalogue = content.catalogue.words, content.catalogue
    fewest, all_features = catalogue.minimum_answered, len(catalogue.features)
    needed = (
        f"all {all_features} questions must be answered"
        if fewest == all_features
        else f"at least {fewest} of {all_features} questions must be answered; distances count the answered ones"
    )
    lines = [
        f"{catalogue.name}: typing tool",
        f"Made on {datetime.now(UTC):%Y-%m-%d} from {content.source}. It does not follow later changes: make it again then.",
        f"Each {words.unit} gets the {words.segment} whose typical answers are nearest, as the service computes it.",
        f"Of {words.segments} that are equally near the first in the list counts. For a {words.segment}, {needed}.",
        f"The margin says how clear that is: 0 exactly between two {words.segments}, 1 on the typical answers of one.",
        f"It holds no macros. The sheets {SEGMENT_SHEET}, {VALUES_SHEET} and {RULE_SHEET} compute: nothing is typed there.",
        f"What it does not tell: how well somebody fits at all, and the probability of a {words.segment}; the service does.",
    ]
    if logged := [feature.name for feature in catalogue.features if feature.transform == "log1p"]:
        lines.append(
            f"{', '.join(logged)}: spreadsheets compute the logarithm with another last digit, which could only change who "
            f"lies within 0.0000000000001 of the middle between two {words.segments}."
        )
    sheet = book.create_sheet("Notes")
    for row, line in enumerate(lines, start=1):
        write_cell(sheet, row, 1, line)
    sheet.column_dimensions["A"].width = 120
