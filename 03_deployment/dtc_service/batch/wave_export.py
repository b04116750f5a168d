"""Units out of the database with their labels, as the columns of a file."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue, Label, answer_matrix, number_text
from dtc_data.core import DATE, EXTRA, SEGMENT, SURVEY_WEIGHT, UNIT_ID, Wave
from dtc_data.files import NewColumn
from dtc_data.tables import ExtraAnswers, ExtraColumn, UnitTable
from dtc_model.registry import ServedModel
from dtc_model.rule import NO_FIT_PERCENTILE, describe
from sqlalchemy import Connection

from dtc_service.batch.label_names import label_columns, label_values
from dtc_service.formats import Names

BY_VENDOR: Final = "vendor"
"""Status of a unit whose segment the vendor gave."""
NOT_YET: Final = "unlabelled"
"""Status of a unit that no version has looked at."""

_STATUSES: Final = f"labelled, no_fit, incomplete, {BY_VENDOR} or {NOT_YET}"

_VERSION: Final = "model_version"
_SEGMENT, _NAME = 0, 1
"""Places of the segment and of its name among the columns that are added."""

_MOST_OWN: Final = 3
"""Columns of a file beside answers, labels and what was kept: id, date and weight."""

Kind = Literal["id", "number", "text"]
_KINDS: Final[tuple[Kind, ...]] = ("id", "number", "text")
"""Whole numbers, numbers, texts: each can hold what those before it hold."""
_TYPES: Final[dict[Kind, Any]] = {"id": "Int64", "number": "float64", "text": object}
_LARGEST_WHOLE: Final = 2**53
"""Up to here floating-point numbers tell whole ones apart."""
_SHORT_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
"""What a cell with a number looks like, as 18, 18.0 and -2.50 do and 007 does not. Longer ones must be written as we write them."""
_SHORT: Final = 15
"""Signs of a number up to which floating-point numbers tell every two apart."""


@dataclass(frozen=True)
class WaveExport:
    """Units with their labels on the way to a file."""

    blocks: Iterator[pd.DataFrame]
    """Columns as survey files call them, then the files' others, then those that `make label_file` adds; all of the same types."""
    described: Sequence[NewColumn]
    """The columns, as they are described in files that describe columns."""
    units: int
    """How many there are in all."""
    n_columns: int
    """How many columns there will be at most."""


def export_waves(
    connection: Connection,
    table: UnitTable,
    waves: Sequence[Wave],
    fetch: Callable[[str], ServedModel],
    no_fit_percentile: float = NO_FIT_PERCENTILE,
) -> WaveExport:
    """Return units with the labels that the database has, and what the version that gave each says about it.

    Parameters
    ----------
    connection : Connection
        In a transaction, for as long as blocks are taken.
    table : UnitTable
    waves : sequence of Wave
    fetch : callable
        Reads a version of the model; called for each block again.
    no_fit_percentile : float
        Beyond which percentile of the reference wave's distances somebody does not fit.

    Raises
    ------
    ModelBrokenError, ModelUnavailableError
        If a version that labelled cannot be read.
    WaveError
        If a wave holds no units.
    UnitTableError
        If the table is missing or does not fit.
    """
    catalogue, beside = table.catalogue, ExtraAnswers(table.name)
    columns = beside.columns(connection, waves)
    kept = beside.kept(connection, columns)
    kinds = kinds_of(map(kept.frame, beside.texts(connection, waves))) if columns else {}
    added = added_columns(catalogue, [column.name for column in columns])

    def blocks() -> Iterator[pd.DataFrame]:
        for units in table.blocks(connection, waves, beside.of_wave if columns else None):
            others = typed(kept.frame(units[EXTRA].tolist() if columns else [None] * len(units)), kinds)
            labels = _labels(units, catalogue, fetch, no_fit_percentile)
            labels = labels.set_axis([column.name for column in added], axis="columns")
            yield pd.concat([_own(units, catalogue), others, labels], axis="columns")

    units = sum(table.sample(connection, wave).units for wave in waves)
    n_columns = _MOST_OWN + len(catalogue.features) + len(columns) + len(added)
    return WaveExport(blocks(), [*_questions(catalogue), *kept_columns(columns, kinds), *added], units, n_columns)


def added_columns(catalogue: Catalogue, others: Iterable[str] = ()) -> list[NewColumn]:
    """Return the columns with the labels, as they are described in files that describe columns.

    ``others`` are names of columns that a file has beside the catalogue's.
    """
    own = (catalogue.columns.id, catalogue.columns.date, *(feature.file_column for feature in catalogue.features))
    taken = [*own, *others]
    segments = {segment.id: segment.name for segment in catalogue.segments}
    return label_columns(catalogue, segments, "version as in model_version", taken, _STATUSES)


