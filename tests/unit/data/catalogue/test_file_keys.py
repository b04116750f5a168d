"""What a catalogue says about survey files: columns in any words, labels, codes for nothing, reversed items."""

from pathlib import Path
from typing import Any

import pytest
from dtc_data import Catalogue, load_catalogue
from dtc_data.catalogue import Feature, parse_answers
from dtc_data.surveys import read_survey_file
from pydantic import ValidationError

FEATURES: list[dict[str, Any]] = [
    {"name": "price", "column": "Q1: The price\nmatters  to me", "type": "grade", "minimum": 1, "maximum": 5},
    {"name": "owns_car", "type": "yes_no", "labels": {1: 1, 2: 0}, "missing": [9]},
]


def answers(feature: dict[str, Any], *cells: str) -> list[float | None]:
    values, objections = parse_answers(cells, Feature.model_validate({"name": "a"} | feature), missing_allowed=True)
    assert not objections
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN


def objection(feature: dict[str, Any], cell: str) -> str:
    return parse_answers([cell], Feature.model_validate({"name": "a"} | feature), missing_allowed=True)[1][0]


def test_labels_are_read_as_their_answers_whatever_their_case_and_spaces() -> None:
    feature = {"minimum": 1, "maximum": 5, "labels": {"Strongly agree": 5, "Strongly disagree": 1}}

    assert answers(feature, "Strongly agree", " strongly  AGREE ", "4", "Strongly disagree", "") == [5, 5, 4, 1, None]


def test_yes_and_no_without_quotes_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: Mine\nfeatures:\n- {name: a, minimum: 0, maximum: 1, labels: {Yes: 1, No: 0}}\n"
        "segments: [{id: 1, name: A, centroid: [1]}, {id: 2, name: B, centroid: [0]}]\n"
    )
    feature = load_catalogue(path).features[0]

    assert parse_answers(["Yes", "no", "NO", "1"], feature, missing_allowed=False)[0].tolist() == [1, 0, 0, 1]


def test_numbers_as_labels_recode_the_answers_and_leave_no_other_number() -> None:
    feature = FEATURES[1] | {"name": "a"}

    assert answers(feature, "1", "2", "2.0", "9", "yes") == [1, 0, 0, None, 1]
    assert objection(feature, "0") == "'0' is none of the catalogue's labels (1, 2)"


def test_labels_of_values_in_words_are_values() -> None:
    feature = {"type": "category", "values": {"north": 0.5, "south": 0.5}, "labels": {"N": "north", 2: "south"}}

    assert answers(feature, "N", "2", "south", "north") == [0, 1, 1, 0]


def test_a_word_that_is_no_label_is_refused_with_the_labels() -> None:
    assert "'Maybe' is none of the catalogue's labels (Yes, No), nor a number from 0 to 1" in objection(
        {"minimum": 0, "maximum": 1, "labels": {"Yes": 1, "No": 0}}, "Maybe"
    )


def test_without_a_range_any_code_can_stand_for_a_missing_answer() -> None:
    assert answers({"missing": [99, "NA"]}, "98", "99", "99.0", "NA") == [98, None, None, None]
    with pytest.raises(ValidationError, match=r"missing code 99\.0 is a valid answer, too"):
        answers({"minimum": 0, "maximum": 100, "missing": [99]}, "98")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"labels": {"agree": 5, "Agree ": 4}}, "'agree' is given twice"),
        ({"labels": {"agree": "x"}}, "'agree' stands for 'x', which is not an answer"),
        (
            {"labels": {"agree": 6}, "minimum": 1, "maximum": 5},
            "'agree' stands for 6.0, which is not an answer from 1 to 5",
        ),
        ({"labels": {"agree": 1.5}, "type": "grade", "minimum": 1, "maximum": 5}, "answers are whole numbers"),
        (
            {"labels": {"N": "east"}, "type": "grade", "values": ["north", "south"]},
            "not one of the values north, south",
        ),
        ({"labels": {"DK": 9}, "missing": ["dk"]}, "'DK' stands for a missing answer, too"),
        ({"labels": {"DK": 9}, "missing": [9]}, "'DK' stands for a missing answer, too"),
    ],
)
def test_labels_that_cannot_be_are_refused(entry: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected.replace("(", r"\(")):
        answers(entry, "1")


def test_reverse_is_another_word_for_reversed() -> None:
    one, other = (
        Feature.model_validate({"name": "a", "minimum": 1, "maximum": 5, key: True}) for key in ("reverse", "reversed")
    )

    assert one == other
    assert one.reversed


def test_files_call_features_and_segment_what_the_catalogue_says(tmp_path: Path, small_catalogue: Catalogue) -> None:
    document = small_catalogue.model_dump() | {"features": FEATURES, "columns": {"segment": "Typ"}}
    document["segments"] = [entry | {"centroid": [1, 0.5 + n / 10]} for n, entry in enumerate(document["segments"])]
    catalogue = Catalogue.model_validate(document)
    path = tmp_path / "survey.csv"
    path.write_text("date,Q1: The price matters to me,owns_car,Typ\n2025-01-15,4,2,7\n")

    units = read_survey_file(path, catalogue)

    assert units[["price", "owns_car", "segment"]].to_numpy().tolist() == [[4.0, 0.0, 7]]


def test_two_features_with_one_column_are_refused(small_catalogue: Catalogue) -> None:
    features = [{"name": "price", "column": "ecology"}, *small_catalogue.model_dump()["features"][1:]]

    with pytest.raises(ValidationError, match="'ecology' is given twice"):
        Catalogue.model_validate(small_catalogue.model_dump() | {"features": features})
