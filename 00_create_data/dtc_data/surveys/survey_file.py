"""Survey files in: CSV, every cell of it checked against the catalogue."""

from collections.abc import Callable, Iterator, Sequence
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
    FileProblems,
    SurveyFileError,
)
from dtc_data.surveys.survey_columns import parse_dates, parse_ids, parse_segments
from dtc_data.surveys.text_blocks import TextBlock, read_text_blocks
from dtc_data.surveys.unit_ids import derived_ids
from dtc_data.surveys.whole_file import WholeFile


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
    return pd.concat(survey_blocks(path, catalogue), ignore_index=True)


def survey_blocks(path: str | Path, catalogue: Catalogue) -> Iterator[pd.DataFrame]:
    """Read a CSV file of units block by block, each as `read_survey_file` returns the whole.

    Only when the last block was taken it is clear that nothing is wrong: whoever writes blocks anywhere must take everything back
    if an error is raised. After the first problem no more blocks come, but the file is checked to its end.

    Raises
    ------
    SurveyFileError
        As `read_survey_file`.
    """
    path = Path(path)
    problems, whole = FileProblems(path), WholeFile(catalogue)
    names: list[str] = []
    for units in _read_blocks(path, catalogue, problems, names):
        intact = _complete(units[~units.index.isin(problems.lines)], catalogue)
        whole.add(intact, units)
        if not problems.lines:
            yield intact.reset_index(drop=True)
    if whole.is_empty and not problems.lines:
        raise SurveyFileError(f"{path}: the file has a header, but no {catalogue.words.units} below it")
    if (repeated := whole.repeated_hashes).size:
        again = _read_blocks(path, catalogue, FileProblems(path), [])
        parts = [units[~units.index.isin(problems.lines)] for units in again]
        suspected = [whole.suspected(_complete(part, catalogue), repeated) for part in parts]
        _find_repetitions(pd.concat(suspected), names, catalogue, problems)
    whole.find_weightless_waves(problems)
    problems.raise_if_any()


def _read_blocks(path: Path, catalogue: Catalogue, problems: FileProblems, names: list[str]) -> Iterator[pd.DataFrame]:
    """Read blocks of a file into frames whose index is the line in the file, and add the names of its columns to ``names``."""
    header, blocks = read_text_blocks(path)
    if header is None:
        raise SurveyFileError(f"{path}: the file is empty")
    names += [in_one_spelling(name) for name in header] if len(header) > 1 else header
    check_header(path, names, catalogue)
    for block in blocks:
        yield _read_block(block, names, catalogue, problems)


def _read_block(block: TextBlock, names: Sequence[str], catalogue: Catalogue, problems: FileProblems) -> pd.DataFrame:
    for line, n_cells in block.others:
        problems.add(line, f"{n_cells} cells, but the header has {len(names)}")
    parsers = _parsers(catalogue)
    values = {}
    for name, cells in zip(names, block.columns, strict=True):
        column, parse = parsers[name]
        values[column], objections = parse(cells)
        for number, message in objections.items():
            problems.add(block.lines[number], message, name)
    return pd.DataFrame(values, index=pd.Index(block.lines))


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
