"""A frame written as a file of any kind that survey files have; never half a file."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from dtc_data.core import SurveyFileError
from dtc_data.surveys.files.opened_file import CSV, EXCEL, PARQUET, SPSS
from dtc_data.surveys.files.table_file import NewColumn


def write_frame(frame: pd.DataFrame, path: Path, described: Sequence[NewColumn] = ()) -> None:
    """Write a frame as CSV, Excel, SPSS or Parquet, by the ending of the name.

    Parameters
    ----------
    frame : DataFrame
        With dates in UTC, which Excel gets without the zone.
    path : Path
        A file that is there is replaced.
    described : sequence of NewColumn
        Columns with a title and with names of their numbers, for SPSS.

    Raises
    ------
    SurveyFileError
        If the file cannot be written, or its ending is not known.
    """
    suffix = path.suffix.lower()
    if suffix not in {*CSV, *EXCEL, *PARQUET, *SPSS}:
        raise SurveyFileError(
            f"{path}: the ending {path.suffix!r} is not known; name a .csv, .xlsx, .sav or .parquet file"
        )
    draft = path.with_name(f".{path.stem}.{os.getpid()}.draft{path.suffix}")
    try:
        _write(frame, draft, suffix, described)
        draft.replace(path)
    except OSError as error:
        raise SurveyFileError(f"{path}: the file cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _write(frame: pd.DataFrame, path: Path, suffix: str, described: Sequence[NewColumn]) -> None:
    if suffix in PARQUET:
        frame.to_parquet(path, index=False)
    elif suffix in CSV:
        frame.to_csv(path, index=False)
    elif suffix in EXCEL:
        _without_zones(frame).to_excel(path, index=False)
    else:
        _write_spss(_without_zones(frame), path, described)


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
