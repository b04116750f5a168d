"""How many features a catalogue may have: as many as Postgres keeps in one row."""

from typing import Any

import pytest
from dtc_data import Catalogue
from fakes.wide_catalogues import MOST_NUMBERS, wide_catalogue
from pydantic import ValidationError


def test_as_many_numbers_as_fit_into_a_row_are_taken() -> None:
    assert len(wide_catalogue(MOST_NUMBERS).features) == MOST_NUMBERS


@pytest.mark.parametrize("more", [1, 14, 1_000])
def test_of_more_the_message_says_how_many_fit(more: int) -> None:
    with pytest.raises(ValidationError) as refused:
        wide_catalogue(MOST_NUMBERS + more)
    assert f"there are {MOST_NUMBERS + more:,}, but Postgres keeps no more than the first 992 of them" in str(
        refused.value
    )


@pytest.mark.parametrize(("letters", "most"), [(1, 1594), (23, 333)])
def test_of_short_texts_more_fit_and_of_long_ones_fewer(letters: int, most: int) -> None:
    text: dict[str, Any] = {"type": "grade", "values": ["a" * letters, "b" * letters]}
    assert isinstance(wide_catalogue(most, text), Catalogue)
    with pytest.raises(ValidationError, match=f"the first {most:,} of them"):
        wide_catalogue(most + 1, text)
