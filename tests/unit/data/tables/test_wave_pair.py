"""The two samples of a comparison travel in one frame."""

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError, WaveError
from dtc_data.tables import CURRENT, REFERENCE, stack_waves, wave_called

WAVES = (Wave(2025, 1), Wave(2025, 3))


def units(catalogue: Catalogue, *rows: float) -> pd.DataFrame:
    """Make respondents who answer everything with the same number, with columns as the table has them."""
    answers = {name: list(rows) for name in catalogue.feature_names}
    return pd.DataFrame({"unit_id": [f"c{row}" for row in rows], **answers, "segment": None})


def test_both_samples_come_out_as_they_went_in(small_catalogue: Catalogue) -> None:
    reference, current = units(small_catalogue, 1.0, 2.0), units(small_catalogue, 3.0)
    stacked = stack_waves(reference, current, small_catalogue, *WAVES)
    names = ["unit_id", *small_catalogue.feature_names]
    pd.testing.assert_frame_equal(wave_called(stacked, REFERENCE), reference[names])
    pd.testing.assert_frame_equal(wave_called(stacked, CURRENT), current[names])


def test_what_is_given_is_not_changed(small_catalogue: Catalogue) -> None:
    reference, current = units(small_catalogue, 1.0), units(small_catalogue, 2.0)
    before = reference.copy(deep=True)
    stack_waves(reference, current, small_catalogue, *WAVES)
    pd.testing.assert_frame_equal(reference, before)


def test_a_column_of_nulls_becomes_numbers(small_catalogue: Catalogue) -> None:
    current = units(small_catalogue, 2.0).assign(price=pd.Series([None], dtype=object))
    stacked = stack_waves(units(small_catalogue, 1.0), current, small_catalogue, *WAVES)
    assert stacked["price"].dtype == "float64"


@pytest.mark.parametrize(("empty", "words"), [(0, "reference wave 2025-01"), (1, "current wave 2025-03")])
def test_an_empty_wave_is_named(small_catalogue: Catalogue, empty: int, words: str) -> None:
    reference, current = (units(small_catalogue, 1.0).head(int(index != empty)) for index in range(2))
    with pytest.raises(WaveError, match=f"{words}: table 'small_features' holds no respondents"):
        stack_waves(reference, current, small_catalogue, *WAVES)


def test_a_missing_feature_is_named(small_catalogue: Catalogue) -> None:
    current = units(small_catalogue, 2.0).drop(columns="visits")
    with pytest.raises(UnitTableError, match="no column visits"):
        stack_waves(units(small_catalogue, 1.0), current, small_catalogue, *WAVES)


def test_weights_travel_under_the_catalogue_s_name_and_are_1_in_a_wave_without(small_catalogue: Catalogue) -> None:
    reference, current = units(small_catalogue, 1.0, 2.0), units(small_catalogue, 3.0, 4.0)
    unweighted = reference.assign(survey_weight=pd.Series([None, None], dtype=object))  # as SQL gives a column of nulls
    stacked = stack_waves(unweighted, current.assign(survey_weight=[0.5, 1.5]), small_catalogue, *WAVES)
    assert wave_called(stacked, REFERENCE)["weight"].tolist() == [1.0, 1.0]
    assert wave_called(stacked, CURRENT)["weight"].tolist() == [0.5, 1.5]


def test_waves_without_weights_come_out_as_if_there_were_no_such_column(small_catalogue: Catalogue) -> None:
    reference, current = units(small_catalogue, 1.0), units(small_catalogue, 2.0)
    nulls = reference.assign(survey_weight=None), current.assign(survey_weight=None)
    pd.testing.assert_frame_equal(
        stack_waves(*nulls, small_catalogue, *WAVES), stack_waves(reference, current, small_catalogue, *WAVES)
    )
