"""Scores by cut points that are cut once."""

import random
from collections.abc import Sequence

import pandas as pd
import pytest
from dtc_data.core import TransactionsError
from dtc_data.transactions import RfmScores, cut_points
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

values = st.integers(0, 8).map(float)
customers = st.lists(st.tuples(values, values, values), min_size=1, max_size=40)


def features_of(figures: Sequence[tuple[float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(figures, columns=["recency_days", "frequency", "monetary"])
    return frame.assign(customer_id=[f"c{number}" for number in range(len(frame))])


def test_fifths_of_the_customers_get_one_to_five() -> None:
    features = features_of([(10 - n, n + 1, 10.0 * n) for n in range(10)])

    scores = cut_points(features).score(features)

    assert scores.columns.tolist() == ["customer_id", "recency_score", "frequency_score", "monetary_score", "rfm"]
    assert scores["rfm"].tolist() == ["111", "111", "222", "222", "333", "333", "444", "444", "555", "555"]


@given(customers)
def test_equal_values_get_equal_scores_and_better_ones_no_lower(figures: list[tuple[float, float, float]]) -> None:
    features = features_of(figures)

    scored = features.merge(cut_points(features).score(features))

    for column, score in (("recency_days", "recency_score"), ("frequency", "frequency_score")):
        assert scored[score].between(1, 5).all()
        lowest, highest = (scored.groupby(column)[score].agg(figure) for figure in ("min", "max"))
        assert lowest.equals(highest)
        assert lowest.is_monotonic_decreasing if column == "recency_days" else lowest.is_monotonic_increasing


@given(customers, st.randoms(use_true_random=False))
def test_the_order_of_rows_cuts_and_scores_alike(
    figures: list[tuple[float, float, float]], shuffler: random.Random
) -> None:
    features = features_of(figures)
    order = list(features.index)
    shuffler.shuffle(order)
    shuffled = features.loc[order]

    assert cut_points(shuffled) == cut_points(features)
    again = cut_points(features).score(shuffled).sort_index()
    pd.testing.assert_frame_equal(again, cut_points(features).score(features))


def test_a_later_wave_is_scored_by_the_cut_points_of_the_first() -> None:
    first = features_of([(n, n, n) for n in range(1, 101)])
    scores = RfmScores.model_validate_json(cut_points(first, pd.Timestamp("2011-07-01", tz="UTC")).model_dump_json())

    later = scores.score(features_of([(1, 1_000, 1_000), (1_000, 1, 1)]))

    assert scores == cut_points(first, pd.Timestamp("2011-07-01", tz="UTC"))
    assert later["rfm"].tolist() == ["555", "111"]


def test_many_customers_with_one_order_stay_together() -> None:
    features = features_of([(1, 1, n) for n in range(60)] + [(1, 2, n) for n in range(40)])

    scores = cut_points(features).score(features)

    assert scores["frequency_score"].value_counts().to_dict() == {1: 60, 4: 40}


def test_nobody_is_scored_as_nobody() -> None:
    scores = RfmScores(recency=(1, 2, 3, 4), frequency=(1, 2, 3, 4), monetary=(1, 2, 3, 4))

    assert scores.score(features_of([])).empty


def test_cut_points_that_fall_and_features_that_lack_a_figure_are_refused() -> None:
    with pytest.raises(ValidationError, match="cut points must not fall"):
        RfmScores(recency=(2, 1, 3, 4), frequency=(1, 2, 3, 4), monetary=(1, 2, 3, 4))
    with pytest.raises(TransactionsError, match="without monetary"):
        cut_points(features_of([(1, 1, 1)]).drop(columns="monetary"))
    with pytest.raises(TransactionsError, match="no customers"):
        cut_points(features_of([]))
