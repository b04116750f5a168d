import numpy as np
import pytest
from dtc_monitoring.columns import ColumnTest, choose_test, compare_column
from dtc_monitoring.columns.column_tests import chi_square
from dtc_monitoring.reference import FloatArray
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

grades = arrays(np.float64, st.integers(1, 60), elements=st.integers(1, 5).map(float))
yes_or_no = arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([0.0, 1.0]))


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        (np.arange(500.0), np.arange(500.0), ColumnTest.KS),
        (np.tile([0.0, 1.0], 50), np.tile([0.0, 1.0], 50), ColumnTest.Z),
        (np.zeros(50), np.ones(50), ColumnTest.Z),
        (np.zeros(50), np.zeros(50), ColumnTest.Z),
        (np.tile([0.0, 1.0], 50), np.tile([0.0, 1.0, 2.0], 50), ColumnTest.CHI_SQUARE),
        (np.tile(np.arange(10.0), 50), np.tile(np.arange(10.0), 50), ColumnTest.CHI_SQUARE),
        (np.tile(np.arange(10.0), 50), np.tile(np.arange(11.0), 50), ColumnTest.KS),
        (np.arange(5.0), np.arange(5.0) + 0.5, ColumnTest.KS),
    ],
)
def test_the_distinct_values_of_both_waves_choose_the_test(
    reference: FloatArray, current: FloatArray, expected: ColumnTest
) -> None:
    assert choose_test(reference, current, few_values=10) is expected
    assert choose_test(current, reference, few_values=10) is expected


@given(yes_or_no, yes_or_no)
def test_the_square_of_z_is_the_chi_square_of_two_values(reference: FloatArray, current: FloatArray) -> None:
    z = compare_column(ColumnTest.Z, reference, current)[0]
    both_answers_given = np.union1d(reference, current).size == 2
    assert z**2 == pytest.approx(chi_square(reference, current)[0] if both_answers_given else 0.0, abs=1e-9)


@given(yes_or_no, yes_or_no)
def test_z_is_positive_if_the_share_of_the_larger_value_grew(reference: FloatArray, current: FloatArray) -> None:
    larger = max(reference.max(), current.max())
    growth = (current == larger).mean() - (reference == larger).mean()
    assert np.sign(compare_column(ColumnTest.Z, reference, current)[0]) == np.sign(round(growth, 12))


@given(grades, grades)
def test_chi_square_does_not_care_which_wave_is_the_reference(reference: FloatArray, current: FloatArray) -> None:
    assert chi_square(reference, current) == pytest.approx(chi_square(current, reference), abs=1e-9)


@given(grades)
def test_chi_square_of_a_wave_with_itself_is_zero(wave: FloatArray) -> None:
    assert chi_square(wave, wave) == pytest.approx((0.0, 1.0), abs=1e-9)


@given(grades, grades)
def test_the_k_s_statistic_is_the_largest_distance_of_the_distribution_functions(
    reference: FloatArray, current: FloatArray
) -> None:
    distances = [abs((reference <= value).mean() - (current <= value).mean()) for value in range(1, 6)]
    assert compare_column(ColumnTest.KS, reference, current)[0] == pytest.approx(max(distances), abs=1e-12)


@given(grades, grades)
@pytest.mark.parametrize("test", [ColumnTest.Z, ColumnTest.CHI_SQUARE])
def test_weights_of_1_change_no_test_of_counts(test: ColumnTest, reference: FloatArray, current: FloatArray) -> None:
    if test is ColumnTest.Z:
        reference, current = reference % 2, current % 2
    ones = np.ones(len(reference)), np.ones(len(current))
    plain = compare_column(test, reference, current)
    assert compare_column(test, reference, current, ones) == pytest.approx(plain, abs=1e-9)


@given(grades, grades)
def test_weights_of_1_change_no_distance_of_distribution_functions(reference: FloatArray, current: FloatArray) -> None:
    ones = np.ones(len(reference)), None
    plain = compare_column(ColumnTest.KS, reference, current)[0]
    assert compare_column(ColumnTest.KS, reference, current, ones)[0] == pytest.approx(plain, abs=1e-12)
