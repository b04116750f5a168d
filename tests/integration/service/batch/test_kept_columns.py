"""Columns that the catalogue does not have: kept when a file is ingested, and there again in what is exported."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.files import NewColumn, write_frames
from dtc_data.surveys import ingest_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction, withdraw_wave
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.batch import export_waves
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration

APRIL, MAY = Wave(2025, 4), Wave(2025, 5)


def survey(catalogue: Catalogue, wave: Wave = APRIL) -> pd.DataFrame:
    """Thirty respondents with a region before, and remarks, codes and ages behind what the catalogue knows."""
    units = make_wave(catalogue, 30, 2.0, 11, wave, labelled=False).drop(columns="segment")
    units = units.rename(columns={"unit_id": catalogue.columns.id, "date": catalogue.columns.date})
    units.insert(0, "Region", ["North, by the sea", "Süd"] * 15)
    remarks = ['said "no"', "", "two\nlines"] * 10
    return units.assign(remark=remarks, postcode="007", age=np.arange(30) + 18.5, persona_name="their own")


def out(engine: Engine, catalogue: Catalogue, *waves: Wave) -> tuple[pd.DataFrame, Sequence[NewColumn]]:
    served = ServedModel("1", SegmentModel.from_catalogue(catalogue))
    with transaction(engine) as connection:
        found = export_waves(connection, UnitTable(catalogue), waves, {"1": served}.__getitem__)
        return pd.concat(found.blocks, ignore_index=True), found.described


def test_they_come_back_in_their_order_with_their_types(engine: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    given = survey(catalogue)
    given.to_csv(tmp_path / "april.csv", index=False)
    said: list[str] = []
    ingest_file(engine, UnitTable(catalogue), tmp_path / "april.csv", tell=said.append)

    found, _ = out(engine, catalogue, APRIL)

    assert any("5 columns kept for the way out" in line for line in said)
    names = ["Region", "remark", "postcode", "age", "persona_name"]
    assert [name for name in found if name in names] == names
    merged = given.merge(found, on=catalogue.columns.id, suffixes=("_in", ""))
    for name in ("Region", "remark", "postcode"):
        assert merged[name].tolist() == merged[f"{name}_in"].tolist()
    assert found["age"].dtype == np.float64
    assert merged["age"].tolist() == merged["age_in"].tolist()
    assert "label_persona_name" in found  # ours gives way to theirs


def test_ingesting_again_changes_nothing_and_what_was_added_to_a_file_is_taken(
    engine: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    path, table = tmp_path / "april.csv", UnitTable(catalogue)
    for remark in ("first", "first", "second"):
        survey(catalogue).assign(remark=remark).to_csv(path, index=False)
        ingest_file(engine, table, path)

    assert out(engine, catalogue, APRIL)[0]["remark"].unique().tolist() == ["second"]
    with transaction(engine) as connection:
        count = text(f"SELECT count(*) FROM extra_columns_{table.name}")  # noqa: S608 - a name of our own
        assert connection.scalar(count) == 1


def test_waves_with_other_columns_stand_in_one_file_with_gaps(
    engine: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    names = ["Region", "remark", "postcode", "age", "persona_name"]
    survey(catalogue).drop(columns=names[1:]).to_csv(tmp_path / "april.csv", index=False)
    survey(catalogue, MAY).drop(columns=[names[0], *names[2:]]).to_csv(tmp_path / "may.csv", index=False)
    make_wave(catalogue, 5, 2.0, 3, Wave(2025, 6), labelled=False).drop(columns="segment").rename(
        columns={"unit_id": catalogue.columns.id}
    ).to_csv(tmp_path / "june.csv", index=False)
    for name in ("april", "may", "june"):
        ingest_file(engine, UnitTable(catalogue), tmp_path / f"{name}.csv")

    found, _ = out(engine, catalogue, APRIL, MAY, Wave(2025, 6))

    assert found["Region"].notna().tolist() == [True] * 30 + [False] * 35
    assert found["remark"].notna().tolist() == [False] * 30 + [True] * 30 + [False] * 5


def test_an_spss_file_gets_its_labels_back(engine: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    given = survey(catalogue).drop(columns=["Region", "persona_name"]).assign(sex=[1.0, 2.0] * 15)
    titles: dict[str, str | None] = {str(name): str(name) for name in given}
    titles["sex"] = "Sex of the respondent"
    pyreadstat.write_sav(
        given.assign(date=given["date"].dt.tz_localize(None)),
        str(tmp_path / "april.sav"),
        column_labels=titles,
        variable_value_labels={"sex": {1: "female", 2: "male"}},
    )
    ingest_file(engine, UnitTable(catalogue), tmp_path / "april.sav")

    found, described = out(engine, catalogue, APRIL)
    write_frames([found], tmp_path / "out.sav", described)

    read, about = pyreadstat.read_sav(str(tmp_path / "out.sav"))
    assert sorted(read["sex"].tolist()) == [1.0] * 15 + [2.0] * 15
    assert about.column_names_to_labels["sex"] == "Sex of the respondent"
    assert about.variable_value_labels["sex"] == {1.0: "female", 2.0: "male"}
    assert about.variable_value_labels["persona"]


def test_a_file_that_is_refused_leaves_none_and_a_corrected_wave_has_its_own(
    engine: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    path, table = tmp_path / "april.csv", UnitTable(catalogue)
    survey(catalogue).assign(remark="wrong").to_csv(path, index=False)
    ingest_file(engine, table, path)
    with transaction(engine) as connection:
        withdraw_wave(connection, table, APRIL, by="Ada", why="wrong file")
    survey(catalogue).assign(remark="right").to_csv(path, index=False)
    ingest_file(engine, table, path)
    assert set(out(engine, catalogue, APRIL)[0]["remark"]) == {"right"}


def test_columns_that_are_called_as_the_database_calls_its_own_come_out_as_well(
    engine: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    given = survey(catalogue).assign(unit_id="theirs", file="f", cells=1, segment="s", status="mine", survey_weight=2)
    given.to_csv(tmp_path / "april.csv", index=False)
    ingest_file(engine, UnitTable(catalogue), tmp_path / "april.csv")

    found, _ = out(engine, catalogue, APRIL)

    assert found.columns.is_unique
    for name in ("unit_id", "file", "cells", "segment", "status", "survey_weight"):
        assert found[name].tolist() == given[name].tolist()


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["18", "-3", ""], "Int64"),
        (["18.0", "2.50", "1e-05"], "float64"),
        (["0.1234567890123456", "7", ""], "float64"),
        (["007", "018", "100"], object),
        (["9007199254740993", "1", "2"], object),  # floating-point numbers do not know the first
        (["+5", "5", "6"], object),
        (["", "", ""], object),
    ],
)
def test_numbers_come_out_where_every_cell_is_one_that_a_number_can_hold(
    engine: Engine, catalogue: Catalogue, tmp_path: Path, cells: list[str], dtype: object
) -> None:
    survey(catalogue).assign(extra=cells * 10).to_csv(tmp_path / "april.csv", index=False)
    ingest_file(engine, UnitTable(catalogue), tmp_path / "april.csv")

    found, _ = out(engine, catalogue, APRIL)

    assert found["extra"].dtype == dtype
    if dtype is object:
        assert sorted(found["extra"]) == sorted(cells * 10)
