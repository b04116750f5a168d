"""Survey files in: CSV, every cell of it checked against the catalogue."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from dtc_data.catalogue import SEGMENT, Catalogue, Objections, check_header, parse_answers, parse_weights
from dtc_data.core import SURVEY_WEIGHT, SurveyFileError
from dtc_data.surveys.csv_rows import Row, blocks, read_rows
from dtc_data.surveys.file_problems import Findings
from dtc_data.surveys.survey_columns import parse_dates, parse_ids, parse_segments
from dtc_data.surveys.unit_ids import derived_ids


def read_survey_file(path: str | Path, catalogue: Catalogue) -> pd.DataFrame:
    """Read a CSV file of respondents and check every cell of it.

    The header may give the columns in any order. The id, the persona and the weight column may be absent: then ids are
    derived from the wave and the answers, no persona is given, and all respondents count alike.

    Parameters
    ----------
    path : str or Path
        A file in UTF-8 with commas.
    catalogue : Catalogue
        Says which columns there are, what they are called and which answers are valid.

    Returns
    -------
    DataFrame
        Columns customer_id (str), date (UTC), the features (float64, NaN where no answer was given), persona (Int64),
        and survey_weight (float64) if the file has weights.

    Raises
    ------
    SurveyFileError
        If anything is wrong; the message names the file, and the line and column of the first problems.
    """
    path = Path(path)
    rows = read_rows(path)
    header = next(rows, None)
    if header is None:
        raise SurveyFileError(f"{path}: the file is empty")
    names = [name.strip() for name in header.cells]
    check_header(path, names, catalogue)
    findings = Findings(path)
    parts = [_read_block(block, names, catalogue, findings) for block in blocks(rows)]
    if not parts:
        raise SurveyFileError(f"{path}: the file has a header, but no respondents below it")
    units = pd.concat(parts)
    intact = _complete(units[~units.index.isin(findings.lines)], catalogue)
    _find_repetitions(intact, names, catalogue, findings)
    _find_weightless_waves(units, catalogue, findings)
    findings.raise_if_any()
    return intact.reset_index(drop=True)


def _read_block(block: Sequence[Row], names: Sequence[str], catalogue: Catalogue, findings: Findings) -> pd.DataFrame:
    """Read some rows into a frame whose index is their line in the file."""
    for row in block:
        if len(row.cells) != len(names):
            findings.add(row.line, f"{len(row.cells)} cells, but the header has {len(names)}")
    whole = [row for row in block if len(row.cells) == len(names)]
    lines = [row.line for row in whole]
    parsers = _parsers(catalogue)
    values = {}
    for position, name in enumerate(names):
        column, parse = parsers[name]
        values[column], objections = parse([row.cells[position] for row in whole])
        for number, message in objections.items():
            findings.add(lines[number], message, name)
    return pd.DataFrame(values, index=lines)


def _parsers(catalogue: Catalogue) -> dict[str, tuple[str, Callable[[Sequence[str]], tuple[Any, Objections]]]]:
    """Return, for each column that a file may have, its name in the frame and what reads its cells."""
    missing_allowed = catalogue.missing_answers.minimum_answered is not None
    weight = {catalogue.weight_column: (SURVEY_WEIGHT, parse_weights)} if catalogue.weight_column else {}
    return {
        **weight,
        catalogue.columns.id: ("customer_id", parse_ids),
        catalogue.columns.date: ("date", parse_dates),
        SEGMENT: ("persona", partial(parse_segments, segment_ids=catalogue.segment_ids)),
        **{
            feature.name: (feature.name, partial(parse_answers, feature=feature, missing_allowed=missing_allowed))
            for feature in catalogue.features
        },
    }


def _complete(units: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that the file left out, and put all of them in order."""
    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in units else []
    columns = ["customer_id", "date", *catalogue.feature_names, "persona", *weight]
    complete = units.reindex(columns=columns)
    if "customer_id" not in units:
        complete["customer_id"] = derived_ids(units, catalogue)
    return complete.astype({"persona": "Int64"})


def _find_repetitions(units: pd.DataFrame, names: Sequence[str], catalogue: Catalogue, findings: Findings) -> None:
    keys = units[["customer_id", "date"]]
    repeated = keys.duplicated()
    if not repeated.any():
        return
    lines = units.index.to_series()
    first_lines = lines.groupby([keys["customer_id"], keys["date"]]).transform("first")
    id_column = catalogue.columns.id
    for line in lines[repeated]:
        if id_column in names:
            message = f"the respondent {keys.loc[line, 'customer_id']!r} with this date is on line {first_lines[line]} already"
        else:
            message = (
                f"date and answers repeat line {first_lines[line]}; "
                f"if these are different people, add a column {id_column!r} that tells them apart"
            )
        findings.add(line, message)


def _find_weightless_waves(units: pd.DataFrame, catalogue: Catalogue, findings: Findings) -> None:
    if SURVEY_WEIGHT not in units:
        return
    months = units["date"].dt.tz_localize(None).dt.to_period("M")
    for month in months[units[SURVEY_WEIGHT] == 0].dropna().unique():
        weights = units.loc[months == month, SURVEY_WEIGHT]
        if (weights == 0).all():
            message = f"all weights of {month} are 0: nobody would count; leave the column out if all count alike"
            findings.add(int(weights.index[0]), message, catalogue.weight_column)
