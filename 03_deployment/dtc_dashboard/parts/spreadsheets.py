"""Tables as files that people open in a spreadsheet, in which no cell is ever run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""By what spreadsheets know a formula in a CSV file (OWASP, "CSV Injection")."""
_WIDTH: Final = 18


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV; a text that would be a formula gets an apostrophe before it."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return sink.getvalue().encode("utf-8-sig")  # Excel reads umlauts only with the mark at the beginning


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as an Excel workbook, texts as texts and numbers as numbers."""
    import xlsxwriter  # noqa: PLC0415 - only for this kind of file

    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, _WIDTH)
    for place, name in enumerate(header):
        sheet.write_string(0, place, name, bold)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float):
                sheet.write_number(number, place, cell)
            elif cell is not None:
                sheet.write_string(number, place, str(cell))
    book.close()
    return sink.getvalue()


def _harmless(cell: Any) -> Any:
    is_formula = isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA)
    return f"'{cell}" if is_formula else cell
