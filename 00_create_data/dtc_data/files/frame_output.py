"""Frames written as a file of any kind that can be read; never half a file."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd

from dtc_data.core import SurveyFileError
from dtc_data.files.opened_file import CSV, EXCEL, PARQUET, SPSS
from dtc_data.files.sheet_output import write_sheet
from dtc_data.files.table_file import NewColumn, TableFile

EXCEL_ROWS: Final = 1_048_576
"""Rows of a sheet, its header included."""
EXCEL_COLUMNS: Final = 16_384
SPSS_CELLS: Final = 30_000_000
"""Most cells of an SPSS file: it can only be written as a whole, which takes some 50 bytes of memory each."""


def refuse_more_rows(path: Path, n_rows: int, n_columns: int) -> None:
    """Refuse what a kind of file cannot hold, before anything is read or written.

    Raises
    ------
    SurveyFileError
        If an Excel sheet does not have so many rows or columns, or an SPSS file would take too much memory.
    """
    suffix, instead = path.suffix.lower(), "name a .csv or .parquet file, or export wave by wave"
    if suffix in EXCEL and (n_rows >= EXCEL_ROWS or n_columns > EXCEL_COLUMNS):
        raise SurveyFileError(
            f"{path}: a sheet of Excel holds {EXCEL_ROWS - 1:,} rows below its header and {EXCEL_COLUMNS:,} columns, and these would be "
            f"{n_rows:,} rows of {n_columns:,}; {instead}"
        )
    if suffix in SPSS and n_rows * n_columns > SPSS_CELLS:
        raise SurveyFileError(
            f"{path}: {n_rows:,} rows of {n_columns:,} columns are {n_rows * n_columns:,} cells, and an SPSS file, which is made as a whole in memory, "
            f"is written up to {SPSS_CELLS:,}; {instead}"
        )


def refuse_too_large(table: TableFile) -> None:
    """Refuse a file that could be read, but not be written again, before any of it is read.

    Raises
    ------
    SurveyFileError
        If it is an SPSS file of more cells than memory should hold; the message names the way out.
    """
    if (n_cells := getattr(table, "n_cells", 0)) > SPSS_CELLS:
        raise SurveyFileError(
            f"{table.path}: the file has {n_cells:,} cells, and an SPSS file, which can only be made as a whole in memory, is written again up to {SPSS_CELLS:,}. "
            "Save it as .csv or .parquet and label that, or ingest it, label the wave and export it as one of these"
        )


def write_frame(frame: pd.DataFrame, path: Path, described: Sequence[NewColumn] = ()) -> None:
    """Write a frame as `write_frames` writes several."""
    write_frames([frame], path, described)


def write_frames(frames: Iterable[pd.DataFrame], path: Path, described: Sequence[NewColumn] = ()) -> int:
    """Write frames of the same columns under each other as CSV, Excel, SPSS or Parquet, by the ending of the name.

    One frame is in memory at a time, of SPSS all of them.

    Parameters
    ----------
    frames : iterable of DataFrame
        With dates in UTC, which Excel gets without the zone.
    path : Path
        A file that is there is replaced.
    described : sequence of NewColumn
        Columns with a title and with names of their numbers, for SPSS.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    SurveyFileError
        If the file cannot be written, cannot hold so much, or its ending is not known.
    """
    suffix = path.suffix.lower()
    if suffix not in {*CSV, *EXCEL, *PARQUET, *SPSS}:
        raise SurveyFileError(
            f"{path}: the ending {path.suffix!r} is not known; name a .csv, .xlsx, .sav or .parquet file"
        )
    draft = path.with_name(f".{path.stem}.{os.getpid()}.draft{path.suffix}")
    try:
        rows = _write(_within_limits(frames, path), draft, suffix, described)
        draft.replace(path)
    except OSError as error:
        raise SurveyFileError(f"{path}: the file cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return rows


def _within_limits(frames: Iterable[pd.DataFrame], path: Path) -> Iterator[pd.DataFrame]:
    rows = 0
    for frame in frames:
        rows += len(frame)
        refuse_more_rows(path, rows, frame.shape[1])
        yield frame


def _write(frames: Iterable[pd.DataFrame], path: Path, suffix: str, described: Sequence[NewColumn]) -> int:
    if suffix in PARQUET:
        return _write_parquet(frames, path)
    if suffix in CSV:
        return _write_csv(frames, path)
    if suffix in EXCEL:
        return write_sheet(map(_without_zones, frames), path)
    whole = pd.concat(frames, ignore_index=True)
    _write_spss(_without_zones(whole), path, described)
    return len(whole)


def _write_csv(frames: Iterable[pd.DataFrame], path: Path) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            frame.to_csv(file, index=False, header=number == 0, lineterminator="\n")
            rows += len(frame)
    return rows


def _write_parquet(frames: Iterable[pd.DataFrame], path: Path) -> int:
    import pyarrow as pa  # noqa: PLC0415 - only Parquet files need it
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    rows, writer = 0, None
    try:
        for frame in frames:
            if writer is None:
                schema = pa.Schema.from_pandas(frame, preserve_index=False)
                for position, column in enumerate(schema):
                    if pa.types.is_null(column.type):  # empty so far, and a text perhaps in the next frame
                        schema = schema.set(position, column.with_type(pa.string()))
                writer = pq.ParquetWriter(path, schema)
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
            rows += len(frame)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _without_zones(frame: pd.DataFrame) -> pd.DataFrame:
    moments = frame.select_dtypes("datetimetz")
    return frame.assign(**{str(name): moments[name].dt.tz_localize(None) for name in moments})


def _write_spss(frame: pd.DataFrame, path: Path, described: Sequence[NewColumn]) -> None:
    import pyreadstat  # noqa: PLC0415 - only SPSS files need it

    names = {name: _spss_name(name, position) for position, name in enumerate(frame.columns, start=1)}
    titles: dict[str, str | None] = {names[name]: name for name in frame.columns}
    titles |= {names[column.name]: column.title for column in described}
    labels: dict[str, Any] = {
        names[column.name]: dict(column.value_labels) for column in described if column.value_labels
    }
    plain = frame.astype(dict.fromkeys(frame.select_dtypes("Int64"), "float64")).rename(columns=names)
    texts = plain.select_dtypes("object")
    pyreadstat.write_sav(
        plain.assign(**{str(name): texts[name].fillna("") for name in texts}),
        str(path),
        column_labels=titles,
        variable_value_labels=labels,
    )


def _spss_name(name: str, position: int) -> str:
    """Return a name that SPSS takes; columns in any words are numbered, and have their words as labels."""
    return name if name.isidentifier() and name.isascii() and not name.startswith("_") else f"v{position}"
