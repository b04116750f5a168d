"""Feature tables with gaps, and the labels that the service gives them without Spark."""

from pathlib import Path

import numpy as np
import pandas as pd
from dtc_data import Catalogue, Wave
from dtc_data.spark import UnitSource
from dtc_data.surveys import FileOptions
from dtc_data.synthetic import make_wave
from dtc_model.rule import SegmentModel
from dtc_service.batch import FileLabeller

MARCH = Wave(2025, 3)
PARTS = 8


def people(catalogue: Catalogue, count: int) -> pd.DataFrame:
    """A wave in which some left something out, and some too much, with a column that nobody knows."""
    wave = make_wave(catalogue, count, 1.0, 3, MARCH).drop(columns="segment")
    random = np.random.default_rng(4)
    names = list(catalogue.feature_names)
    wave[names] = wave[names].where(random.uniform(size=(count, len(names))) > 0.15)
    wave = wave.rename(columns={"unit_id": catalogue.columns.id})
    return wave.assign(remark=[f"no {number}" for number in range(count)])


def in_parts(frame: pd.DataFrame, folder: Path) -> UnitSource:
    """Write a feature table in several files, so that executors have something to share."""
    folder.mkdir()
    for number in range(PARTS):
        frame.iloc[number::PARTS].to_parquet(folder / f"{number}.parquet", index=False)
    return UnitSource(str(folder))


def by_the_service(
    frame: pd.DataFrame, catalogue: Catalogue, rule: tuple[SegmentModel, str], folder: Path
) -> pd.DataFrame:
    """Label the same rows by `make label_file`, which needs no Spark."""
    frame.to_parquet(folder / "survey.parquet", index=False)
    FileLabeller(catalogue, *rule).label(folder / "survey.parquet", folder / "labelled.parquet", FileOptions())
    return pd.read_parquet(folder / "labelled.parquet")


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare every column of every row; only the order of rows is Spark's."""
    assert list(found.columns) == list(expected.columns)
    ordered = [one.sort_values("remark", ignore_index=True) for one in (found, expected)]
    pd.testing.assert_frame_equal(ordered[0], ordered[1], check_dtype=False, check_exact=True)
