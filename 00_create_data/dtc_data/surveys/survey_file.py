"""Survey files in: CSV, Excel, SPSS or Parquet, every cell of it checked against the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, SurveyFileError
from dtc_data.surveys.column_matching import MatchedColumns, expected_names, match_columns
from dtc_data.surveys.files import FileOptions, TableFile, open_table
from dtc_data.surveys.problem_report import report_text
from dtc_data.surveys.survey_problems import SurveyProblems
from dtc_data.surveys.unit_checks import find_repetitions, find_weightless_waves
from dtc_data.surveys.unit_ids import derived_ids
from dtc_data.surveys.unit_reading import UnitReading

LISTED: Final = 12
"""Columns that a remark names; the others are counted."""


@dataclass(frozen=True)
class SurveyReading:
    """What was read from a survey file, and what is to be said about it."""

    units: pd.DataFrame
    """As `read_survey_file` returns it."""
    remarks: tuple[str, ...]
    """How the file was read, and what was passed over."""
    problems: SurveyProblems
    """Those that may pass."""


def read_survey_file(path: str | Path, catalogue: Catalogue, options: FileOptions | None = None) -> pd.DataFrame:
    """Read a file of units and check every cell of it; see `read_survey`.

    Returns
    -------
    DataFrame
        Columns unit_id (str), date (UTC), the features (float64, values in words as text; NaN or None where no answer was
        given), segment (Int64), and survey_weight (float64) if the file has weights.

    Raises
    ------
    SurveyFileError
        If anything is wrong; the message names the file, and of each problem the first places.
    """
    return read_survey(path, catalogue, options).units


def read_survey(path: str | Path, catalogue: Catalogue, options: FileOptions | None = None) -> SurveyReading:
    """Read a file of units and check every cell of it.

    Columns come in any order, and there may be others than the catalogue's, which are passed over. The id, the segment and
    the weight column may be absent: then ids are derived from the wave and the answers, no segment is given, and all
    units count alike.

    Parameters
    ----------
    path : str or Path
        CSV, Excel (.xlsx), SPSS (.sav) or Parquet, by its ending.
    catalogue : Catalogue
        Says which columns there are, what they are called and which answers are valid.
    options : FileOptions, optional
        What cannot be found out from the file.

    Raises
    ------
    RefusedFileError
        If the file has problems that may not pass; it holds all of them.
    SurveyFileError
        If the file cannot be read at all.
    SettingsError
        If something is allowed that may not pass.
    """
    options = options or FileOptions()
    table = open_table(Path(path), options, expected_names(catalogue))
    problems = SurveyProblems(table.path, table.place, options.allow, catalogue.words.units)
    columns = match_columns(table, catalogue, options, problems)
    problems.raise_if_refused()
    rows = UnitReading(table, columns, catalogue, options, problems).read()
    if rows.empty:
        problems.raise_if_refused()
        above = (
            f", but no {catalogue.words.units} below it that could stay"
            if problems.rows
            else f", but no {catalogue.words.units} below it"
        )
        raise SurveyFileError(f"{table.path}: the file has a header{above}")
    id_column = table.names[columns.others[UNIT_ID]] if UNIT_ID in columns.others else None
    units = _complete(rows, catalogue)
    repeated = find_repetitions(units, id_column, catalogue, problems)
    find_weightless_waves(units, catalogue, problems)
    problems.raise_if_refused()
    return SurveyReading(units[~repeated].reset_index(drop=True), tuple(_remarks(table, columns, problems)), problems)


def _complete(units: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that the file left out, and put all of them in order."""
    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in units else []
    columns = [UNIT_ID, DATE, *catalogue.feature_names, SEGMENT, *weight]
    complete = units.reindex(columns=columns)
    if UNIT_ID not in units:
        complete[UNIT_ID] = derived_ids(units, catalogue)
    return complete.astype({SEGMENT: "Int64"})


def _remarks(table: TableFile, columns: MatchedColumns, problems: SurveyProblems) -> Iterator[str]:
    yield f"{table.path}: {problems.rows:,} {table.place}s read ({table.form})"
    if extra := columns.extra:
        more = f" and {len(extra) - LISTED} more" if len(extra) > LISTED else ""
        named = ", ".join(extra[:LISTED])
        yield f"{len(extra)} column{'' if len(extra) == 1 else 's'} passed over, which the catalogue does not have: {named}{more}"
    if problems.found:
        yield report_text(problems)
