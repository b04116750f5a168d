"""Waves out of the database, as files with the labels that it has."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.surveys import write_frame
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel, describe
from dtc_service.batch import added_columns, exported_units, label_wave
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

APRIL = Wave(2025, 4)


@pytest.fixture
def served(catalogue: Catalogue) -> ServedModel:
    return ServedModel("1", SegmentModel.from_catalogue(catalogue))


@pytest.fixture
def units(engine: Engine, catalogue: Catalogue, served: ServedModel) -> pd.DataFrame:
    """Sixty respondents that a version labelled, five with the vendor's persona, three that came later."""
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(catalogue, 60, 2.0, 11, APRIL, labelled=False))
        table.ingest(connection, make_wave(catalogue, 5, 2.0, 12, APRIL).assign(unit_id=list("VWXYZ")))
        label_wave(connection, table, APRIL, served)
        table.ingest(connection, make_wave(catalogue, 3, 2.0, 13, APRIL, labelled=False).assign(unit_id=list("abc")))
        return table.load(connection, APRIL)


def test_labels_are_those_of_the_database_with_what_their_version_says(
    units: pd.DataFrame, catalogue: Catalogue, served: ServedModel
) -> None:
    exported = exported_units(units, catalogue, {"1": served}.__getitem__)

    assert exported["persona"].tolist() == units["segment"].tolist()
    assert exported["status"].value_counts().to_dict() == {"labelled": 60, "vendor": 5, "unlabelled": 3}
    by_model = exported[exported["status"] == "labelled"]
    detail = describe(served.model, by_model[list(catalogue.feature_names)].to_numpy())
    np.testing.assert_array_equal(by_model["margin"], detail.margins)
    assert exported[exported["status"] != "labelled"]["margin"].isna().all()
    assert exported[exported["status"] == "vendor"]["persona_name"].isin(catalogue.segment_names).all()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sav", ".parquet"])
def test_they_are_written_as_every_kind_of_file(
    suffix: str, tmp_path: Path, units: pd.DataFrame, catalogue: Catalogue, served: ServedModel
) -> None:
    exported = exported_units(units, catalogue, {"1": served}.__getitem__)
    path = tmp_path / f"april{suffix}"

    write_frame(exported, path, added_columns(catalogue))

    readers: dict[str, Any] = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}
    read = readers[suffix](path) if suffix in readers else pyreadstat.read_sav(str(path), apply_value_formats=True)[0]
    assert read.columns.tolist() == exported.columns.tolist()
    assert read["customer_id"].tolist() == exported["customer_id"].tolist()
    wanted = exported["persona_name"] if suffix == ".sav" else exported["persona"]
    assert read["persona"].dropna().astype(wanted.dtype).tolist() == wanted.dropna().tolist()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
