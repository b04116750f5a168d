"""Waves out of the database, as files with the labels that it has."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import WaveError
from dtc_data.files import write_frames
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction, unit_rows
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel, describe
from dtc_service.batch import export_waves, label_wave
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

APRIL = Wave(2025, 4)


@pytest.fixture
def served(catalogue: Catalogue) -> ServedModel:
    return ServedModel("1", SegmentModel.from_catalogue(catalogue))


@pytest.fixture(params=[20_000, 7], ids=["in one block", "in blocks of seven"])
def rows_per_block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_rows, "ROWS_PER_BLOCK", request.param)


@pytest.fixture
def table(engine: Engine, catalogue: Catalogue, served: ServedModel) -> UnitTable:
    """Sixty respondents that a version labelled, five with the vendor's persona, three that came later."""
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(catalogue, 60, 2.0, 11, APRIL, labelled=False))
        table.ingest(connection, make_wave(catalogue, 5, 2.0, 12, APRIL).assign(unit_id=list("VWXYZ")))
        label_wave(connection, table, APRIL, served)
        table.ingest(connection, make_wave(catalogue, 3, 2.0, 13, APRIL, labelled=False).assign(unit_id=list("abc")))
    return table


def exported(engine: Engine, table: UnitTable, served: ServedModel) -> pd.DataFrame:
    with transaction(engine) as connection:
        return pd.concat(export_waves(connection, table, [APRIL], {"1": served}.__getitem__).blocks, ignore_index=True)


@pytest.mark.usefixtures("rows_per_block")
def test_labels_are_those_of_the_database_with_what_their_version_says(
    engine: Engine, table: UnitTable, catalogue: Catalogue, served: ServedModel
) -> None:
    found = exported(engine, table, served)

    with transaction(engine) as connection:
        assert found["persona"].tolist() == table.load(connection, APRIL)["segment"].tolist()
    assert found["status"].value_counts().to_dict() == {"labelled": 60, "vendor": 5, "unlabelled": 3}
    by_model = found[found["status"] == "labelled"]
    detail = describe(served.model, by_model[list(catalogue.feature_names)].to_numpy())
    np.testing.assert_array_equal(by_model["margin"], detail.margins)
    assert found[found["status"] != "labelled"]["margin"].isna().all()
    assert found[found["status"] == "vendor"]["persona_name"].isin(catalogue.segment_names).all()


def test_answers_are_described_by_the_questions_and_by_the_words_for_them(
    engine: Engine, table: UnitTable, catalogue: Catalogue, served: ServedModel, tmp_path: Path
) -> None:
    labels = (("Agree", 5.0), ("Strongly agree", 5.0), ("Disagree", -5.0), ("7", 2.0))
    first, second, *rest = catalogue.features
    asked = first.model_copy(update={"question": "Prices decide.", "labels": labels})
    words = catalogue.model_copy(update={"features": (asked, second.model_copy(update={"question": ""}), *rest)})
    with transaction(engine) as connection:
        found = export_waves(connection, UnitTable(words, table.name), [APRIL], {"1": served}.__getitem__)
        write_frames(found.blocks, tmp_path / "april.sav", found.described)

    _, about = pyreadstat.read_sav(str(tmp_path / "april.sav"))
    assert about.column_names_to_labels["x1"] == "Prices decide."
    assert about.variable_value_labels["x1"] == {5.0: "Agree", -5.0: "Disagree"}
    assert about.column_names_to_labels["x2"] == "x2"
    assert about.column_names_to_labels["persona"] == f"Persona by {catalogue.name}, version as in model_version"
    assert "vendor or unlabelled" in str(about.column_names_to_labels["status"])


@pytest.mark.usefixtures("rows_per_block")
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sav", ".parquet"])
def test_they_are_written_as_every_kind_of_file(
    suffix: str, tmp_path: Path, engine: Engine, table: UnitTable, served: ServedModel
) -> None:
    path, wanted = tmp_path / f"april{suffix}", exported(engine, table, served)

    with transaction(engine) as connection:
        found = export_waves(connection, table, [APRIL], {"1": served}.__getitem__)
        assert found.units == len(wanted)
        assert found.n_columns >= wanted.shape[1]
        assert write_frames(found.blocks, path, found.described) == len(wanted)

    readers: dict[str, Any] = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}
    read = readers[suffix](path) if suffix in readers else pyreadstat.read_sav(str(path), apply_value_formats=True)[0]
    assert read.columns.tolist() == wanted.columns.tolist()
    assert read["customer_id"].tolist() == wanted["customer_id"].tolist()
    segments = wanted["persona_name"] if suffix == ".sav" else wanted["persona"]
    assert read["persona"].dropna().astype(segments.dtype).tolist() == segments.dropna().tolist()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_wave_without_units_is_named_and_leaves_no_file(
    tmp_path: Path, engine: Engine, table: UnitTable, served: ServedModel
) -> None:
    with transaction(engine) as connection:
        found = export_waves(connection, table, [APRIL, Wave(2025, 5)], {"1": served}.__getitem__)
        with pytest.raises(WaveError, match="wave 2025-05"):
            write_frames(found.blocks, tmp_path / "all.csv", found.described)
    assert not list(tmp_path.iterdir())
