"""Files written back with labels: the labels are the service's, and everything else stays as it was."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from dtc_data import Catalogue
from dtc_data.core import SurveyFileError
from dtc_data.surveys import FileOptions, RefusedFileError
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel, measure_reference
from dtc_service.batch import FileLabeller, FileLabels
from dtc_service.formats import CSV, Labels
from dtc_service.serving.labeller import Labeller
from hypothesis import given
from hypothesis import strategies as st

ADDED = ("persona", "persona_name", "runner_up", "margin", "probability", "fit", "status", "model_version")
OPTIONS = FileOptions()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Three features, of which one may be missing."""
    return Catalogue.model_validate(
        {
            "name": "small",
            "unit_table": "small_features",
            "registered_model": "small_model",
            "missing_answers": {"minimum_answered": 2},
            "features": [
                {"name": "price", "column": "Is the price, for you, important?", "labels": {"Very": 5}},
                {"name": "ecology"},
                {"name": "visits", "scale": 10.0},
            ],
            "personas": [
                {"id": 7, "name": "Thrifty; Theo", "centroid": [1.0, 2.0, 30.0]},
                {"id": 3, "name": "Green Greta", "centroid": [4.0, 5.0, 10.0]},
            ],
        }
    )


@pytest.fixture(scope="module")
def model(catalogue: Catalogue) -> SegmentModel:
    plain = SegmentModel.from_catalogue(catalogue)
    answers = np.random.default_rng(1).normal(size=(200, 3)) * [2, 2, 10] + [2.5, 3.5, 20]
    return replace(plain, reference=measure_reference(plain, "2025-01", answers))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Answers of 1,000 respondents, some missing and some far from everything."""
    drawn = np.random.default_rng(2).normal(size=(1000, 3)) * [4, 4, 20] + [2.5, 3.5, 20]
    drawn[np.random.default_rng(3).random(drawn.shape) < 0.1] = np.nan
    drawn[0], drawn[1] = [2.5, 3.5, 20], [np.nan] * 3  # a tie, and nothing at all
    return pd.DataFrame(drawn.round(3), columns=["price", "ecology", "visits"])


def survey_of(answers: pd.DataFrame) -> pd.DataFrame:
    """Put other columns around the answers, as surveys have them."""
    return pd.DataFrame(
        {
            "Who": [f"Müller {number}" for number in range(len(answers))],
            "visits": answers["visits"],
            "note": ['said "no", twice', ""] * (len(answers) // 2),
            "Is the price, for you, important?": answers["price"],
            "ecology": answers["ecology"],
        }
    )


def label(
    path: Path, catalogue: Catalogue, model: SegmentModel, options: FileOptions = OPTIONS
) -> tuple[Path, FileLabels]:
    out = path.with_name(f"labelled{path.suffix}")
    return out, FileLabeller(catalogue, model, "4").label(path, out, options)


def service(answers: pd.DataFrame, catalogue: Catalogue, model: SegmentModel) -> Labels:
    """Return what the service says about the answers."""
    labeller = Labeller(ServedModel("4", model), catalogue, 10_000, 10**7)
    return labeller.label(labeller.requests.read(answers.to_csv(index=False).encode(), CSV), full=True)


def hold_to_service(labelled: pd.DataFrame, said: Labels, *, within: float = 0.0) -> None:
    facts = dict(said.facts())
    nothing = labelled["persona"].isna()
    assert [None if gap else int(value) for value, gap in zip(labelled["persona"], nothing, strict=True)] == said.labels
    names = zip(labelled["persona_name"], nothing, strict=True)
    assert [None if gap else name for name, gap in names] == said.segments
    assert labelled["status"].tolist() == facts["status"].tolist()
    for name in ("margin", "probability", "fit"):
        np.testing.assert_allclose(labelled[name].to_numpy(dtype=float), facts[name], rtol=0, atol=within)
    assert set(labelled["model_version"].astype(str)) == {"4"}


def test_a_csv_file_comes_back_as_it_was_with_the_service_s_labels(
    tmp_path: Path, catalogue: Catalogue, model: SegmentModel, answers: pd.DataFrame
) -> None:
    path = tmp_path / "survey.csv"
    survey_of(answers).to_csv(path, index=False, sep=";", decimal=",", encoding="utf-16", lineterminator="\r\n")

    out, labels = label(path, catalogue, model)

    before, after = (one.read_bytes().decode("utf-16").split("\r\n") for one in (path, out))
    assert all(new.startswith(old + ";") for old, new in zip(before[:-1], after[:-1], strict=True))
    labelled = pd.read_csv(out, sep=";", decimal=",", encoding="utf-16", float_precision="round_trip")
    hold_to_service(labelled, service(answers, catalogue, model))
    assert labels.columns == ADDED
    assert labels.units == 1000
    assert labels.unlabelled == int(labelled["persona"].isna().sum()) > 0


def test_a_parquet_file_keeps_its_columns_and_their_types(
    tmp_path: Path, catalogue: Catalogue, model: SegmentModel, answers: pd.DataFrame
) -> None:
    path = tmp_path / "survey.parquet"
    survey_of(answers).astype({"note": "category"}).to_parquet(path, index=False)

    out, _ = label(path, catalogue, model)

    before, after = pq.read_table(path), pq.read_table(out)
    assert after.select(before.column_names).equals(before)
    hold_to_service(after.to_pandas(), service(answers, catalogue, model))


def test_an_spss_file_keeps_all_that_is_known_of_its_variables_and_gets_labelled_ones(
    tmp_path: Path, catalogue: Catalogue, model: SegmentModel, answers: pd.DataFrame
) -> None:
    path = tmp_path / "survey.sav"
    frame = survey_of(answers).rename(columns={"Is the price, for you, important?": "Q1"})
    frame["sex"], frame["when"] = 1.0, pd.Timestamp("2025-01-15").date()
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label="Our survey",
        column_labels={"Q1": "Is the price, for you, important?"},
        variable_value_labels={"sex": {1: "female", 2: "male", 9: "refused"}, "Q1": {5: "Very"}},
        missing_ranges={"sex": [9]},
        variable_measure={"sex": "nominal"},
    )

    out, _ = label(path, catalogue, model)

    (before, old), (after, new) = (pyreadstat.read_sav(str(one), user_missing=True) for one in (path, out))
    pd.testing.assert_frame_equal(after[before.columns], before)
    for kept in (
        "column_names_to_labels",
        "variable_value_labels",
        "missing_ranges",
        "variable_measure",
        "original_variable_types",
    ):
        assert getattr(old, kept).items() <= getattr(new, kept).items(), kept
    assert new.variable_value_labels["persona"] == {7: "Thrifty; Theo", 3: "Green Greta"}
    assert new.column_names_to_labels["persona"] == "Persona by small, version 4"
    hold_to_service(after, service(answers, catalogue, model))


def test_an_excel_file_keeps_its_other_sheets_and_formulas(
    tmp_path: Path, catalogue: Catalogue, model: SegmentModel, answers: pd.DataFrame
) -> None:
    path = tmp_path / "survey.xlsx"
    few = answers.head(50)
    with pd.ExcelWriter(path) as book:
        survey_of(few).to_excel(book, sheet_name="Data", index=False, startrow=2)
    book = openpyxl.load_workbook(path)
    book["Data"]["A1"] = "=1+1"
    book.create_sheet("Notes")["B2"] = "kept"
    book.save(path)

    out, _ = label(path, catalogue, model)

    after = openpyxl.load_workbook(out)
    assert after["Data"]["A1"].value == "=1+1"
    assert after["Notes"]["B2"].value == "kept"
    labelled = pd.read_excel(out, sheet_name="Data", header=2)
    assert labelled.columns[:5].tolist() == survey_of(few).columns.tolist()
    hold_to_service(labelled, service(few, catalogue, model), within=1e-12)  # openpyxl writes 16 digits


@given(rows=st.lists(st.tuples(*[st.none() | st.floats(-1e6, 1e6)] * 3), min_size=1, max_size=30))
def test_any_answers_get_the_service_s_labels(
    rows: list[Any], tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, model: SegmentModel
) -> None:
    path = tmp_path_factory.mktemp("any") / "survey.csv"
    answers = pd.DataFrame(rows, columns=["price", "ecology", "visits"], dtype=float)
    answers.assign(more="x").to_csv(path, index=False)

    out, _ = label(path, catalogue, model)

    hold_to_service(pd.read_csv(out, float_precision="round_trip"), service(answers, catalogue, model))


def test_labels_of_the_catalogue_are_read_as_answers(tmp_path: Path, catalogue: Catalogue, model: SegmentModel) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("price,ecology,visits\nVery,5,10\n5,5,10\n")

    labelled = pd.read_csv(label(path, catalogue, model)[0])

    assert labelled["margin"].tolist() == [labelled["margin"][0]] * 2


def test_columns_of_a_labelled_file_are_not_touched_when_it_is_labelled_again(
    tmp_path: Path, catalogue: Catalogue, model: SegmentModel
) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("price,ecology,visits,Persona\n1,2,30,what the vendor says\n")

    out, labels = label(path, catalogue, model)

    assert labels.columns == tuple(f"label_{name}" for name in ADDED)
    assert pd.read_csv(out)["Persona"].tolist() == ["what the vendor says"]


class TestRefusal:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        (tmp_path / "survey.csv").write_text("price,ecology,visits\n1,x,30\n1,2,30\n")
        return tmp_path / "survey.csv"

    def test_nothing_is_written_before_all_is_checked(
        self, path: Path, catalogue: Catalogue, model: SegmentModel
    ) -> None:
        with pytest.raises(
            RefusedFileError, match=r"nothing was written, since there is 1 problem in 1 of 2 lines \(unreadable\)"
        ):
            label(path, catalogue, model)
        assert [one.name for one in path.parent.iterdir()] == ["survey.csv"]

    def test_what_is_allowed_counts_as_missing(self, path: Path, catalogue: Catalogue, model: SegmentModel) -> None:
        out, labels = label(path, catalogue, model, FileOptions(allow=frozenset({"unreadable"})))

        assert pd.read_csv(out)["persona"].tolist() == [7, 7]
        assert "may pass" in labels.remarks[1]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("survey.csv", "is the file itself"),
            ("out.sav", r"let the name end with \.csv"),
            ("nowhere/out.csv", "name a file in a folder that is there"),
        ],
    )
    def test_a_place_that_would_not_do_is_refused(
        self, name: str, expected: str, path: Path, catalogue: Catalogue, model: SegmentModel
    ) -> None:
        with pytest.raises(SurveyFileError, match=expected):
            FileLabeller(catalogue, model, "4").label(path, path.parent / name, OPTIONS)


@pytest.mark.parametrize("change", ["changed in place", "replaced", "removed"])
def test_a_file_that_is_changed_between_the_check_and_the_labels_is_refused(
    change: str, catalogue: Catalogue, model: SegmentModel, answers: pd.DataFrame, tmp_path: Path
) -> None:
    path, out = tmp_path / "survey.csv", tmp_path / "labelled.csv"
    text = survey_of(answers).to_csv(index=False)
    path.write_text(text)

    def tell(what: str, rows: int) -> None:
        if what == "Checking" and rows == len(answers):
            other = tmp_path / "other.csv"
            other.write_text(text + text.splitlines()[-1] + "\n")
            if change == "changed in place":
                path.write_text(other.read_text())
            elif change == "replaced":
                other.replace(path)
            else:
                path.unlink()

    with pytest.raises(SurveyFileError, match=r"survey\.csv: the file (was changed while it was read|cannot be read)"):
        FileLabeller(catalogue, model, "4").label(path, out, OPTIONS, tell)
    assert not out.exists()
    assert not list(tmp_path.glob(".*draft*"))
