"""Frames as the one sheet of an Excel file, row by row, so that a frame at a time is in memory."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.core import SurveyFileError

LONGEST_TEXT: Final = 32_767
"""Characters that fit into a cell."""

_OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""Rows go to the disk as they come, and a text that begins with an equals sign stays a text."""
_MOMENT: Final = "yyyy-mm-dd hh:mm:ss"


def write_sheet(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Write frames of the same columns under each other, with moments that have no zone, and return how many rows there were.

    Raises
    ------
    SurveyFileError
        If a text is too long for a cell; the message names its row and column.
    """
    import xlsxwriter  # noqa: PLC0415 - only Excel files need it

    rows = 0
    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        sheet, bold, moment = book.add_worksheet(), book.add_format({"bold": True}), book.add_format()
        moment.set_num_format(_MOMENT)
        sheet.freeze_panes(1, 0)
        for frame in frames:
            if rows == 0:
                sheet.write_row(0, 0, map(str, frame.columns), bold)
            writers = [_writer(sheet, cells, moment) for _, cells in frame.items()]
            columns = [_plain(cells) for _, cells in frame.items()]
            for row in zip(*columns, strict=True):
                rows += 1
                for column, value in enumerate(row):
                    if value is not None and writers[column](rows, column, value):
                        raise SurveyFileError(
                            f"{path}, row {rows + 1}, column {frame.columns[column]!r}: a text of {len(str(value)):,} characters, and a cell of Excel "
                            f"holds {LONGEST_TEXT:,}; name a .csv or .parquet file"
                        )
    return rows


def _writer(sheet: Any, cells: pd.Series, moment: Any) -> Any:
    """Return what writes a cell of a column and returns something else than 0 if it could not."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return lambda row, column, value: sheet.write_datetime(row, column, value, moment)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return sheet.write_number
    return lambda row, column, value: sheet.write_string(row, column, str(value))


def _plain(cells: pd.Series) -> list[Any]:
    """Return the cells as Python has them, None where there is nothing to write."""
    if pd.api.types.is_float_dtype(cells.dtype):
        cells = cells.where(np.isfinite(cells))
    return [None if empty else value for value, empty in zip(cells.tolist(), cells.isna().tolist(), strict=True)]
