"""Quarters, the waves of stores."""

from datetime import date

import pytest
from dtc_data.core import Wave, WaveError
from dtc_data.stores import Quarter


@pytest.mark.parametrize("text", ["2025Q1", "2025-Q1", "2025q1", " 2025Q1 "])
def test_a_quarter_is_read_as_people_write_it(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2025, 1)


@pytest.mark.parametrize("text", ["2025Q5", "2025Q0", "2025", "Q1 2025", "0000Q1", ""])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WaveError, match="like 2025Q1"):
        Quarter.parse(text)


def test_a_quarter_knows_its_days_and_the_month_it_ends_with() -> None:
    quarter = Quarter.of(date(2024, 2, 29))

    assert str(quarter) == "2024Q1"
    assert (quarter.first_day, quarter.last_day) == (date(2024, 1, 1), date(2024, 3, 31))
    assert quarter.wave == Wave(2024, 3)


def test_quarters_follow_each_other_across_years() -> None:
    assert Quarter.from_index(Quarter(2024, 4).index + 1) == Quarter(2025, 1)
    assert Quarter(2024, 4).last_day == date(2024, 12, 31)
