"""A time without a zone is UTC, whatever stands in the rows around it."""

from dtc_data.surveys.survey_columns import parse_dates
from hypothesis import given
from hypothesis import strategies as st

ZONES = ["", "Z", "+02:00", "-11:00", "+0530"]
CELLS = st.lists(
    st.tuples(st.dates(), st.times(), st.sampled_from(ZONES)).map(
        lambda parts: f"{parts[0].isoformat()}T{parts[1].isoformat(timespec='seconds')}{parts[2]}"
    )
    | st.dates().map(str)
    | st.sampled_from(["", "yesterday", "2025-02-30"]),
    min_size=1,
    max_size=8,
)


def test_a_row_does_not_lend_its_zone_to_the_next() -> None:
    dates, _ = parse_dates(["2025-06-10T00:00:00-11:00", "2025-06-30T20:00:00"])
    assert [str(date) for date in dates] == ["2025-06-10 11:00:00+00:00", "2025-06-30 20:00:00+00:00"]


@given(CELLS)
def test_each_cell_is_read_as_if_it_stood_alone(cells: list[str]) -> None:
    together, objections = parse_dates(cells)
    alone = [parse_dates([cell]) for cell in cells]
    assert list(together.fillna(0)) == [dates.fillna(0)[0] for dates, _ in alone]
    assert sorted(objections) == [row for row, (_, found) in enumerate(alone) if found]
