"""A flat table of customers out of a file, every cell as it is written."""

from pathlib import Path
from typing import Final

import pandas as pd

from dtc_data.core import SettingsError

_SEPARATORS: Final = (",", ";", "\t", "|")
_ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252")


def read_customers(path: str | Path) -> pd.DataFrame:
    """Read a table of texts, empty where there is nothing.

    Parameters
    ----------
    path : str or Path
        CSV (whatever it is separated by), Excel (.xlsx, first sheet) or Parquet.

    Raises
    ------
    SettingsError
        If the file cannot be read, has no rows, or a column twice or without a name.
    """
    file = Path(path)
    try:
        frame = _read(file)
    except FileNotFoundError as error:
        raise SettingsError(f"{file}: there is no such file") from error
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{file}: cannot be read as {file.suffix or 'a file without an ending'}: {error}"
        ) from error
    texts: pd.DataFrame = frame.astype("string").fillna("").apply(lambda column: column.str.strip())
    names = [str(name).strip() for name in texts.columns]
    if unnamed := [place for place, name in enumerate(names, 1) if not name or name.startswith("Unnamed:")]:
        raise SettingsError(f"{file}: column {unnamed[0]} has no name in the header")
    if twice := [name for name in names if names.count(name) > 1]:
        raise SettingsError(f"{file}: the column {twice[0]!r} stands in the header twice")
    if texts.empty:
        raise SettingsError(f"{file}: the file has a header, but no customers below it")
    named: pd.DataFrame = texts.set_axis(names, axis=1)
    return named


def _read(file: Path) -> pd.DataFrame:
    if file.suffix == ".parquet":
        return pd.DataFrame(pd.read_parquet(file))
    if file.suffix == ".xlsx":
        sheet: pd.DataFrame = pd.read_excel(file, dtype=str, keep_default_na=False, engine="openpyxl")
        return sheet
    if file.suffix not in {".csv", ".tsv", ".txt"}:
        raise ValueError("choose .csv, .xlsx or .parquet")
    encoding = _encoding_of(file)
    with file.open(encoding=encoding, newline="") as opened:
        header = opened.readline()
    if not header.strip():
        raise ValueError("it is empty")
    separator = max(_SEPARATORS, key=header.count)
    # The header is read as a row: pandas would rename columns that appear twice.
    rows = pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False, encoding=encoding, header=None)
    named: pd.DataFrame = rows.iloc[1:].set_axis(rows.iloc[0].tolist(), axis=1)
    return named.reset_index(drop=True)


def _encoding_of(file: Path) -> str:
    content = file.read_bytes()
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _ENCODINGS[-1]
    return _ENCODINGS[0]
