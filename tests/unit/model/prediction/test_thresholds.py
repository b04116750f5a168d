"""Thresholds by capacity, cost and recall."""

import numpy as np
import pytest
from dtc_data.core import SettingsError
from dtc_model.prediction import threshold_by_capacity, threshold_by_cost, threshold_by_recall
from hypothesis import given
from hypothesis import strategies as st

forecasts = st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.50001, 0.9]), min_size=1, max_size=40).map(np.array)


@given(forecasts, st.integers(1, 50))
def test_no_more_are_chosen_than_can_be_called_and_only_ties_make_it_fewer(drawn: object, capacity: int) -> None:
    probabilities = np.asarray(drawn, dtype=float)

    threshold = threshold_by_capacity(probabilities, capacity)

    chosen = int((probabilities >= threshold).sum())
    assert chosen <= capacity
    if chosen < min(capacity, len(probabilities)):
        rest = probabilities[probabilities < threshold]
        assert chosen + int((rest == rest.max()).sum()) > capacity


def test_a_call_pays_from_the_probability_on_at_which_it_saves_what_it_costs() -> None:
    assert threshold_by_cost(call_cost=5, loss=100) == 0.05
    assert threshold_by_cost(call_cost=5, loss=100, success=0.25) == 0.2
    assert threshold_by_cost(call_cost=500, loss=100) == 1.0


@given(forecasts, st.floats(0.01, 1), st.integers(0, 2**20))
def test_a_threshold_for_recall_reaches_it_and_no_larger_one_does(drawn: object, recall: float, seed: int) -> None:
    probabilities = np.asarray(drawn, dtype=float)
    left = np.random.default_rng(seed).random(len(probabilities)) < 0.5
    left[0] = True

    threshold = threshold_by_recall(left, probabilities, recall)

    assert (probabilities[left] >= threshold).mean() >= recall - 1e-9
    for larger in probabilities[probabilities > threshold]:
        assert (probabilities[left] >= larger).mean() < recall


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: threshold_by_capacity(np.ones(3), 0), "capacity is 0"),
        (lambda: threshold_by_cost(-1, 10), "call_cost -1"),
        (lambda: threshold_by_cost(1, 10, success=0), "success 0"),
        (lambda: threshold_by_recall(np.ones(3, dtype=bool), np.ones(3), 0), "recall is 0"),
        (lambda: threshold_by_recall(np.zeros(3, dtype=bool), np.ones(3), 0.5), "nobody left"),
    ],
)
def test_wrong_numbers_are_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(SettingsError, match=words):
        make()
