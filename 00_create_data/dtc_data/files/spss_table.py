"""SPSS files (.sav, .zsav): codes with their labels and user-missing codes, and written again with labelled variables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.catalogue import FloatArray, in_one_spelling, number_text
from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.table_file import ROWS_PER_BLOCK, Cells, NewColumn

COMPRESSED: Final = ".zsav"

CELLS_AT_A_TIME: Final = 5_000_000
"""Cells that are read at a time, some 50 MB: readers skip what stands before them without looking at it."""

_FIRST_DAY: Final = np.datetime64("1582-10-14", "s")
"""Moments in SPSS are seconds since then."""
_MOMENTS: Final = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS", "MOYR", "QYR", "WKYR")
_FORMATS: Final = {"number": "F8.4", "id": "F8.0"}


@dataclass(frozen=True)
class SpssBlock:
    """Some cases of an SPSS file."""

    places: Sequence[int]
    frame: pd.DataFrame
    file: "SpssTable"
    misfits: Mapping[int, str]

    def cells(self, column: int) -> Cells:
        """Return the cells of a variable, numbers or texts; user-missing ones are empty."""
        values = self.frame.iloc[:, column]
        if values.dtype == object:
            return ["" if self.file.is_missing(column, value) else value for value in values]
        if self.file.is_moment(column):
            return _moments(values.to_numpy(dtype=np.float64))
        return self._numbers(column)

    def texts(self, column: int) -> list[str]:
        """Return the cells of a variable as texts."""
        cells = self.cells(column)
        return [number_text(value) for value in cells.tolist()] if isinstance(cells, np.ndarray) else list(cells)

    def values(self, column: int) -> pd.Series:
        """Return the cells of a variable as a series of numbers, or of texts."""
        cells = self.cells(column)
        return pd.Series(cells, dtype="float64" if isinstance(cells, np.ndarray) else object)

    def _numbers(self, column: int) -> FloatArray:
        numbers = self.frame.iloc[:, column].to_numpy(dtype=np.float64, copy=True)
        for low, high in self.file.missing_ranges(column):
            numbers[(numbers >= low) & (numbers <= high)] = np.nan
        return numbers


class SpssTable:
    """An SPSS file, of which `CELLS_AT_A_TIME` are in memory.

    Raises
    ------
    DtcError
        Of the type given, if it cannot be read.
    """

    place = "row"
    decimal = "."

    def __init__(self, path: Path, error_type: type[DtcError] = SurveyFileError) -> None:
        self.path, self._error_type = path, error_type
        _, self.about = self._read(metadataonly=True)
        self._whole: pd.DataFrame | None = None
        self.names = [in_one_spelling(name) for name in self.about.column_names]
        self.descriptions = [in_one_spelling(label or "") for label in self.about.column_labels]
        labels = self.about.variable_value_labels
        self.value_labels: Sequence[Mapping[float, str]] = [
            labels.get(name, {}) if self.about.readstat_variable_types[name] != "string" else {}
            for name in self.about.column_names
        ]
        self.form = f"SPSS, {len(labels)} variables with value labels"

    @property
    def n_cells(self) -> int:
        """How many cells it has, as far as its header tells."""
        return max(0, self.about.number_rows or 0) * len(self.names)

    def blocks(self, *, to_write: bool = False) -> Iterator[SpssBlock]:  # noqa: ARG002 - it keeps all of them anyway
        """Read the cases; places count from 1."""
        done = 0
        for part in self._parts():
            for start in range(0, len(part), ROWS_PER_BLOCK):
                some = part.iloc[start : start + ROWS_PER_BLOCK]
                yield SpssBlock(range(done + 1, done + 1 + len(some)), some, self, {})
                done += len(some)

    def _parts(self) -> Iterator[pd.DataFrame]:
        """Read so many cases at a time; a file of one part is read once."""
        if self._whole is not None:
            yield self._whole
            return
        most, start = max(1, CELLS_AT_A_TIME // max(1, len(self.names))), 0
        while True:
            part, _ = self._read(row_offset=start, row_limit=most)
            if start == 0 and len(part) < most:
                self._whole = part
            if len(part):
                yield part
            if len(part) < most:
                return
            start += most

    def _read(self, **options: Any) -> tuple[pd.DataFrame, Any]:
        import pyreadstat  # noqa: PLC0415 - only SPSS files need it

        path = self.path
        try:
            path.open("rb").close()
            found: tuple[pd.DataFrame, Any] = pyreadstat.read_sav(
                str(path), user_missing=True, disable_datetime_conversion=True, **options
            )
        except OSError as error:
            raise self._error_type(f"{path}: the file cannot be read: {error.strerror}") from error
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
            raise self._error_type(f"{path}: not an SPSS file that could be read: {error}") from error
        return found

    def is_moment(self, column: int) -> bool:
        """Tell whether a variable holds dates or times."""
        kind = self.about.original_variable_types[self.about.column_names[column]] or ""
        return kind.rstrip("0123456789.") in _MOMENTS

    def missing_ranges(self, column: int) -> list[tuple[float, float]]:
        """Return the user-missing numbers of a variable, as ranges from low to high."""
        return [(low, high) for low, high in self._ranges(column) if not isinstance(low, str)]

    def is_missing(self, column: int, value: Any) -> bool:
        """Tell whether a text is missing, by nature or by the user."""
        return not isinstance(value, str) or value in [low for low, _ in self._ranges(column) if isinstance(low, str)]

    def _ranges(self, column: int) -> list[tuple[Any, Any]]:
        ranges: Any = self.about.missing_ranges.get(self.about.column_names[column], [])
        return [(one["lo"], one["hi"]) for one in ranges]


def _moments(seconds: FloatArray) -> list[str]:
    """Return moments as ISO 8601 writes them, without the time where it is midnight everywhere."""
    known = ~np.isnan(seconds)
    moments = _FIRST_DAY + np.where(known, seconds, 0).astype("timedelta64[s]")
    whole_days = not (seconds[known] % 86_400).any()
    texts = np.datetime_as_string(moments, unit="D" if whole_days else "s").tolist()
    return [text if is_known else "" for text, is_known in zip(texts, known.tolist(), strict=True)]


class SpssWriter:
    """Writes an SPSS file again: all that is known of its variables, its cases in their order, and labelled variables behind.

    Parameters
    ----------
    table : SpssTable
    target : Path
    columns : sequence of NewColumn
    """

    def __init__(self, table: SpssTable, target: Path, columns: Sequence[NewColumn]) -> None:
        self._table, self._target, self._columns = table, target, columns
        self._cases: list[pd.DataFrame] = []
        self._values: list[list[Any]] = [[] for _ in columns]

    def write(self, block: SpssBlock, columns: Sequence[Sequence[Any]]) -> None:
        """Keep the cases, which are written as a whole, and the values of the new variables."""
        assert block.file is self._table  # noqa: S101 - another file's cases would be a mistake of ours
        self._cases.append(block.frame)
        for kept, values in zip(self._values, columns, strict=True):
            kept.extend(values)

    def close(self) -> None:
        """Write the file."""
        import pyreadstat  # noqa: PLC0415 - only SPSS files need it

        about, compressed = self._table.about, self._target.name.lower().endswith(COMPRESSED)
        added = {
            column.name: (
                pd.Series(values, dtype=object).fillna("")
                if column.kind == "text"
                else pd.Series([np.nan if value is None else float(value) for value in values], dtype="float64")
            )
            for column, values in zip(self._columns, self._values, strict=True)
        }
        labels: dict[str, Any] = dict(about.variable_value_labels)
        measures: dict[str, str] = dict(about.variable_measure)
        formats = {name: kind for name, kind in about.original_variable_types.items() if kind}
        for column in self._columns:
            measures[column.name] = "scale" if column.kind == "number" else "nominal"
            if column.value_labels:
                labels[column.name] = dict(column.value_labels)
            if column.kind != "text":
                formats[column.name] = _FORMATS[column.kind]
        cases = pd.concat(self._cases, ignore_index=True)
        frame = pd.concat([cases, pd.DataFrame(added)], axis="columns")
        pyreadstat.write_sav(
            frame,
            str(self._target),
            file_label=about.file_label or "",
            column_labels=[*about.column_labels, *(column.title for column in self._columns)],
            note=about.notes or None,
            compress=compressed,
            row_compress=not compressed,
            variable_value_labels=labels,
            missing_ranges=about.missing_ranges,
            variable_display_width=about.variable_display_width,
            variable_measure=measures,
            variable_format=formats,
        )
