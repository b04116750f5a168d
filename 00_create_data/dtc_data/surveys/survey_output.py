"""Survey files out: CSV that can be ingested again."""

import os
from contextlib import suppress
from pathlib import Path

import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, SurveyFileError


def write_survey_file(units: pd.DataFrame, catalogue: Catalogue, path: str | Path) -> None:
    """Write units so that :func:`read_survey_file` gives the same numbers back; never half a file.

    Parameters
    ----------
    units : DataFrame
        As :func:`read_survey_file` gives them.
    catalogue : Catalogue
        Says what the columns beside the features are called.
    path : str or Path
        An existing file is replaced.

    Raises
    ------
    SurveyFileError
        If the file cannot be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    # Unlike Path's methods these raise nothing about a place that cannot be looked at, which writing then names.
    if os.path.exists(target) and not os.path.isfile(target):  # noqa: PTH110, PTH113
        raise SurveyFileError(f"{path}: not a file; give the name of a CSV file")
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    columns = {
        UNIT_ID: catalogue.columns.id,
        DATE: catalogue.columns.date,
        SEGMENT: catalogue.file_segment_column,
        SURVEY_WEIGHT: catalogue.weight_column or SURVEY_WEIGHT,
        **{feature.name: feature.file_column for feature in catalogue.features},
    }
    readable = _with_readable_dates(units).rename(columns=columns)
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            readable.to_csv(file, index=False, lineterminator="\n")
        draft.replace(target)
    except OSError as error:
        raise SurveyFileError(f"{path}: the file cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing is left either
            draft.unlink()


def _with_readable_dates(units: pd.DataFrame) -> pd.DataFrame:
    """Write dates without a time of day as such."""
    dates = units["date"].dt
    whole_days = (units["date"] == dates.normalize()).all()
    return units.assign(date=dates.strftime("%Y-%m-%d") if whole_days else units["date"].map(pd.Timestamp.isoformat))
