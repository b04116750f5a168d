"""Weights in survey files."""

import pytest
from dtc_data import Catalogue
from fakes.survey_files import GOOD_ROW, HEADER, Reader, refusal

WEIGHTED = "customer_id,date,price,ecology,visits,weight"


def test_they_are_read_where_the_file_has_them(read: Reader) -> None:
    units = read(WEIGHTED, "A,2025-01-15,1,2,3,0.5", "B,2025-01-15,1,2,3, 2e0", "C,2025-01-15,1,2,3,0")

    assert units["survey_weight"].tolist() == [0.5, 2.0, 0.0]
    assert units["survey_weight"].dtype == "float64"


def test_the_catalogue_says_what_the_column_is_called(read: Reader, strict: Catalogue) -> None:
    renamed = Catalogue.model_validate(strict.model_dump() | {"columns": {"weight": "Design weight"}})

    lines = (WEIGHTED.replace("weight", "Design weight"), "A,2025-01-15,1,2,3,0.5")
    assert read(*lines, catalogue=renamed)["survey_weight"].tolist() == [0.5]
    assert "survey_weight" not in read(WEIGHTED, "A,2025-01-15,1,2,3,0.5", catalogue=renamed)


def test_without_the_column_there_are_none(read: Reader) -> None:
    assert "survey_weight" not in read(HEADER, GOOD_ROW)


def test_derived_ids_do_not_depend_on_them(read: Reader) -> None:
    header, row = "date,price,ecology,visits", "2025-01-15,1,2,3"

    assert read(header, row)["unit_id"].equals(read(f"{header},weight", f"{row},0.7")["unit_id"])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", "the weight is missing: give every respondent one, or leave the column out"),
        ("-0.1", "'-0.1' is not a weight: write a number from 0 to 1,000,000,000"),
        ("nan", "'nan' is not a weight"),
        ("inf", "'inf' is not a weight"),
        ("1e10", "'1e10' is not a weight"),
        ("much", "'much' is not a weight"),
        ('"1,5"', "'1,5' is not a weight"),
    ],
)
def test_a_bad_weight_is_named_with_its_line_and_column(cell: str, expected: str, read: Reader) -> None:
    message = refusal(read, WEIGHTED, "A,2025-01-15,1,2,3,1", f"B,2025-01-15,1,2,3,{cell}")

    assert f"line 3, column 'weight': {expected}" in message


def test_a_wave_in_which_nobody_would_count_is_refused(read: Reader) -> None:
    rows = ("A,2025-01-15,1,2,3,1", "B,2025-02-15,1,2,3,0", "C,2025-02-16,1,2,3,0")

    message = refusal(read, WEIGHTED, *rows)

    assert "line 3, column 'weight': all weights of 2025-02 are 0" in message
    assert "line 2" not in message
