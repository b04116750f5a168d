"""The example on real answers: the Big Five survey `bfi`, out of the package pydataset, cut into four waves by chance.

2,800 people graded 25 statements about themselves from 1 to 6; one in eight left some out. The answers come from the SAPA
project and belong to the R package psych (`bfi`; Revelle, Wilt and Rosenthal, 2010). The survey has no dates, so the waves
are no real months: the people are shuffled, and whatever differs between two waves differs by chance.
"""

import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from dtc_data.core import DATE, SEGMENT, UNIT_ID, SurveyFileError, Wave

WAVES: Final = (Wave(2025, 1), Wave(2025, 2), Wave(2025, 3), Wave(2025, 4))
"""Those that the people are spread over, 700 each."""
FIRST_WAVE: Final = WAVES[0]
"""The wave on which the segments were found."""
MIDDLE_OF_THE_MONTH: Final = 15
SEED: Final = 2025
"""Of the shuffle: the same people are in the same wave on every machine."""

_PACKAGE: Final = "pydataset"
_ARCHIVE: Final = "resources.tar.gz"
_MEMBER: Final = "resources/rdata/csv/psych/bfi.csv"
_TRAITS: Final = "ACENO"


def read_big_five() -> pd.DataFrame:
    """Return all respondents as `dtc_data.tables.UnitTable.ingest` needs them.

    Columns unit_id (the number of the person in the source), date (UTC), a1 to o5 (float64 from 1 to 6, NaN where an
    answer is missing; as they were given, also to statements that are reversed) and segment (missing).

    Raises
    ------
    SurveyFileError
        If the package is not installed, or holds no such survey.
    """
    source = _read_source()
    answers = source[[name for name in source.columns if name[0] in _TRAITS and name[1:].isdigit()]].rename(
        columns=str.lower
    )
    shuffled = np.random.default_rng(SEED).permutation(len(answers))
    dates = pd.Series(pd.NaT, index=range(len(answers)), dtype="datetime64[us, UTC]")
    for wave, members in zip(WAVES, np.array_split(shuffled, len(WAVES)), strict=True):
        dates.iloc[members] = pd.Timestamp(wave.start.replace(day=MIDDLE_OF_THE_MONTH))
    ids = pd.DataFrame({UNIT_ID: answers.index.astype(str), DATE: dates})
    nobody = pd.Series(pd.NA, index=ids.index, dtype="Int64", name=SEGMENT)
    return pd.concat([ids, answers.astype("float64").reset_index(drop=True), nobody], axis="columns")


def _read_source() -> pd.DataFrame:
    found = find_spec(_PACKAGE)  # without importing it: that writes into the home folder
    if found is None or found.origin is None:
        raise SurveyFileError(
            f"the Big Five survey comes with the package {_PACKAGE}, which is not installed: make setup installs it (the extra "
            "examples)"
        )
    path = Path(found.origin).with_name(_ARCHIVE)
    try:
        with tarfile.open(path) as archive:
            return pd.read_csv(archive.extractfile(_MEMBER), index_col=0)  # type: ignore[arg-type]  # None for a folder
    except (OSError, tarfile.TarError, KeyError) as error:
        raise SurveyFileError(f"{path} holds no {_MEMBER}: {error}. Install {_PACKAGE} 0.2.0") from error
