"""Waves: months, written and compared."""

from datetime import UTC, datetime

import pytest
from dtc_data import Wave
from dtc_data.core import WaveError
from hypothesis import given
from hypothesis import strategies as st

WAVES = st.builds(Wave, st.integers(1901, 2199), st.integers(1, 12))


def test_a_wave_is_a_half_open_range_of_time_in_utc() -> None:
    wave = Wave.parse("2024-12")

    assert wave.start == datetime(2024, 12, 1, tzinfo=UTC)
    assert wave.end == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2025", "2025-1", "2025-13", "2025-00", "0000-01", "9999-01", "25-01", "2025-01-01", " 2025-01", "2025-01\n", "\u0662\u0660\u0662\u0665-\u0660\u0661"],
)  # fmt: skip
def test_what_is_no_wave_is_refused_by_name(text: str) -> None:
    with pytest.raises(WaveError) as caught:
        Wave.parse(text)

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["", " "])
def test_a_wave_that_is_not_named_is_asked_for(text: str) -> None:
    with pytest.raises(WaveError, match="no wave is named"):
        Wave.parse(text)


@pytest.mark.parametrize("text", ["2300-01", "9998-12", "0202-05"])
def test_a_year_that_cannot_be_right_is_told(text: str) -> None:
    with pytest.raises(WaveError, match=f"'{text}' is not a wave: the year must lie between 1900 and 2200"):
        Wave.parse(text)


def test_a_month_that_does_not_exist_cannot_be_made() -> None:
    with pytest.raises(WaveError, match="2025-13"):
        Wave(2025, 13)


@given(WAVES)
def test_a_wave_is_read_as_it_is_written(wave: Wave) -> None:
    assert Wave.parse(str(wave)) == wave


@given(WAVES)
def test_waves_follow_each_other_without_a_gap(wave: Wave) -> None:
    assert wave.next().previous() == wave
    assert wave.previous() < wave < wave.next()
    assert wave.end == wave.next().start


@pytest.mark.parametrize("text", ["3", "03", "March", "march", "MAR", "2025-03"])
def test_a_month_can_be_written_in_several_ways(text: str) -> None:
    assert Wave.parse_month(text, 2025) == Wave(2025, 3)


def test_a_month_with_its_year_keeps_it() -> None:
    assert Wave.parse_month("1999-07", 2025) == Wave(1999, 7)


@pytest.mark.parametrize("text", ["0", "13", "-1", "mars", "ma", "", "3.0", "003", "2025-13"])
def test_what_is_no_month_is_refused_by_name(text: str) -> None:
    with pytest.raises(WaveError) as caught:
        Wave.parse_month(text, 2025)

    assert repr(text) in str(caught.value)
