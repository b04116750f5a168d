"""Catalogues drafted from what vendors deliver."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from dtc_data import Catalogue
from dtc_data.core import SurveyFileError
from dtc_data.surveys import read_survey_file
from dtc_model.rule import SegmentModel
from dtc_service.delivery import (
    CatalogueDraft,
    compare_with_vendor,
    draft_from_centroids,
    draft_from_labels,
    read_table,
    write_catalogue,
)
from dtc_service.errors import OutputError

ROWS = "persona,description,Likes spice?,Speed (1-5)\nQuick,In a hurry,1.5,4.5\nHot,Sweats,4.5,2\nPlain,,1.25,1.75\n"
NAMES = ("Quick", "Hot", "Plain")
CENTROIDS = [[1.5, 4.5], [4.5, 2.0], [1.25, 1.75]]

Draft = Callable[..., CatalogueDraft]


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Any]:
    def read(text: str, encoding: str = "utf-8") -> Any:
        path = tmp_path / "delivered.csv"
        path.write_bytes(text.encode(encoding))
        return read_table(path)

    return read


def written(draft: CatalogueDraft, tmp_path: Path) -> Catalogue:
    return write_catalogue(draft, tmp_path / "my_survey.yaml")


def test_segments_in_rows_become_segments_with_names_and_descriptions(table: Any, tmp_path: Path) -> None:
    catalogue = written(draft_from_centroids(table(ROWS)), tmp_path)

    assert catalogue.segment_names == NAMES
    assert [segment.description for segment in catalogue.segments] == ["In a hurry", "Sweats", ""]
    assert catalogue.centroids.tolist() == CENTROIDS
    assert catalogue.feature_names == ("likes_spice", "speed_1_5")
    assert [feature.file_column for feature in catalogue.features] == ["Likes spice?", "Speed (1-5)"]
    assert (catalogue.unit_table, catalogue.registered_model) == ("my_survey", "my_survey")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_questions_in_rows_with_semicolons_and_decimal_commas_are_turned(
    table: Any, tmp_path: Path, encoding: str
) -> None:
    text = "Frage;Text;Quick;Hot;Plain\nf1;Wie schärf?;1,5;4,5;1,25\nf2;Wie schnell?;4,5;2;1,75\n"

    catalogue = written(draft_from_centroids(table(text, encoding)), tmp_path)

    assert catalogue.segment_names == NAMES
    assert catalogue.centroids.tolist() == CENTROIDS
    assert catalogue.features[0].question == "Wie schärf?"


def test_an_excel_file_with_empty_rows_and_columns_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        [],
        [None, "persona", "spice", None, "speed"],
        [None, "Quick", 1.5, None, 4.5],
        [],
        [None, "Hot", 4.5, None, 2],
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "delivered.xlsx")

    catalogue = written(draft_from_centroids(read_table(tmp_path / "delivered.xlsx")), tmp_path)

    assert catalogue.centroids.tolist() == CENTROIDS[:2]


@pytest.mark.parametrize("label", [None, "Cluster"])
def test_a_table_below_its_title_on_a_later_sheet_is_found(label: str | None, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    names = ["Cluster", "spice", "speed", "noise", "size"]
    book.worksheets[0].append(["Report of the agency"])
    sheet = book.create_sheet("Table 3")
    for row in (["Kitchens, January 2025"], ["n =", 3], [], names, ["A", 1, 4, 3, 2], ["B", 2, 5, 1, 2]):
        sheet.append(row)
    book.save(tmp_path / "delivered.xlsx")

    found = read_table(tmp_path / "delivered.xlsx", label)

    assert found.names == tuple(names)
    assert found.rows == (("A", "1", "4", "3", "2"), ("B", "2", "5", "1", "2"))


def test_a_labelled_spss_file_gives_names_to_its_codes_and_agrees_with_itself(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    segments = np.repeat([1.0, 2.0], 40)
    answers = pd.DataFrame({"spice": segments * 3, "speed": 5 - segments}) + random.normal(0, 0.3, (80, 2))
    survey = answers.assign(cluster=segments, date="2025-01-03")
    labels: dict[str, dict[int | float, str]] = {
        "cluster": {1: "Thrifty", 2: "Homely"}
    }  # not in the order of the alphabet
    pyreadstat.write_sav(survey, str(tmp_path / "labelled.sav"), variable_value_labels=labels)

    catalogue = written(draft_from_labels(read_table(tmp_path / "labelled.sav"), "cluster"), tmp_path)

    assert [(segment.id, segment.name) for segment in catalogue.segments] == [(1, "Thrifty"), (2, "Homely")]
    found = compare_with_vendor(read_survey_file(tmp_path / "labelled.sav", catalogue), catalogue)
    assert found.to_dict()["agreement"] == 1


@pytest.mark.parametrize("kind", ["parquet", "txt"])
def test_what_a_vendor_delivers_may_be_of_any_kind_that_surveys_are(tmp_path: Path, kind: str) -> None:
    delivered = pd.DataFrame({"persona": NAMES, "spice": [row[0] for row in CENTROIDS], "speed": [4.5, 2.0, 1.75]})
    path = tmp_path / f"delivered.{kind}"
    delivered.to_parquet(path) if kind == "parquet" else delivered.to_csv(path, sep="\t", index=False)
    assert written(draft_from_centroids(read_table(path)), tmp_path).centroids.tolist() == CENTROIDS


def z_scores(lying: str) -> str:
    """The same segments in z-scores, by means 2 and 3 and standard deviations 0.5 and 2."""
    z = (np.array(CENTROIDS) - [2, 3]) / [0.5, 2]
    if lying == "rows":
        lines = [f"{name},{a},{b}" for name, (a, b) in zip(NAMES, z.tolist(), strict=True)]
        return "\n".join(["persona,spice,speed", *lines, "Mean,2,3", "SD,0.5,2"])
    lines = [
        ",".join(map(str, [name, *z[:, at], m, s]))
        for at, (name, m, s) in enumerate([("spice", 2, 0.5), ("speed", 3, 2)])
    ]
    return "\n".join([f"item,{','.join(NAMES)},mean,sd", *lines])


@pytest.mark.parametrize("lying", ["rows", "columns"])
def test_z_scores_with_means_and_sds_label_as_the_vendor_did(table: Any, tmp_path: Path, lying: str) -> None:
    catalogue = written(draft_from_centroids(table(z_scores(lying))), tmp_path)

    answers = np.random.default_rng(1).uniform(1, 5, (500, 2))
    standardised = (answers - [2, 3]) / [0.5, 2]
    vendor = ((standardised[:, None] - (np.array(CENTROIDS) - [2, 3]) / [0.5, 2]) ** 2).sum(axis=2).argmin(axis=1)
    assert catalogue.centroid_units == "z"
    assert (SegmentModel.from_catalogue(catalogue).nearest(answers) == vendor).all()


def test_answers_beside_means_and_sds_are_not_taken_for_z_scores(table: Any, tmp_path: Path) -> None:
    text = "item,Quick,Hot,Plain,mean,sd\nspice,1.5,4.5,1.25,2,0.5\nspeed,4.5,2,1.75,3,2\n"

    catalogue = written(draft_from_centroids(table(text)), tmp_path)

    assert catalogue.centroid_units == "answers"
    assert catalogue.centroids.tolist() == CENTROIDS
    assert catalogue.features[0].sd == 0.5


def test_z_scores_without_means_are_told_in_the_file(table: Any, tmp_path: Path) -> None:
    draft = draft_from_centroids(table("persona,a,b,c\nOne,-1.2,0.9,0.8\nTwo,0.7,-1.1,0.1\nThree,0.4,0.3,-0.8\n"))
    written(draft, tmp_path)

    assert "look like z-scores" in (tmp_path / "my_survey.yaml").read_text(encoding="utf-8")


def test_percentages_are_shares_of_yes(table: Any, tmp_path: Path) -> None:
    catalogue = written(draft_from_centroids(table("persona,a,b\nOne,10%,90 %\nTwo,80%,5%\n")), tmp_path)

    assert catalogue.centroids.tolist() == [[0.1, 0.9], [0.8, 0.05]]
    assert {feature.type for feature in catalogue.features} == {"yes_no"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("persona,a,b\nOne,1,2\nTwo,3,\n", "'Two' to 'b'"),
        ("item,One,Two,mean\na,1,2,1\n", "only one of them"),
        ("persona,a\nOne,1\n", "at least two segments"),
        ("persona,a,a\nOne,1,2\nTwo,3,4\n", "'a' is there twice"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_place(table: Any, text: str, named: str) -> None:
    with pytest.raises(SurveyFileError, match=named):
        draft_from_centroids(table(text))


def test_a_catalogue_that_is_there_is_not_written_over(table: Any, tmp_path: Path) -> None:
    (tmp_path / "my_survey.yaml").write_text("mine", encoding="utf-8")

    with pytest.raises(OutputError, match="exists already"):
        written(draft_from_centroids(table(ROWS)), tmp_path)

    assert (tmp_path / "my_survey.yaml").read_text(encoding="utf-8") == "mine"


def survey(n: int = 400, spread: float = 1.0) -> str:
    """A labelled survey with a grade, words, yes and no in words, gaps, a code for don't know, and comments."""
    rng = np.random.default_rng(3)
    lines = ["RespID,Datum,Wie oft?,Region,Auto,amount,comment,cluster"]
    for number in range(n):
        group = number % 3
        grade = int(np.clip(rng.normal((1.5, 3, 4.5)[group], 0.6), 1, 5).round())
        often = 99 if number % 40 == 7 else "" if number % 40 == 9 else grade
        region = ("north", "south", "abroad")[group if rng.random() < 0.8 else int(rng.integers(3))]
        car = ("Ja", "Nein")[int(rng.random() < (0.1, 0.5, 0.9)[group])]
        amount = round(float(rng.normal(100 + spread * group, spread)), 1)
        lines.append(f"R{number},2025-01-15,{often},{region},{car},{amount},said {number},{('A', 'B', 'C')[group]}")
    return "\n".join(lines)


