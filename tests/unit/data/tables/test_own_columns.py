"""No feature can be named like a column that stands beside features in any of our frames and tables."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import OWN_COLUMNS, objection_to_feature
from dtc_data.surveys import read_survey_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import stack_waves
from dtc_data.tables.record import history_table
from dtc_data.tables.table_schema import incoming_labels, incoming_units, unit_table
from fakes.mixed_features import mixed_catalogue
from sqlalchemy import Table

JANUARY, MARCH = Wave(2025, 1), Wave(2025, 3)


def frames(catalogue: Catalogue, folder: Path) -> Iterator[Iterable[str]]:
    """Return the columns of every kind of frame in which units stand with their features."""
    wave = make_wave(catalogue, 20, 1, 1, JANUARY).assign(survey_weight=2.0)
    yield wave.columns
    write_survey_file(wave, catalogue, folder / "wave.csv")
    yield read_survey_file(folder / "wave.csv", catalogue).columns
    stacked = stack_waves(wave, wave, catalogue, JANUARY, MARCH)
    yield stacked.columns.drop(str(catalogue.weight_column))  # a name that the catalogue keeps free by itself


def tables(catalogue: Catalogue) -> Iterator[Table]:
    """Return every table in which units stand."""
    yield unit_table(catalogue, "units", weighted=True)
    yield incoming_units(catalogue, weighted=True)
    yield incoming_labels()
    yield history_table("units", catalogue)


@pytest.mark.parametrize("kind", ["shipped", "mixed"])
def test_whatever_stands_beside_features_is_known_in_one_place(kind: str, catalogue: Catalogue, tmp_path: Path) -> None:
    chosen = catalogue if kind == "shipped" else mixed_catalogue()
    columns = {str(name) for frame in frames(chosen, tmp_path) for name in frame}
    columns |= {name for table in tables(chosen) for column in table.c for name in (column.name, column.key)}
    beside = columns - set(chosen.feature_names)
    assert beside - {"entry"} <= OWN_COLUMNS  # the history counts its entries, and holds no features
    assert {"unit_id", "date", "segment", "model_version", "labelled_at", "sample", "survey_weight"} <= beside


@pytest.mark.parametrize("name", sorted(OWN_COLUMNS))
def test_no_feature_can_be_called_so(name: str) -> None:
    assert "is the name of a column that every unit table or frame has" in str(objection_to_feature(name))


def test_a_column_that_people_rename_still_cannot_be_a_feature(catalogue: Catalogue) -> None:
    assert {catalogue.id_column, catalogue.segment_column} <= OWN_COLUMNS
    frame = pd.DataFrame(columns=[catalogue.id_column, catalogue.segment_column])
    assert all(objection_to_feature(name) for name in frame.columns)
