"""Units out of the database with their labels, as the columns of a file."""

from collections.abc import Callable, Iterable, Sequence
from operator import ne
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix, number_text
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID
from dtc_data.surveys import NewColumn
from dtc_data.tables import ExtraColumn
from dtc_model.registry import ServedModel
from dtc_model.rule import NO_FIT_PERCENTILE, describe
from pandas.api.types import is_numeric_dtype

from dtc_service.batch.label_names import label_columns, label_values
from dtc_service.formats import Names

BY_VENDOR: Final = "vendor"
"""Status of a unit whose segment the vendor gave."""
NOT_YET: Final = "unlabelled"
"""Status of a unit that no version has looked at."""

_VERSION: Final = "model_version"


def exported_units(
    units: pd.DataFrame,
    catalogue: Catalogue,
    fetch: Callable[[str], ServedModel],
    no_fit_percentile: float = NO_FIT_PERCENTILE,
    extra: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return units with the labels that the database has, and what the version that gave each says about it.

    Parameters
    ----------
    units : DataFrame
        As `dtc_data.tables.UnitTable.load` returns them.
    catalogue : Catalogue
    fetch : callable
        Reads a version of the model.
    no_fit_percentile : float
        Beyond which percentile of the reference wave's distances somebody does not fit.
    extra : DataFrame, optional
        The columns of their files that the catalogue does not have, as `dtc_data.tables.ExtraAnswers.load` returns them.

    Returns
    -------
    DataFrame
        Columns as survey files call them, then the file's others, then those that `make label_file` adds.

    Raises
    ------
    ModelBrokenError, ModelUnavailableError
        If a version that labelled cannot be read.
    """
    others = _others(units, extra)
    labels = _labels(units, catalogue, fetch, no_fit_percentile).set_axis(
        [column.name for column in added_columns(catalogue, others.columns)], axis="columns"
    )
    names = {
        UNIT_ID: catalogue.columns.id,
        DATE: catalogue.columns.date,
        SURVEY_WEIGHT: catalogue.weight_column or SURVEY_WEIGHT,
        **{feature.name: feature.file_column for feature in catalogue.features},
    }
    own = units[[name for name in names if name in units]].rename(columns=names).reset_index(drop=True)
    return pd.concat([own, others, labels], axis="columns")


def added_columns(catalogue: Catalogue, others: Iterable[str] = ()) -> list[NewColumn]:
    """Return the columns with the labels, as they are described in files that describe columns.

    ``others`` are names of columns that a file has beside the catalogue's.
    """
    own = (catalogue.columns.id, catalogue.columns.date, *(feature.file_column for feature in catalogue.features))
    taken = [*own, *others]
    segments = {segment.id: segment.name for segment in catalogue.segments}
    return label_columns(catalogue, segments, "see model_version", taken)


def kept_columns(extra: pd.DataFrame, described: Sequence[ExtraColumn]) -> list[NewColumn]:
    """Return the files' further columns, as they are described in files that describe columns.

    Words for codes are told of columns whose cells are all numbers.
    """
    numbers = {str(name) for name in extra if is_numeric_dtype(typed(extra[name]))}
    return [
        NewColumn(
            column.name,
            "number" if column.name in numbers else "text",
            column.title or column.name,
            {float(code): word for code, word in column.value_labels.items()} if column.name in numbers else {},
        )
        for column in described
    ]


def typed(cells: pd.Series) -> pd.Series:
    """Return a column of texts as numbers if all of it are numbers written as we write them, so that 007 stays a text."""
    given = cells[cells.notna() & (cells != "")]
    numbers = pd.to_numeric(given, errors="coerce")
    if given.empty or numbers.isna().any() or any(map(ne, map(number_text, numbers.astype(float)), given)):
        return cells
    return pd.to_numeric(cells.where(cells != ""), errors="coerce")


def _others(units: pd.DataFrame, extra: pd.DataFrame | None) -> pd.DataFrame:
    if extra is None:
        return pd.DataFrame(index=range(len(units)))
    key = [UNIT_ID, DATE]
    found = units[key].merge(extra, on=key, how="left").drop(columns=key)
    return found.apply(typed) if len(found.columns) else found


def _labels(
    units: pd.DataFrame, catalogue: Catalogue, fetch: Callable[[str], ServedModel], no_fit_percentile: float
) -> pd.DataFrame:
    columns = added_columns(catalogue)
    values: list[list[Any]] = [[None] * len(units) for _ in columns]
    names = {segment.id: segment.name for segment in catalogue.segments}
    versions = units[_VERSION].tolist()
    stored = [None if pd.isna(segment) else int(segment) for segment in units[SEGMENT]]
    for version in sorted({version for version in versions if isinstance(version, str)}):
        rows = [row for row, one in enumerate(versions) if one == version]
        served = fetch(version)
        answers = answer_matrix(units.iloc[rows], served.model.encoder.features)
        detail = describe(served.model, answers, catalogue.minimum_answered, no_fit_percentile)
        names |= dict(zip(served.model.segment_ids, served.model.segment_names, strict=True))
        for position, column in enumerate(label_values(detail, Names.of(served.model), version)):
            for row, value in zip(rows, column, strict=True):
                values[position][row] = value
    segment, name, status = 0, 1, len(columns) - 2
    values[segment] = list(stored)
    values[name] = [None if one is None else names.get(one) for one in stored]
    for row in np.flatnonzero([not isinstance(version, str) for version in versions]).tolist():
        values[status][row] = NOT_YET if stored[row] is None else BY_VENDOR
    types: dict[str, Any] = {"id": "Int64", "number": "float64", "text": "object"}
    return pd.DataFrame(
        {
            column.name: pd.Series(given, dtype=object).astype(types[column.kind])
            for column, given in zip(columns, values, strict=True)
        }
    )