def test_a_labelled_survey_gives_types_codes_and_typical_answers(table: Any, tmp_path: Path) -> None:
    draft = draft_from_labels(table(survey()), "cluster")
    catalogue = written(draft, tmp_path)

    by_name = {feature.name: feature for feature in catalogue.features}
    assert {name: feature.type for name, feature in by_name.items()} == {
        "wie_oft": "grade",
        "region": "category",
        "auto": "yes_no",
        "amount": "number",
    }
    assert by_name["wie_oft"].missing == (99.0,)
    assert dict(by_name["auto"].labels) == {"Ja": 1.0, "Nein": 0.0}
    assert [segment.code for segment in catalogue.segments] == ["A", "B", "C"]
    assert (catalogue.columns.id, catalogue.columns.date, catalogue.segment_column) == (
        "RespID",
        "Datum",
        catalogue.segment_column,
    )
    assert catalogue.minimum_answered == 3
    assert any("comment" in assumption for assumption in draft.assumptions)


@pytest.mark.parametrize(("spread", "standardised"), [(1.0, False), (100.0, True)])
def test_scales_are_those_that_give_more_of_the_vendors_labels(
    table: Any, tmp_path: Path, spread: float, *, standardised: bool
) -> None:
    catalogue = written(draft_from_labels(table(survey(spread=spread)), "cluster"), tmp_path)

    assert (catalogue.features[-1].sd is not None) == standardised


