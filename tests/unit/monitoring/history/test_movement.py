from collections import Counter

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring.history.movement import Transitions, count_matrix, row_shares
from hypothesis import given
from hypothesis import strategies as st

IDS = (7, 3, 11)
Steps = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.integers(1, 1000)), max_size=20)


@given(Steps)
def test_every_step_stands_in_the_row_it_came_from_and_the_column_it_went_to(steps: list[tuple[int, int, int]]) -> None:
    expected: Counter[tuple[int, int]] = Counter()
    for old, new, number in steps:
        expected[old, new] += number
    counts = count_matrix(steps, IDS)
    assert {
        (old, new): counts[i, j] for i, old in enumerate(IDS) for j, new in enumerate(IDS) if counts[i, j]
    } == expected


@given(Steps)
def test_row_shares_sum_to_one_where_there_are_steps(steps: list[tuple[int, int, int]]) -> None:
    counts = count_matrix(steps, IDS)
    sums = row_shares(counts).sum(axis=1)
    np.testing.assert_allclose(sums[counts.sum(axis=1) > 0], 1)
    assert np.isnan(sums[counts.sum(axis=1) == 0]).all()


def test_a_segment_that_is_not_among_the_ids_is_refused() -> None:
    with pytest.raises(KeyError, match="99"):
        count_matrix([(7, 99, 1)], IDS)


def test_the_document_names_segments_and_has_no_share_where_nobody_started(small_catalogue: Catalogue) -> None:
    steps = pd.DataFrame({"from_segment": [7, 7], "to_segment": [7, 3], "steps": [3, 1], "same_version": [3, 0]})
    document = Transitions.of(steps, small_catalogue).to_dict()
    assert (document["steps"], document["stayed"], document["same_version"]) == (4, 3, 3)
    assert document["counts"]["Thrifty Theo"] == {"Thrifty Theo": 3, "Green Greta": 1}
    assert document["row_shares"] == {
        "Thrifty Theo": {"Thrifty Theo": 0.75, "Green Greta": 0.25},
        "Green Greta": {"Thrifty Theo": None, "Green Greta": None},
    }
