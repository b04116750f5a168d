"""Ids for respondents whose file names none."""

from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd

from dtc_data.catalogue import Catalogue

DIGEST_BYTES: Final = 10
"""With a million respondents a month the chance that two different ones share a digest is below 1e-12."""


def derived_ids(units: pd.DataFrame, catalogue: Catalogue) -> list[str]:
    """Return an id for each respondent, made of the wave and a digest of the date and the answers.

    The same file therefore gives the same ids again, whatever the order of its columns and rows. Two respondents with
    the same date and the same answers get the same id.

    Parameters
    ----------
    respondents : DataFrame
        With date (UTC) and the features.
    catalogue : Catalogue
        Gives the features' order.
    """
    dates = pd.DatetimeIndex(units["date"])
    moments = dates.tz_convert(None).to_numpy().astype("datetime64[us]").astype("<i8")
    answers = units[list(catalogue.feature_names)].to_numpy(dtype="<f8") + 0.0  # makes -0.0 and 0.0 the same
    answers[np.isnan(answers)] = np.nan  # makes every NaN the same
    content = np.column_stack([moments, answers.view("<i8")]).tobytes()
    width = len(content) // max(1, len(units))
    return [
        f"{year:04d}-{month:02d}-{blake2b(content[row * width : (row + 1) * width], digest_size=DIGEST_BYTES).hexdigest()}"
        for row, (year, month) in enumerate(zip(dates.year, dates.month, strict=True))
    ]
