"""The months that the product is shown with: January to May 2025, around the centroids of any catalogue."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
from sqlalchemy import Engine

from dtc_data.catalogue import Catalogue
from dtc_data.core import SurveyFileError, Wave
from dtc_data.surveys import ingest_file, write_survey_file
from dtc_data.synthetic.scattered_wave import make_wave
from dtc_data.tables import UnitTable, transaction


@dataclass(frozen=True)
class ShippedWave:
    """How one sample month is made."""

    wave: Wave
    std_dev: float
    """Standard deviation around a centroid, in the unit of the answers."""
    seed: int
    labelled: bool = False
    """Whether the vendor's segments are given."""


UNITS_PER_WAVE: Final = 500

SHIPPED_WAVES: Final = (
    ShippedWave(Wave(2025, 1), std_dev=2, seed=42, labelled=True),
    ShippedWave(Wave(2025, 2), std_dev=2, seed=2502),
    ShippedWave(Wave(2025, 3), std_dev=3.1, seed=5977),
    ShippedWave(Wave(2025, 4), std_dev=2, seed=2504),
    ShippedWave(Wave(2025, 5), std_dev=2, seed=2505),
)
"""January is the reference and March drifts; both have their parameters from the original study. The other months are
January's population again, each with a seed of its own, since the same seed gives the same rows."""


def create_shipped_waves(engine: Engine, catalogue: Catalogue, folder: Path, report: Callable[[str], object]) -> None:
    """Write the sample months as survey files and take them in.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    catalogue : Catalogue
        Names the table and gives the centroids.
    folder : Path
        Where the files go; made if it is missing.
    report : callable
        Called with one line of text per month.

    Raises
    ------
    SurveyFileError
        If a file cannot be written.
    UnitTableError
        If the table holds others than the sample months, or others with their ids; nothing is written then.
    """
    waves = {shipped: _make(catalogue, shipped) for shipped in SHIPPED_WAVES}
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.refuse_beside_others(connection, pd.concat(waves.values(), ignore_index=True))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SurveyFileError(f"{folder}: the folder cannot be made: {error.strerror}") from error
    for shipped, units in waves.items():
        path = folder / f"{shipped.wave}.csv"
        write_survey_file(units, catalogue, path)
        made = (
            f"{shipped.wave}: {catalogue.words.units_counted(len(units))}, std {shipped.std_dev:g}, seed {shipped.seed}"
        )
        report(f"{made} -> {path}; {ingest_file(engine, table, path)}")


def _make(catalogue: Catalogue, shipped: ShippedWave) -> pd.DataFrame:
    return make_wave(catalogue, UNITS_PER_WAVE, shipped.std_dev, shipped.seed, shipped.wave, labelled=shipped.labelled)