def test_a_label_column_that_is_not_there_is_named_with_those_that_are(table: Any) -> None:
    with pytest.raises(SurveyFileError, match="no column 'segment'; there are RespID, Datum"):
        draft_from_labels(table(survey()), "segment")


def test_dates_are_known_by_their_cells_and_are_no_question(table: Any, tmp_path: Path) -> None:
    draft = draft_from_labels(table(survey().replace("Datum", "Interview")), "cluster")

    assert draft.columns["date"] == "Interview"
    assert "interview" not in written(draft, tmp_path).feature_names


def test_an_spss_file_gives_the_words_of_its_questions_and_segments(tmp_path: Path) -> None:
    answers = pd.DataFrame({"RESPID": list("abcdef"), "Q1": [1.0, 2, 1, 5, 4, 5], "kind": [1.0, 1, 1, 2, 2, 2]})
    answers.insert(1, "INT", pd.date_range("2025-01-03", periods=6))
    pyreadstat.write_sav(
        answers,
        str(tmp_path / "labelled.sav"),
        column_labels={"Q1": "I cook every day"},
        variable_value_labels={"kind": {1: "Orderers", 2: "Cooks"}},
        variable_format={"INT": "DATE11"},
    )
    catalogue = written(draft_from_labels(read_table(tmp_path / "labelled.sav"), "kind"), tmp_path)

    assert [(feature.name, feature.question) for feature in catalogue.features] == [("q1", "I cook every day")]
    assert (catalogue.columns.date, catalogue.segment_names) == ("INT", ("Orderers", "Cooks"))
