"""The verdict on two waves in Parquet or behind JDBC: Spark reads and samples them, the check is the one of the pipeline."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dtc_data import Catalogue, Wave
from dtc_data.core import read_settings
from dtc_data.spark import UnitSource, sampled_wave, spark_session
from dtc_data.tables import CURRENT, REFERENCE, stack_waves, wave_called

from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import DriftVerdict, assess_drift, with_samples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def verdict_of(  # noqa: PLR0913 - what is compared, and where Spark runs
    address: str,
    table: str | None,
    catalogue: Catalogue,
    waves: tuple[Wave, Wave],
    *,
    master: str,
    memory: str = "2g",
    jars: Sequence[Path] = (),
) -> DriftVerdict:
    """Start Spark for `spark_verdict`, whose errors it raises, on Parquet or on a table behind JDBC."""
    with spark_session(master, memory=memory, jars=jars) as session:
        return spark_verdict(session, UnitSource(address, table), catalogue, waves)


def spark_verdict(
    session: "SparkSession",
    source: UnitSource,
    catalogue: Catalogue,
    waves: tuple[Wave, Wave],
    settings: DriftSettings | None = None,
) -> DriftVerdict:
    """Return the verdict that the pipeline reaches on the same units in Postgres, to the last digit.

    Both take the same sample of a large wave, and all of a smaller one, in the same order. Nothing is stored.

    Parameters
    ----------
    session : SparkSession
        As `dtc_data.spark.spark_session` starts it.
    source : UnitSource
        Holds both waves.
    catalogue : Catalogue
    waves : tuple of Wave
        Reference wave and current wave.
    settings : DriftSettings, optional
        The limits; read from the environment if not given.

    Raises
    ------
    WaveError
        If a wave holds no units.
    UnitTableError
        If the table cannot be read, or does not fit.
    DriftCheckError
        If the check cannot be made.
    """
    limits = settings or read_settings(DriftSettings)
    (before, reference), (after, current) = (
        sampled_wave(source.read(session, wave), catalogue, wave, limits.largest_wave) for wave in waves
    )
    stacked = stack_waves(reference, current, catalogue, *waves)
    verdict = assess_drift(wave_called(stacked, REFERENCE), wave_called(stacked, CURRENT), catalogue, limits)
    return with_samples(verdict, before, after, catalogue.words)
