"""The verdict on feature tables that Spark reads: that of Postgres, to the last digit."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import WaveError
from dtc_data.spark import UnitSource
from dtc_data.synthetic import make_wave
from dtc_data.tables import CURRENT, REFERENCE, UnitTable, stack_waves, transaction, wave_called
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.spark import spark_verdict
from dtc_monitoring.verdict import DriftVerdict, assess_drift, with_samples
from sqlalchemy import Engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.integration, pytest.mark.timeout(900)]

WAVES = (Wave(2025, 1), Wave(2025, 3))
SAMPLED = DriftSettings(largest_wave=800)


@pytest.fixture
def waves(catalogue: Catalogue) -> pd.DataFrame:
    """Two waves of 2,000, the second with another mix of personas."""
    first, *others = [0.2] * len(catalogue.segments)
    shares = [first + 0.8 - sum(others), *others]
    january = make_wave(catalogue, 2_000, 1.0, 1, WAVES[0])
    return pd.concat([january, make_wave(catalogue, 2_000, 1.0, 2, WAVES[1], shares=shares)], ignore_index=True)


def by_postgres(engine: Engine, catalogue: Catalogue, waves: pd.DataFrame, settings: DriftSettings) -> DriftVerdict:
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, waves)
        samples = [table.sample(connection, wave, settings.largest_wave) for wave in WAVES]
        frames = [table.load(connection, wave, sample) for wave, sample in zip(WAVES, samples, strict=True)]
    stacked = stack_waves(frames[0], frames[1], catalogue, *WAVES)
    verdict = assess_drift(wave_called(stacked, REFERENCE), wave_called(stacked, CURRENT), catalogue, settings)
    return with_samples(verdict, samples[0], samples[1], catalogue.words)


@pytest.mark.parametrize("settings", [SAMPLED, DriftSettings()], ids=["samples", "whole waves"])
def test_spark_reaches_the_verdict_of_postgres(  # noqa: PLR0913, PLR0917 - fixtures
    settings: DriftSettings,
    spark_cluster: "SparkSession",
    catalogue: Catalogue,
    waves: pd.DataFrame,
    engine: Engine,
    tmp_path: Path,
) -> None:
    for number in range(4):
        part = waves.iloc[number::4].rename(columns={"unit_id": catalogue.id_column})
        part.to_parquet(tmp_path / f"{number}.parquet", index=False)
    found = spark_verdict(spark_cluster, UnitSource(str(tmp_path)), catalogue, WAVES, settings)

    assert found == by_postgres(engine, catalogue, waves, settings)
    assert found.status == "mix_shift"
    assert bool(found.basis.sampled) == (settings is SAMPLED)


def test_a_wave_without_anybody_is_named(
    spark_cluster: "SparkSession", catalogue: Catalogue, waves: pd.DataFrame, tmp_path: Path
) -> None:
    waves.rename(columns={"unit_id": catalogue.id_column}).to_parquet(tmp_path / "units.parquet", index=False)
    with pytest.raises(WaveError, match="wave 2024-05"):
        spark_verdict(spark_cluster, UnitSource(str(tmp_path)), catalogue, (WAVES[0], Wave(2024, 5)))