def kept_columns(columns: Sequence[ExtraColumn], kinds: Mapping[str, Kind]) -> list[NewColumn]:
    """Return the files' further columns, as they are described in files that describe columns.

    Words for codes are told of columns whose cells are all numbers.
    """
    return [
        NewColumn(
            column.name,
            "text" if kinds[column.name] == "text" else "number",
            column.title or column.name,
            {} if kinds[column.name] == "text" else {float(code): word for code, word in column.value_labels.items()},
        )
        for column in columns
    ]


def kinds_of(blocks: Iterable[pd.DataFrame]) -> dict[str, Kind]:
    """Return what the cells of each column are: numbers if all of them are written as numbers are, so that 007 is a text."""
    kinds: dict[str, Kind] = {}
    filled: set[str] = set()
    for block in blocks:
        for name in map(str, block.columns):
            if kinds.setdefault(name, "id") == "text":
                continue
            given = [cell for cell in block[name].dropna().unique() if cell]
            if given:
                filled.add(name)
                kinds[name] = max(kinds[name], _kind(given), key=_KINDS.index)
    return {name: kind if name in filled else "text" for name, kind in kinds.items()}


def typed(cells: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Return columns of texts as numbers, where they are some."""
    numbers = {
        name: pd.to_numeric(cells[name].where(cells[name] != ""), errors="coerce").astype(_TYPES[kinds[name]])
        for name in map(str, cells.columns)
        if kinds[name] != "text"
    }
    return cells.assign(**numbers)


def _kind(given: Sequence[str]) -> Kind:
    if not all(map(_is_number, given)):
        return "text"
    numbers = pd.Series(given, dtype=object).astype("float64")
    return "id" if ((numbers == numbers.round()) & (numbers.abs() < _LARGEST_WHOLE)).all() else "number"


def _is_number(cell: str) -> bool:
    if len(cell) <= _SHORT and _SHORT_NUMBER.fullmatch(cell):
        return True
    try:
        return math.isfinite(number := float(cell)) and number_text(number) == cell
    except ValueError:
        return False


def _own(units: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    names = {
        UNIT_ID: catalogue.columns.id,
        DATE: catalogue.columns.date,
        SURVEY_WEIGHT: catalogue.weight_column or SURVEY_WEIGHT,
        **{feature.name: feature.file_column for feature in catalogue.features},
    }
    return units[[name for name in names if name in units]].rename(columns=names)


def _questions(catalogue: Catalogue) -> list[NewColumn]:
    """Describe the answers: the words of each question, and those that the catalogue has for its numbers."""
    described = [
        NewColumn(
            feature.file_column,
            "text" if feature.in_words else "number",
            feature.question or feature.file_column,
            {} if feature.in_words else _words_of(feature.labels),
        )
        for feature in catalogue.features
    ]
    return [column for column in described if column.title != column.name or column.value_labels]


def _words_of(labels: Sequence[Label]) -> dict[float, str]:
    """Return the first word for each number; a label that is itself a number is no word."""
    pairs = [
        (answer, word) for word, answer in labels if isinstance(answer, float) and not _SHORT_NUMBER.fullmatch(word)
    ]
    return dict(reversed(pairs))


def _labels(
    units: pd.DataFrame, catalogue: Catalogue, fetch: Callable[[str], ServedModel], no_fit_percentile: float
) -> pd.DataFrame:
    columns = added_columns(catalogue)
    values: list[list[Any]] = [[None] * len(units) for _ in columns]
    in_catalogue: dict[int | None, str] = {segment.id: segment.name for segment in catalogue.segments}
    versions = units[_VERSION].tolist()
    stored = [None if pd.isna(segment) else int(segment) for segment in units[SEGMENT]]
    for version in sorted({version for version in versions if isinstance(version, str)}):
        rows = [row for row, one in enumerate(versions) if one == version]
        served = fetch(version)
        answers = answer_matrix(units.iloc[rows], served.model.encoder.features)
        detail = describe(served.model, answers, catalogue.minimum_answered, no_fit_percentile)
        names = in_catalogue | dict(zip(served.model.segment_ids, served.model.segment_names, strict=True))
        for position, column in enumerate(label_values(detail, Names.of(served.model), version)):
            for row, value in zip(rows, column, strict=True):
                values[position][row] = value
        for row in rows:  # a person may have moved the unit
            values[_NAME][row] = names.get(stored[row])
    status = len(columns) - 2
    values[_SEGMENT] = list(stored)
    for row in np.flatnonzero([not isinstance(version, str) for version in versions]).tolist():
        values[_NAME][row] = in_catalogue.get(stored[row])
        values[status][row] = NOT_YET if stored[row] is None else BY_VENDOR
    return pd.DataFrame(
        {
            column.name: pd.Series(given, dtype=object).astype(_TYPES[column.kind])
            for column, given in zip(columns, values, strict=True)
        }
    )
