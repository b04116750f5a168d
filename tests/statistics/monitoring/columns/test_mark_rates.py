"""How often columns are marked that did not change."""

import numpy as np
import pytest
from dtc_monitoring.columns import ColumnTest, compare_column
from dtc_monitoring.columns.column_tests import chi_square


def test_chi_square_calls_one_in_twenty_unchanged_columns_drifted() -> None:
    rng = np.random.default_rng(11)
    shares = [0.1, 0.2, 0.4, 0.2, 0.1]
    waves = rng.choice(5, (600, 2, 500), p=shares).astype(float)
    alarms = np.mean([chi_square(reference, current)[1] < 0.05 for reference, current in waves])
    assert 0.02 < alarms < 0.08


@pytest.mark.parametrize("test", list(ColumnTest))
def test_weighted_columns_are_marked_as_often_as_the_limit_says(test: ColumnTest) -> None:
    rng = np.random.default_rng(21)
    values = {ColumnTest.KS: 0, ColumnTest.Z: 2, ColumnTest.CHI_SQUARE: 5}[test]
    alarms = 0
    for _ in range(600):
        waves = [rng.integers(values, size=400).astype(float) if values else rng.normal(size=400) for _ in range(2)]
        weights = rng.lognormal(sigma=0.8, size=400), rng.lognormal(sigma=0.5, size=400)
        alarms += compare_column(test, waves[0], waves[1], weights)[1] < 0.05
    assert 0.02 < alarms / 600 < 0.08
