"""The feature table: what is checked of every subject's units before anything is done with them."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from dtc_data.core import FeatureTable, Unit, UnitTableError

FRAME = pd.DataFrame(
    {
        "recency": [3.0, 40.0],
        "region": ["north", None],
        "unit_id": ["7", "8"],
        "date": ["2025-01-31", "2025-02-28T12:00:00+01:00"],
        "note": [1, 2],
    }
)


def test_id_date_and_features_are_taken_in_this_order_and_dates_are_in_utc() -> None:
    table = FeatureTable.checked(FRAME, ["recency", "region"])
    assert list(table.frame.columns) == ["unit_id", "date", "recency", "region"]
    assert table.frame["date"].tolist() == [
        pd.Timestamp("2025-01-31", tz="UTC"),
        pd.Timestamp("2025-02-28T11:00:00", tz="UTC"),
    ]
    assert len(table) == 2


def test_further_columns_are_kept_behind_and_the_frame_is_left_alone() -> None:
    before = FRAME.copy(deep=True)
    assert list(FeatureTable.checked(FRAME, ["recency"], ["note"]).frame.columns)[-1] == "note"
    pd.testing.assert_frame_equal(FRAME, before)


def test_the_key_of_a_row_reads_as_a_person_would_say_it() -> None:
    assert str(FeatureTable.checked(FRAME, []).unit(1)) == "'8' of 2025-02-28"
    assert str(Unit("a", datetime(2024, 2, 29, tzinfo=UTC))) == "'a' of 2024-02-29"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit_id": ["7", ""]}, "customer number 2 has no unit_id or no date"),
        ({"unit_id": [None, "8"]}, "customer number 1 has no unit_id or no date"),
        ({"date": ["2025-01-31", None]}, "customer number 2 has no unit_id or no date"),
        ({"unit_id": "7", "date": "2025-01-31"}, "customer '7' of 2025-01-31 is given twice"),
    ],
)
def test_a_unit_without_a_key_or_with_that_of_another_is_named_in_the_catalogue_s_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UnitTableError, match=words):
        FeatureTable.checked(FRAME.assign(**change), ["recency"], words=("customer", "customers"))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UnitTableError, match="the units come without the columns frequency, monetary"):
        FeatureTable.checked(FRAME, ["recency", "frequency", "monetary"])
