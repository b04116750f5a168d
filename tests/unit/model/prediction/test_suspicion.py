"""What looks too good stops the training, by name."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_model.errors import SuspiciousScoreError
from dtc_model.prediction import CANDIDATES, LabelledTable, check_features, check_model, measure_of, permuted_losses
from dtc_model.prediction.suspicion import single_auc


def with_feature(table: LabelledTable, values: Any) -> LabelledTable:
    features = table.features.assign(next_month=values)
    return LabelledTable(features, table.customer_ids, table.cutoffs, table.left, table.amounts, table.horizon_days)


def test_honest_features_pass_with_their_auc(table: LabelledTable) -> None:
    areas = check_features(table)

    assert set(areas.index) == set(table.feature_names)
    assert areas.is_monotonic_decreasing
    assert areas.min() >= 0.5


@pytest.mark.parametrize("sign", [1, -1])
def test_a_feature_that_is_the_label_is_named_whatever_its_direction(sign: int, table: LabelledTable) -> None:
    noise = np.random.default_rng(0).normal(0, 0.2, len(table))

    with pytest.raises(
        SuspiciousScoreError, match=r"the feature next_month alone .* AUC of (0\.9|1\.0).*Look at how it is made"
    ):
        check_features(with_feature(table, sign * (table.left + noise)))


def test_a_feature_that_is_missing_for_those_who_left_is_named(table: LabelledTable) -> None:
    values = pd.Series(np.random.default_rng(0).normal(size=len(table))).mask(pd.Series(table.left))

    with pytest.raises(SuspiciousScoreError, match="next_month"):
        check_features(with_feature(table, values))


def test_a_constant_feature_separates_nothing() -> None:
    assert single_auc(np.array([True, False, True]), np.full(3, 7.0)) == 0.5
    assert single_auc(np.array([True, False, True]), np.full(3, np.nan)) == 0.5


def test_a_model_that_is_too_good_is_stopped_with_the_feature_it_leans_on(table: LabelledTable) -> None:
    leaking = with_feature(table, table.left + np.random.default_rng(1).normal(0, 0.4, len(table)))
    model = CANDIDATES[-1].fit(leaking)

    check_model(model, leaking, area=0.95)
    with pytest.raises(SuspiciousScoreError, match=r"gradient_boosting .* AUC of 0\.970.*leans on next_month most"):
        check_model(model, leaking, area=0.97)


def test_importance_is_what_is_lost_when_a_measure_is_dealt_anew(
    table: LabelledTable, test_table: LabelledTable
) -> None:
    model = CANDIDATES[4].fit(table)

    losses = permuted_losses(model, test_table, repeats=2, group_of=measure_of)

    assert losses.is_monotonic_decreasing
    assert {"orders", "amount", "recency_days"} <= set(losses.index)
    assert "orders_30d" not in losses.index
    pd.testing.assert_series_equal(losses, permuted_losses(model, test_table, repeats=2, group_of=measure_of))
