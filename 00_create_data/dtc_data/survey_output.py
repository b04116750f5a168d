"""Survey files out: CSV that can be taken in again."""

import os
from pathlib import Path

import pandas as pd

from dtc_data.catalogue import Catalogue
from dtc_data.errors import SurveyFileError
from dtc_data.names import SURVEY_WEIGHT


def write_survey_file(respondents: pd.DataFrame, catalogue: Catalogue, path: str | Path) -> None:
    """Write respondents so that :func:`read_survey_file` gives the same numbers back; never half a file.

    Parameters
    ----------
    respondents : DataFrame
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
    target = Path(path).resolve()  # a link stays a link
    if target.exists() and not target.is_file():
        raise SurveyFileError(f"{path}: not a file; give the name of a CSV file")
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    columns = {
        "customer_id": catalogue.columns.id,
        "date": catalogue.columns.date,
        SURVEY_WEIGHT: catalogue.weight_column or SURVEY_WEIGHT,
    }
    readable = _with_readable_dates(respondents).rename(columns=columns)
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            readable.to_csv(file, index=False, lineterminator="\n")
        draft.replace(target)
    except OSError as error:
        raise SurveyFileError(f"{path}: the file cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _with_readable_dates(respondents: pd.DataFrame) -> pd.DataFrame:
    """Write dates without a time of day as such."""
    dates = respondents["date"].dt
    whole_days = (respondents["date"] == dates.normalize()).all()
    return respondents.assign(
        date=dates.strftime("%Y-%m-%d") if whole_days else respondents["date"].map(pd.Timestamp.isoformat)
    )
