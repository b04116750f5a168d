"""How a retailer's files are written, found out as for files of every kind, and files that DuckDB does not read laid down as Parquet."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from dtc_data.catalogue import in_one_spelling
from dtc_data.core import FileProblems, RetailDataError
from dtc_data.files import FileForm, found_form, open_table
from dtc_data.stores.intake.retail_layout import TableFile

if TYPE_CHECKING:
    import pyarrow as pa

FILE_NAME: Final = "filename"
"""Column that tells of several files which one a row is from, as DuckDB calls it."""
_IN_DUCKDB: Final = {"utf-8": "utf-8", "utf-16-le": "utf-16", "iso8859-1": "latin-1", "latin-1": "latin-1"}
"""What DuckDB calls the encodings that it reads."""


def as_found(file: TableFile, expected: Collection[str], folder: Path) -> TableFile:
    """Return a file with what is not said of it found out, in a form that DuckDB reads.

    Parameters
    ----------
    file : TableFile
        CSV, Excel, SPSS or Parquet; with * several files that are written alike.
    expected : collection of str
        Names of columns, some of which it should have.
    folder : Path
        Where files go that must be written again.

    Raises
    ------
    RetailDataError
        If a file cannot be read.
    """
    if file.is_parquet:
        return file
    first = next(iter(_paths(file)), file.path)
    if file.is_csv:
        form = found_form(first, _form(file), [in_one_spelling(name) for name in expected], RetailDataError)
        if form.is_plain and form.encoding in _IN_DUCKDB:
            found = {"encoding": _IN_DUCKDB[form.encoding], "separator": form.delimiter, "decimal": form.decimal}
            return file.model_copy(update=found)
    target = folder / f"laid-down-{file.path.name.replace('*', 'all')}.parquet"
    decimal = _lay_down(file, expected, target)
    return file.model_copy(update={"path": target, "decimal": file.decimal or decimal})


def _form(file: TableFile) -> FileForm:
    return FileForm(file.encoding, file.separator, cast("Any", file.decimal))


def _paths(file: TableFile) -> list[Path]:
    return sorted(file.path.parent.glob(file.path.name)) if "*" in file.path.name else [file.path]


def _lay_down(file: TableFile, expected: Collection[str], target: Path) -> str | None:
    """Write files as one of Parquet, all cells as texts, and return what stands before their decimals, if that is known."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - half a second, for whoever only reads layouts

    writer, decimal = None, None
    try:
        for path in _paths(file):
            for block, decimal in _texts(path, file, expected):  # noqa: B007 - the last one is returned
                writer = writer or pq.ParquetWriter(target, block.schema)
                writer.write_table(block)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise RetailDataError(f"{file.path}: the file has a header, but no rows below it")
    return decimal


def _texts(path: Path, file: TableFile, expected: Collection[str]) -> "Iterator[tuple[pa.Table, str | None]]":
    import pyarrow as pa  # noqa: PLC0415 - as above

    table = open_table(path, _form(file), [in_one_spelling(name) for name in expected], RetailDataError)
    named = [position for position, name in enumerate(table.names) if name]
    problems = FileProblems(path, RetailDataError, table.place)
    for block in table.blocks():
        for place, message in block.misfits.items():
            problems.add(place, message)
        columns = {table.names[position]: pa.array(block.texts(position), pa.string()) for position in named}
        if "*" in file.path.name:
            columns[FILE_NAME] = pa.array([str(path)] * len(block.places), pa.string())
        yield pa.table(columns), table.decimal if table.decimal in {".", ","} else None
    problems.raise_if_any()
