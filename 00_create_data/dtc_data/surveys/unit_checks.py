"""What only shows when all units of a file stand side by side: repetitions, and waves in which nobody has a weight."""

import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SURVEY_WEIGHT, UNIT_ID
from dtc_data.surveys.survey_problems import Kind, SurveyProblems


def find_repetitions(
    units: pd.DataFrame, id_column: str | None, catalogue: Catalogue, problems: SurveyProblems
) -> "pd.Series[bool]":
    """Return which units repeat an earlier one, ``(n_units,)``, and note them.

    Parameters
    ----------
    units : DataFrame
        With unit_id and date; the index is the place in the file.
    id_column : str, optional
        What the file calls the ids; None if they were derived.
    catalogue : Catalogue
    problems : SurveyProblems
    """
    keys = units[[UNIT_ID, DATE]]
    repeated = keys.duplicated()
    if repeated.any():
        places = units.index.to_series()
        first_places = places.groupby([keys[UNIT_ID], keys[DATE]]).transform("first")
        for place in places[repeated]:
            message = _repetition(keys.loc[place, UNIT_ID], first_places[place], id_column, catalogue, problems.place)
            problems.add(Kind.REPEATED, place, message)
    return repeated


def _repetition(unit: str, first: int, id_column: str | None, catalogue: Catalogue, place: str) -> str:
    words = catalogue.words
    if id_column:
        return f"the {words.unit} {unit!r} with this date is on {place} {first} already"
    return (
        f"date and answers repeat {place} {first}; if these are different {words.units}, add a column "
        f"{catalogue.columns.id!r} that tells them apart"
    )


def find_weightless_waves(units: pd.DataFrame, catalogue: Catalogue, problems: SurveyProblems) -> None:
    """Note the waves of which all weights are 0."""
    if SURVEY_WEIGHT not in units:
        return
    months = units[DATE].dt.tz_localize(None).dt.to_period("M")
    for month in months[units[SURVEY_WEIGHT] == 0].dropna().unique():
        weights = units.loc[months == month, SURVEY_WEIGHT]
        if (weights == 0).all():
            message = f"all weights of {month} are 0: nobody would count; leave the column out if all count alike"
            problems.add(Kind.WEIGHT, int(weights.index[0]), message, catalogue.weight_column)
