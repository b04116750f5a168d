"""Respondents as a frame, checked once more where they enter the database."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dtc_data.catalogue import LARGEST_WEIGHT, Catalogue, FloatArray
from dtc_data.core import SURVEY_WEIGHT, UnitTableError


def checked_units(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return a copy with the columns and types that the respondent table needs.

    Survey files are checked cell by cell when they are read; this catches frames that come from elsewhere.

    Raises
    ------
    UnitTableError
        If a column is missing, an answer is missing or out of range, a weight is missing or negative, a persona is
        unknown, or a respondent is repeated.
    """
    features = list(catalogue.feature_names)
    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in frame.columns else []
    checked = checked_labels(frame, catalogue, also=[*features, *weight])
    answers = checked[features].to_numpy(dtype=np.float64)
    low, high = catalogue.limits
    outside = ~((answers >= low) & (answers <= high))
    if catalogue.missing_answers.minimum_answered is not None:
        outside &= ~np.isnan(answers)
    if outside.any():
        row, position = np.argwhere(outside)[0]
        raise UnitTableError(
            f"respondent {checked['customer_id'].iloc[row]!r}: {features[position]!r} is {answers[row, position]:g}, "
            f"but the catalogue allows {low[position]:g} to {high[position]:g}"
        )
    if weight:
        checked[SURVEY_WEIGHT] = _checked_weights(checked)
    return checked.assign(**{name: answers[:, position] for position, name in enumerate(features)})


def _checked_weights(units: pd.DataFrame) -> FloatArray:
    weights = units[SURVEY_WEIGHT].to_numpy(dtype=np.float64)
    if (wrong := ~((weights >= 0) & (weights <= LARGEST_WEIGHT))).any():  # NaN is neither
        row = int(wrong.argmax())
        raise UnitTableError(
            f"respondent {units['customer_id'].iloc[row]!r}: {SURVEY_WEIGHT!r} is {weights[row]:g}, "
            f"but a weight is a number from 0 to {LARGEST_WEIGHT:g}"
        )
    return weights


def checked_labels(frame: pd.DataFrame, catalogue: Catalogue, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return a copy with customer_id, date (UTC) and persona (Int64), and the columns named in ``also`` as they are.

    Raises
    ------
    UnitTableError
        If a column is missing, a persona is unknown, or a respondent has no id or date or is repeated.
    """
    columns = ["customer_id", "date", *also, "persona"]
    if missing := [column for column in columns if column not in frame.columns]:
        raise UnitTableError(f"the respondents come without the columns {', '.join(missing)}")
    checked = frame[columns].reset_index(drop=True)
    checked["date"] = pd.to_datetime(checked["date"], utc=True).dt.as_unit("us")
    checked["persona"] = checked["persona"].astype("Int64")
    if (gaps := checked["customer_id"].isna() | (checked["customer_id"] == "") | checked["date"].isna()).any():
        raise UnitTableError(f"respondent number {gaps.argmax() + 1} has no customer_id or no date")
    if (repeated := checked.duplicated(["customer_id", "date"])).any():
        raise UnitTableError(f"respondent {_first(checked, repeated)} is given twice")
    if (unknown := ~checked["persona"].isin([*catalogue.segment_ids, pd.NA])).any():
        raise UnitTableError(
            f"respondent {_first(checked, unknown)} has the persona {checked['persona'].iloc[int(unknown.argmax())]}, "
            f"but the catalogue has {', '.join(map(str, catalogue.segment_ids))}"
        )
    return checked


def _first(frame: pd.DataFrame, chosen: "pd.Series[bool]") -> str:
    row = frame.iloc[int(chosen.argmax())]
    return f"{row['customer_id']!r} of {row['date']:%Y-%m-%d}"
