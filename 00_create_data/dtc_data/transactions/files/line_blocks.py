"""The lines of a retailer's file as frames of its cells, a block of lines at a time, so that a file may exceed memory."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from dtc_data.catalogue import in_one_spelling
from dtc_data.core import FileProblems, TransactionsError
from dtc_data.files import FileForm, TableFile, open_table
from dtc_data.transactions.files.layout import Layout


def open_lines(path: Path, layout: Layout | None, expected: Collection[str]) -> TableFile:
    """Open a file as its layout says, or as is found out.

    Parameters
    ----------
    path : Path
        Its ending says what it is.
    layout : Layout, optional
        May say how the file is written.
    expected : collection of str
        Names of columns, some of which it should have.

    Raises
    ------
    TransactionsError
        If it cannot be read, is empty, is of no known kind, or has its lines on several sheets of which none is named.
    """
    form = FileForm(layout.encoding, layout.delimiter, layout.decimal, layout.sheet) if layout else FileForm()
    table = open_table(path, form, [in_one_spelling(name) for name in expected], TransactionsError)
    alike: list[str] = getattr(table, "sheets_alike", [])
    if len(alike) > 1 and form.sheet is None:
        raise TransactionsError(
            f"{path}: the sheets {', '.join(map(repr, alike))} have the same columns, and only one is read. Name it as sheet in the "
            "layout, or save each as a file of its own and ingest one after the other"
        )
    return table


def blocks_of(table: TableFile, columns: Collection[str], problems: FileProblems) -> Iterator[pd.DataFrame]:
    """Read some columns of a file.

    Parameters
    ----------
    table : TableFile
        A file that has these columns.
    columns : collection of str
    problems : FileProblems
        Gets the rows of a text that have too few or too many cells.

    Yields
    ------
    DataFrame
        Cells as they are; the index is the place in the file.
    """
    positions = {name: list(table.names).index(in_one_spelling(name)) for name in columns}
    for block in table.blocks():
        for place, message in block.misfits.items():
            problems.add(place, message)
        cells = pd.DataFrame({name: block.values(position) for name, position in positions.items()})
        yield cells.set_axis(pd.Index(block.places, dtype="int64"), axis="index")
