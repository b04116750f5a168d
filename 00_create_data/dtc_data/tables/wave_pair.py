"""The two samples of a comparison, in one frame so that they can pass from step to step."""

import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import SURVEY_WEIGHT, UnitTableError, Wave, WaveError

REFERENCE = "reference"
"""Name of the sample that the personas were checked against."""
CURRENT = "current"
"""Name of the sample that is compared with the reference."""


def stack_samples(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, reference_wave: Wave, current_wave: Wave
) -> pd.DataFrame:
    """Keep the features of both waves and stack them.

    Returns
    -------
    DataFrame
        Columns ``sample`` (`REFERENCE` or `CURRENT`), ``customer_id``, the features in the catalogue's order and, if
        respondents of either wave have weights, the catalogue's ``weight_column``; it is 1 in a wave without.

    Raises
    ------
    WaveError
        If a wave holds no respondents; the message names the wave and the table.
    UnitTableError
        If a feature of the catalogue is missing.
    """
    columns = ["customer_id", *catalogue.feature_names]
    weight = catalogue.weight_column
    weighted = weight is not None and any(_has_weights(frame) for frame in (reference, current))
    parts = []
    for name, wave, frame in ((REFERENCE, reference_wave, reference), (CURRENT, current_wave, current)):
        if frame is None or frame.empty:
            raise WaveError(
                f"{name} wave {wave}: table {catalogue.unit_table!r} holds no respondents of that month. "
                "Ingest the wave first, or name another."
            )
        if missing := [column for column in columns if column not in frame.columns]:
            raise UnitTableError(f"table {catalogue.unit_table!r} has no column {', '.join(missing)}")
        answers = frame[list(catalogue.feature_names)].astype("float64")  # a column of nulls arrives as objects
        part = answers.assign(sample=name, customer_id=frame["customer_id"].astype(str))
        if weighted:
            part[weight] = frame[SURVEY_WEIGHT].astype("float64") if _has_weights(frame) else 1.0
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[["sample", *columns, *([weight] if weighted else [])]]


def _has_weights(frame: pd.DataFrame | None) -> bool:
    return frame is not None and SURVEY_WEIGHT in frame.columns and bool(frame[SURVEY_WEIGHT].notna().any())


def sample(stacked: pd.DataFrame, name: str) -> pd.DataFrame:
    """Take one sample, `REFERENCE` or `CURRENT`, out of a stacked frame, without the column that names it."""
    return stacked[stacked["sample"] == name].drop(columns="sample").reset_index(drop=True)
