"""Which quarters a run on stores takes, and what it says where there are too few."""

import pytest
from dtc_data.core import RetailDataError
from dtc_data.stores import Quarter
from dtc_stack.jobs.store_run import chosen_quarters

QUARTERS = [Quarter.parse(f"{year}Q{number}") for year in (2023, 2024) for number in (1, 2, 3, 4)]


def test_a_year_before_the_last_quarter_is_the_reference_unless_a_person_names_another() -> None:
    assert chosen_quarters(QUARTERS, None) == QUARTERS[-5:]
    assert chosen_quarters(QUARTERS, QUARTERS[-2]) == QUARTERS[-2:]


def test_of_a_single_year_too_little_is_complete_and_the_way_out_is_named() -> None:
    with pytest.raises(RetailDataError, match="the files give 2024Q4: bring sales of five whole quarters"):
        chosen_quarters(QUARTERS[-1:], None)
    with pytest.raises(RetailDataError, match="the files give none: bring"):
        chosen_quarters([], None)


def test_a_reference_that_is_not_complete_or_the_last_is_refused_with_those_that_are() -> None:
    for reference in (Quarter.parse("2022Q4"), QUARTERS[-1]):
        with pytest.raises(RetailDataError, match=r"the files give 2023Q1 to 2024Q4$"):
            chosen_quarters(QUARTERS, reference)
