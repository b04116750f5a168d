"""Which kind of file a file is, by its ending."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.csv_table import CsvTable, CsvWriter
from dtc_data.files.excel_table import ExcelTable, ExcelWriter
from dtc_data.files.file_form import FileForm
from dtc_data.files.table_file import NewColumn, TableFile, TableWriter

CSV: Final = (".csv", ".txt", ".tsv")
EXCEL: Final = (".xlsx", ".xlsm")
SPSS: Final = (".sav", ".zsav")
PARQUET: Final = (".parquet",)
SUFFIXES: Final = (*CSV, *EXCEL, *SPSS, *PARQUET)
"""How the files may end that are read and written back."""


def open_table(
    path: Path,
    options: FileForm,
    expected: Collection[str],
    error_type: type[DtcError] = SurveyFileError,
) -> TableFile:
    """Open a file of any kind.

    Parameters
    ----------
    path : Path
        Its ending says what it is.
    options : FileForm
    expected : collection of str
        Names of columns, some of which it should have: by them header, sheet and delimiter are found.
    error_type : type
        What is raised, here and while blocks are taken.

    Raises
    ------
    DtcError
        Of that type, if it cannot be read, or has another ending.
    """
    suffix = path.suffix.lower()
    if suffix in EXCEL:
        return ExcelTable(path, options, expected, error_type)
    if suffix in SPSS:
        from dtc_data.files.spss_table import SpssTable  # noqa: PLC0415 - slow

        return SpssTable(path, error_type)
    if suffix in PARQUET:
        from dtc_data.files.parquet_table import ParquetTable  # noqa: PLC0415 - half a second, for these alone

        return ParquetTable(path, error_type)
    if suffix in CSV or not suffix:
        return CsvTable(path, options, expected, error_type)
    raise error_type(
        f"{path}: the ending {path.suffix!r} is not known; give a {', '.join((*CSV, *EXCEL, *SPSS))} or {PARQUET[0]} file"
    )


def write_beside(table: TableFile, target: Path, columns: Sequence[NewColumn], decimal: str) -> TableWriter:
    """Return a writer that writes an opened file again with columns added.

    Parameters
    ----------
    table : TableFile
        As `open_table` returns it.
    target : Path
        Of the same kind.
    columns : sequence of NewColumn
    decimal : str
        What stands before the decimals of numbers written as text.
    """
    if isinstance(table, CsvTable):
        return CsvWriter(table, target, columns, decimal)
    if isinstance(table, ExcelTable):
        return ExcelWriter(table, target, columns)
    from dtc_data.files.spss_table import SpssTable, SpssWriter  # noqa: PLC0415 - see above

    if isinstance(table, SpssTable):
        return SpssWriter(table, target, columns)
    from dtc_data.files.parquet_table import ParquetTable, ParquetWriter  # noqa: PLC0415 - see above

    if isinstance(table, ParquetTable):
        return ParquetWriter(table, target, columns)
    raise TypeError(f"{table.path}: no kind of file that could be written again")
