"""Units as a frame, checked once more where they enter the database."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dtc_data.catalogue import LARGEST_WEIGHT, Catalogue, FloatArray, answer_columns, answer_matrix
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, AnswersError, FeatureTable, UnitTableError


def from_table(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return rows of the unit table under our own names of columns, as whoever reads the table without us needs them."""
    return frame.rename(columns={catalogue.id_column: UNIT_ID, catalogue.segment_column: SEGMENT})


def checked_units(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return a copy with the columns and types that the unit table takes in; without segments, if the frame has none.

    Survey files are checked cell by cell when they are read; this catches frames that come from elsewhere.

    Raises
    ------
    UnitTableError
        If a column is missing, an answer is missing or out of range, a weight is missing or negative, a segment is
        unknown, or a unit is repeated.
    """
    frame = frame if SEGMENT in frame.columns else frame.assign(segment=None)
    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in frame.columns else []
    checked = checked_labels(frame, catalogue, also=[*catalogue.feature_names, *weight])
    answers = _checked_answers(checked, catalogue)
    if weight:
        checked[SURVEY_WEIGHT] = _checked_weights(checked, catalogue)
    return checked.assign(**answer_columns(answers, catalogue.features))


def _checked_answers(units: pd.DataFrame, catalogue: Catalogue) -> FloatArray:
    try:
        answers = answer_matrix(units, catalogue.features)
    except AnswersError as error:
        raise UnitTableError(f"the {catalogue.words.units} cannot be ingested: {error}") from error
    low, high = catalogue.limits
    whole = np.array([feature.is_whole for feature in catalogue.features])
    outside = ~((answers >= low) & (answers <= high)) | (whole & (answers != np.rint(answers)))
    if catalogue.missing_answers.minimum_answered is not None:
        outside &= ~np.isnan(answers)
    if outside.any():
        row, position = np.argwhere(outside)[0]
        feature = catalogue.features[position]
        raise UnitTableError(
            f"{catalogue.words.unit} {units[UNIT_ID].iloc[row]!r}: {feature.name!r} is {answers[row, position]:g}, "
            f"but the catalogue allows {feature.words_for_valid}"
        )
    return answers


def _checked_weights(units: pd.DataFrame, catalogue: Catalogue) -> FloatArray:
    weights = units[SURVEY_WEIGHT].to_numpy(dtype=np.float64)
    if (wrong := ~((weights >= 0) & (weights <= LARGEST_WEIGHT))).any():  # NaN is neither
        row = int(wrong.argmax())
        raise UnitTableError(
            f"{catalogue.words.unit} {units[UNIT_ID].iloc[row]!r}: {SURVEY_WEIGHT!r} is {weights[row]:g}, "
            f"but a weight is a number from 0 to {LARGEST_WEIGHT:,.0f}"
        )
    return weights


def checked_labels(frame: pd.DataFrame, catalogue: Catalogue, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return a copy with unit_id, date (UTC) and segment (Int64), and the columns named in ``also`` as they are.

    Raises
    ------
    UnitTableError
        If a column is missing, a segment is unknown, or a unit has no id or date or is repeated.
    """
    words = catalogue.words
    table = FeatureTable.checked(frame, also, [SEGMENT], words=(words.unit, words.units))
    checked = table.frame
    checked[SEGMENT] = checked[SEGMENT].astype("Int64")
    if (unknown := ~checked[SEGMENT].isin([*catalogue.segment_ids, pd.NA])).any():
        row = int(unknown.argmax())
        raise UnitTableError(
            f"{words.unit} {table.unit(row)} has the {words.segment} {checked[SEGMENT].iloc[row]}, "
            f"but the catalogue has {', '.join(map(str, catalogue.segment_ids))}"
        )
    return checked[[UNIT_ID, DATE, *also, SEGMENT]]
