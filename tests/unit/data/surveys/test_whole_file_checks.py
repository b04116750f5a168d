"""What only the whole file shows: one fieldwork in two months, and 99 for don't know where no range keeps it out."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SurveyFileError
from dtc_data.surveys import FileOptions, read_survey_file

Write = Callable[..., Path]


@pytest.fixture
def catalogue_without_ranges() -> Catalogue:
    """Two questions without a range, one that may not be above 100, one that is a grade."""
    return Catalogue.model_validate(
        {
            "name": "open",
            "registered_model": "open",
            "unit_table": "open",
            "missing_answers": {"minimum_answered": 1},
            "features": [
                {"name": "q1"},
                {"name": "q2"},
                {"name": "age", "maximum": 100},
                {"name": "grade", "type": "grade", "minimum": 1, "maximum": 99},
            ],
            "segments": [
                {"id": 1, "name": "A", "centroid": [1, 1, 30, 2]},
                {"id": 2, "name": "B", "centroid": [5, 5, 60, 90]},
            ],
        }
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of respondents with these answers to q1, at these dates."""

    def write(
        answers: list[float], dates: list[str] | None = None, ages: list[float] | None = None, grade: float = 3
    ) -> Path:
        n = len(answers)
        frame = pd.DataFrame(
            {
                "customer_id": [f"c{number}" for number in range(n)],
                "date": dates or ["2025-01-15"] * n,
                "q1": answers,
                "q2": [1 + number % 5 for number in range(n)],
                "age": ages or [20 + number for number in range(n)],
                "grade": [grade] * n,
            }
        )
        path = tmp_path / "survey.csv"
        frame.to_csv(path, index=False)
        return path

    return write


ONE_TO_FIVE = [1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("first", "last"), [("2025-01-28", "2025-02-03"), ("2025-01-31", "2025-02-01"), ("2024-12-20", "2025-01-15")]
)
def test_one_fieldwork_in_two_months_is_refused_with_the_ways_out(
    write: Write, catalogue_without_ranges: Catalogue, first: str, last: str
) -> None:
    path = write([1.0, 5.0], [first, last])
    with pytest.raises(SurveyFileError) as refused:
        read_survey_file(path, catalogue_without_ranges)
    for words in (first, last, f"--wave {first[:7]} --allow wave", "--allow fieldwork: makes a wave of each month"):
        assert words in str(refused.value)

    one = read_survey_file(
        path, catalogue_without_ranges, FileOptions(wave=Wave.parse(first[:7]), allow=frozenset({"wave"}))
    )
    assert set(one["date"].dt.strftime("%Y-%m")) == {first[:7]}
    two = read_survey_file(path, catalogue_without_ranges, FileOptions(allow=frozenset({"fieldwork"})))
    assert list(two["date"].dt.strftime("%Y-%m")) == [first[:7], last[:7]]


@pytest.mark.parametrize(
    "dates",
    [
        ["2025-01-02", "2025-01-30"],
        ["2025-01-15", "2025-02-16"],
        ["2025-01-15", "2025-02-15", "2025-03-15"],
        ["2025-01-01", "2025-02-02"],
    ],
)
def test_a_month_and_months_that_follow_each_other_are_no_torn_fieldwork(
    write: Write, catalogue_without_ranges: Catalogue, dates: list[str]
) -> None:
    units = read_survey_file(write(ONE_TO_FIVE[: len(dates)], dates), catalogue_without_ranges)
    assert list(units["date"].dt.strftime("%Y-%m-%d")) == dates


@pytest.mark.parametrize("code", [99.0, 98.0, 999.0, -99.0, -9.0])
def test_a_code_far_from_all_answers_is_refused_where_no_range_is_declared(
    write: Write, catalogue_without_ranges: Catalogue, code: float
) -> None:
    path = write([*ONE_TO_FIVE, code, code])
    with pytest.raises(SurveyFileError) as refused:
        read_survey_file(path, catalogue_without_ranges)
    for words in (
        "code in column 'q1': 2",
        "line 7",
        f"{code:g} stands here 2 times, and all other answers lie between 1 and 5",
        f"missing: [{code:g}] for 'q1'",
    ):
        assert words in str(refused.value)
    allowed = read_survey_file(path, catalogue_without_ranges, FileOptions(allow=frozenset({"code"})))
    assert allowed["q1"].tolist()[-1] == code


def test_a_code_that_the_catalogue_declares_is_a_missing_answer(
    write: Write, catalogue_without_ranges: Catalogue
) -> None:
    document = catalogue_without_ranges.model_dump(by_alias=True)
    document["features"][0]["missing"] = [99]
    units = read_survey_file(write([*ONE_TO_FIVE, 99.0]), Catalogue.model_validate(document))
    assert units["q1"].isna().tolist() == [False] * 5 + [True]


@pytest.mark.parametrize(
    "answers",
    [
        [0.5, 30.0, 60.0, 98.5, 99.0],  # within the others
        [70.0, 80.0, 90.0, 95.0, 99.0],  # near them
        [1.0, 2.0, 3.0, 4.0, 98.5],  # no code
        [7.0, 8.0, 9.0, 9.0, 9.0],
    ],
)
def test_what_may_be_an_answer_is_one(write: Write, catalogue_without_ranges: Catalogue, answers: list[float]) -> None:
    assert read_survey_file(write(answers), catalogue_without_ranges)["q1"].tolist() == answers


def test_a_declared_limit_says_that_it_is_an_answer(write: Write, catalogue_without_ranges: Catalogue) -> None:
    path = write(ONE_TO_FIVE, ages=[20, 21, 22, 23, 99], grade=99)
    assert read_survey_file(path, catalogue_without_ranges)["age"].tolist()[-1] == 99
