"""What each candidate learns."""

import numpy as np
import pytest
from dtc_data.core import SettingsError
from dtc_model.errors import ForecastError
from dtc_model.prediction import CANDIDATES, Candidate, LabelledTable, measure
from dtc_model.prediction.candidates import choose_candidates

BY_NAME = {candidate.name: candidate for candidate in CANDIDATES}


def test_they_stand_from_the_simplest_on() -> None:
    assert list(BY_NAME) == [
        "recency",
        "orders",
        "segment_rate",
        "logistic_three",
        "logistic_all",
        "random_forest",
        "gradient_boosting",
    ]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=BY_NAME)
def test_each_forecasts_better_than_chance_and_its_level_is_that_of_the_newest_cutoff(
    candidate: Candidate, table: LabelledTable, test_table: LabelledTable
) -> None:
    model = candidate.fit(table)

    newest = (table.cutoffs == table.cutoffs.max()).to_numpy()
    assert model.predict_frame(table.features[newest]).mean() == pytest.approx(table.left[newest].mean())
    scores = measure(test_table.left, model.predict_frame(test_table.features))
    assert scores.auc > 0.55


def test_recency_alone_ranks_by_recency(table: LabelledTable, test_table: LabelledTable) -> None:
    model = BY_NAME["recency"].fit(table)

    assert model.feature_names == ("recency_days",)
    recency = test_table.features["recency_days"].to_numpy()
    probabilities = model.predict_frame(test_table.features)
    assert (np.diff(probabilities[np.argsort(recency)]) >= 0).all()


def test_the_same_seed_learns_the_same_to_the_last_digit(table: LabelledTable) -> None:
    for name in ("logistic_all", "random_forest", "gradient_boosting"):
        first, again = (BY_NAME[name].fit(table, seed=5).to_json() for _ in range(2))
        assert first == again


def test_segments_give_their_rate_where_they_are_known(table: LabelledTable) -> None:
    is_new = (table.features["tenure_days"] < 60).astype(float)
    features = table.features.assign(segment_is_new=is_new, segment_is_old=1 - is_new)
    with_segments = LabelledTable(
        features, table.customer_ids, table.cutoffs, table.left, table.amounts, table.horizon_days
    )

    model = BY_NAME["segment_rate"].fit(with_segments)

    assert model.feature_names == ("segment_is_new", "segment_is_old")
    new, old = (table.left[is_new == value].mean() for value in (1, 0))
    forecast = model.predict([[1.0, 0.0], [0.0, 1.0]])
    assert np.diff(np.log(forecast / (1 - forecast))) == pytest.approx(
        np.log(old / (1 - old)) - np.log(new / (1 - new)), abs=0.1
    )
    assert not any(name.startswith("segment_is_") for name in BY_NAME["logistic_all"].fit(with_segments).feature_names)


def test_features_that_are_missing_or_constant_in_training_are_not_used(table: LabelledTable) -> None:
    model = BY_NAME["logistic_all"].fit(table)

    assert not {"departments_ever", "discount_share_30d"} & set(model.feature_names)


def test_a_model_remembers_what_it_was_trained_on(table: LabelledTable) -> None:
    provenance = BY_NAME["logistic_three"].fit(table).provenance

    assert provenance["cutoffs"].startswith("2020-04-30, 2020-05-30")
    assert provenance["rows"] == str(len(table))
    assert float(provenance["lowest_rate"]) <= table.left.mean() <= float(provenance["highest_rate"])


@pytest.mark.parametrize(("left", "words"), [(True, "everybody of"), (False, "nobody of")])
def test_without_both_kinds_of_customers_there_is_nothing_to_learn(
    left: object, words: str, table: LabelledTable
) -> None:
    labels = np.full(len(table), left, dtype=bool)
    one_sided = LabelledTable(table.features, table.customer_ids, table.cutoffs, labels, table.amounts, 30)

    with pytest.raises(ForecastError, match=words):
        BY_NAME["recency"].fit(one_sided)


def test_an_unknown_candidate_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"'xgboost' is not a candidate: choose from recency, orders"):
        choose_candidates(["recency", "xgboost"])
