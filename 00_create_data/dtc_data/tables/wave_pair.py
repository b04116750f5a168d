"""The two waves of a comparison, in one frame so that they can pass from step to step."""

import pandas as pd

from dtc_data.catalogue import Catalogue, answer_types
from dtc_data.core import SURVEY_WEIGHT, UNIT_ID, WAVE_ROLE, UnitTableError, Wave, WaveError
from dtc_data.tables.unit_frame import from_table

REFERENCE = "reference"
"""Name of the wave that the segments were checked against."""
CURRENT = "current"
"""Name of the wave that is compared with the reference."""


def stack_waves(
    reference: pd.DataFrame, current: pd.DataFrame, catalogue: Catalogue, reference_wave: Wave, current_wave: Wave
) -> pd.DataFrame:
    """Keep the features of both waves and stack them; columns may still bear the names of the table.

    Returns
    -------
    DataFrame
        Columns ``sample`` (`REFERENCE` or `CURRENT`), ``unit_id``, the features in the catalogue's order and, if
        units of either wave have weights, the catalogue's ``weight_column``; it is 1 in a wave without.

    Raises
    ------
    WaveError
        If a wave holds no units; the message names the wave and the table.
    UnitTableError
        If a feature of the catalogue is missing.
    """
    columns = [UNIT_ID, *catalogue.feature_names]
    weight = catalogue.weight_column
    weighted = weight is not None and any(_has_weights(frame) for frame in (reference, current))
    parts = []
    for name, wave, frame in ((REFERENCE, reference_wave, reference), (CURRENT, current_wave, current)):
        if frame is None or frame.empty:
            raise WaveError(
                f"{name} wave {wave}: table {catalogue.unit_table!r} holds no {catalogue.words.units} of that month. "
                "Ingest the wave first, or name another."
            )
        units = from_table(frame, catalogue)
        if missing := [column for column in columns if column not in units.columns]:
            raise UnitTableError(f"table {catalogue.unit_table!r} has no column {', '.join(missing)}")
        answers = units[list(catalogue.feature_names)].astype(
            answer_types(catalogue.features)
        )  # a column of nulls arrives as objects
        part = answers.assign(sample=name, unit_id=units[UNIT_ID].astype(str))
        if weighted:
            part[weight] = units[SURVEY_WEIGHT].astype("float64") if _has_weights(units) else 1.0
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[[WAVE_ROLE, *columns, *([weight] if weighted else [])]]


def _has_weights(frame: pd.DataFrame | None) -> bool:
    return frame is not None and SURVEY_WEIGHT in frame.columns and bool(frame[SURVEY_WEIGHT].notna().any())


def wave_called(stacked: pd.DataFrame, name: str) -> pd.DataFrame:
    """Take one sample, `REFERENCE` or `CURRENT`, out of a stacked frame, without the column that names it."""
    return stacked[stacked[WAVE_ROLE] == name].drop(columns=WAVE_ROLE).reset_index(drop=True)
