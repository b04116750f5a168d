"""Survey files in: CSV, every cell of it checked against the catalogue."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from dtc_data.catalogue import (
    Catalogue,
    Feature,
    Objections,
    check_header,
    in_one_spelling,
    parse_answers,
    parse_weights,
    texts_of,
)
from dtc_data.core import (
    DATE,
    SEGMENT,
    SURVEY_WEIGHT,
    UNIT_ID,
    CsvRow,
    FileProblems,
    SurveyFileError,
    csv_blocks,
    read_csv_rows,
)
from dtc_data.surveys.survey_columns import parse_dates, parse_ids, parse_segments
from dtc_data.surveys.unit_ids import derived_ids


def read_survey_file(path: str | Path, catalogue: Catalogue) -> pd.DataFrame:
    """Read a CSV file of units and check every cell of it.

    The header may give the columns in any order. The id, the segment and the weight column may be absent: then ids are
    derived from the wave and the answers, no segment is given, and all units count alike.

    Parameters
    ----------
    path : str or Path
        A file in UTF-8 with commas.
    catalogue : Catalogue
        Says which columns there are, what they are called and which answers are valid.

    Returns
    -------
    DataFrame
        Columns unit_id (str), date (UTC), the features (float64, values in words as text; NaN or None where no answer was
        given), segment (Int64), and survey_weight (float64) if the file has weights.

    Raises
    ------
    SurveyFileError
        If anything is wrong; the message names the file, and the line and column of the first problems.
    """
    path = Path(path)
    rows = read_csv_rows(path)
    header = next(rows, None)
    if header is None:
        raise SurveyFileError(f"{path}: the file is empty")
    names = [in_one_spelling(name) for name in header.cells] if len(header.cells) > 1 else header.cells
    check_header(path, names, catalogue)
    problems = FileProblems(path)
    parts = [_read_block(block, names, catalogue, problems) for block in csv_blocks(rows)]
    if not parts:
        raise SurveyFileError(f"{path}: the file has a header, but no {catalogue.words.units} below it")
    units = pd.concat(parts)
    intact = _complete(units[~units.index.isin(problems.lines)], catalogue)
    _find_repetitions(intact, names, catalogue, problems)
    _find_weightless_waves(units, catalogue, problems)
    problems.raise_if_any()
    return intact.reset_index(drop=True)


def _read_block(
    block: Sequence[CsvRow], names: Sequence[str], catalogue: Catalogue, problems: FileProblems
) -> pd.DataFrame:
    """Read some rows into a frame whose index is their line in the file."""
    for row in block:
        if len(row.cells) != len(names):
            problems.add(row.line, f"{len(row.cells)} cells, but the header has {len(names)}")
    whole = [row for row in block if len(row.cells) == len(names)]
    lines = [row.line for row in whole]
    parsers = _parsers(catalogue)
    values = {}
    for position, name in enumerate(names):
        column, parse = parsers[name]
        values[column], objections = parse([row.cells[position] for row in whole])
        for number, message in objections.items():
            problems.add(lines[number], message, name)
    return pd.DataFrame(values, index=lines)


def _parsers(catalogue: Catalogue) -> dict[str, tuple[str, Callable[[Sequence[str]], tuple[Any, Objections]]]]:
    """Give, for each column that a file may have, its name in the frame and what reads its cells."""
    missing_allowed = catalogue.missing_answers.minimum_answered is not None
    weight = (
        {catalogue.weight_column: (SURVEY_WEIGHT, partial(parse_weights, unit=catalogue.words.unit))}
        if catalogue.weight_column
        else {}
    )
    return {
        **weight,
        catalogue.columns.id: (UNIT_ID, parse_ids),
        catalogue.columns.date: (DATE, parse_dates),
        catalogue.file_segment_column: (SEGMENT, partial(parse_segments, catalogue=catalogue)),
        **{
            feature.file_column: (
                feature.name,
                partial(_parse_feature, feature=feature, missing_allowed=missing_allowed),
            )
            for feature in catalogue.features
        },
    }


def _parse_feature(cells: Sequence[str], feature: Feature, *, missing_allowed: bool) -> tuple[Any, Objections]:
    """Read the answers to one feature as they stand in a frame."""
    codes, objections = parse_answers(cells, feature, missing_allowed=missing_allowed)
    return texts_of(codes, feature), objections


def _complete(units: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that the file left out, and put all of them in order."""
    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in units else []
    columns = [UNIT_ID, DATE, *catalogue.feature_names, SEGMENT, *weight]
    complete = units.reindex(columns=columns)
    if UNIT_ID not in units:
        complete[UNIT_ID] = derived_ids(units, catalogue)
    return complete.astype({SEGMENT: "Int64"})


def _find_repetitions(units: pd.DataFrame, names: Sequence[str], catalogue: Catalogue, problems: FileProblems) -> None:
    keys = units[[UNIT_ID, DATE]]
    repeated = keys.duplicated()
    if not repeated.any():
        return
    lines = units.index.to_series()
    first_lines = lines.groupby([keys[UNIT_ID], keys[DATE]]).transform("first")
    id_column = catalogue.columns.id
    for line in lines[repeated]:
        if id_column in names:
            who = f"the {catalogue.words.unit} {keys.loc[line, UNIT_ID]!r}"
            message = f"{who} with this date is on line {first_lines[line]} already"
        else:
            message = (
                f"date and answers repeat line {first_lines[line]}; "
                f"if these are different {catalogue.words.units}, add a column {id_column!r} that tells them apart"
            )
        problems.add(line, message)


def _find_weightless_waves(units: pd.DataFrame, catalogue: Catalogue, problems: FileProblems) -> None:
    if SURVEY_WEIGHT not in units:
        return
    months = units[DATE].dt.tz_localize(None).dt.to_period("M")
    for month in months[units[SURVEY_WEIGHT] == 0].dropna().unique():
        weights = units.loc[months == month, SURVEY_WEIGHT]
        if (weights == 0).all():
            message = f"all weights of {month} are 0: nobody would count; leave the column out if all count alike"
            problems.add(int(weights.index[0]), message, catalogue.weight_column)
