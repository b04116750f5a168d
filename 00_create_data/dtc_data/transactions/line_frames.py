"""Lines that count, as a file between two stages: written once, read back as they were."""

from pathlib import Path

import pandas as pd
from pandera.errors import SchemaError

from dtc_data.core import TransactionsError
from dtc_data.transactions.line_schema import LINES_SCHEMA


def write_clean_lines(lines: pd.DataFrame, path: str | Path) -> None:
    """Write lines, as `dtc_data.transactions.read_lines` returns them, to a CSV or Parquet file.

    Raises
    ------
    TransactionsError
        If the file's name ends otherwise.
    """
    file = Path(path)
    if file.suffix == ".parquet":
        lines.to_parquet(file, index=False)
    elif file.suffix == ".csv":
        lines.to_csv(file, index=False)
    else:
        raise TransactionsError(f"{file}: clean lines are written as .csv or .parquet")


def read_clean_lines(path: str | Path) -> pd.DataFrame:
    """Read lines that `write_clean_lines` wrote.

    Raises
    ------
    TransactionsError
        If the file cannot be read, or holds something else.
    """
    file = Path(path)
    try:
        frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, dtype=str)
    except FileNotFoundError as error:
        raise TransactionsError(f"{file}: there is no such file") from error
    except (OSError, ValueError) as error:
        raise TransactionsError(f"{file}: cannot be read: {error}") from error
    if missing := [name for name in LINES_SCHEMA.columns if name not in frame.columns]:
        raise TransactionsError(
            f"{file}: the columns {', '.join(missing)} are missing: these are not clean lines. Write them with preprocess.py first"
        )
    return _typed(frame[list(LINES_SCHEMA.columns)], file)


def _typed(frame: pd.DataFrame, file: Path) -> pd.DataFrame:
    types = {name: column.dtype.type for name, column in LINES_SCHEMA.columns.items() if column.dtype is not None}
    try:
        moments = {
            name: pd.to_datetime(frame[name], utc=True, format="ISO8601") for name in ("ordered_at", "arrived_at")
        }
        checked: pd.DataFrame = LINES_SCHEMA.validate(frame.assign(**moments).astype(types))
    except (SchemaError, ValueError, TypeError) as error:
        raise TransactionsError(f"{file}: these are not clean lines: {error}") from error
    return checked
