"""A flat table of customers out of a file, every cell as it is written."""

from pathlib import Path

import pandas as pd

from dtc_data.core import FileProblems, SettingsError
from dtc_data.files import PARQUET, FileForm, TableBlock, TableFile, open_table


def read_customers(path: str | Path) -> pd.DataFrame:
    """Read a table of texts, empty where there is nothing.

    Parameters
    ----------
    path : str or Path
        CSV, whatever its encoding and what separates its cells, Excel, SPSS or Parquet.

    Raises
    ------
    SettingsError
        If the file cannot be read, has no rows, or a column twice or without a name.
    """
    file = Path(path)
    table = open_table(file, FileForm(), (), SettingsError)
    empty = set(getattr(table, "empty_columns", ()))
    columns = [place for place in range(len(table.names)) if place not in empty]
    names = [table.names[place].strip() for place in columns]
    if unnamed := [place for place, name in zip(columns, names, strict=True) if not name]:
        raise SettingsError(f"{file}: column {unnamed[0] + 1} has no name in the header")
    if twice := [name for name in names if names.count(name) > 1]:
        raise SettingsError(f"{file}: the column {twice[0]!r} stands in the header twice")
    problems = FileProblems(file, SettingsError, table.place)
    blocks = []
    for block in table.blocks():
        for place, message in block.misfits.items():
            problems.add(place, message)
        blocks.append(pd.DataFrame(dict(zip(names, (_texts(table, block, at) for at in columns), strict=True))))
    problems.raise_if_any()
    if not sum(map(len, blocks)):
        raise SettingsError(f"{file}: the file has a header, but no customers below it")
    texts: pd.DataFrame = pd.concat(blocks, ignore_index=True)
    return texts


def _texts(table: TableFile, block: TableBlock, column: int) -> pd.Series:
    """Return the cells of a column as texts; those of a typed file as pandas writes them."""
    typed = table.path.suffix.lower() in PARQUET
    cells = block.values(column) if typed else pd.Series(block.texts(column), dtype=object)
    return cells.astype("string").fillna("").str.strip()
