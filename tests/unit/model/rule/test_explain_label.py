"""Why a unit got its segment: what each answer pulls."""

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.rule import Encoder, SegmentModel, explain_label


@pytest.fixture
def model(small_catalogue: Catalogue) -> SegmentModel:
    return SegmentModel.from_catalogue(small_catalogue)


def test_pulls_sum_to_the_difference_of_the_squared_distances(model: SegmentModel) -> None:
    answers = np.array([1.5, 4.0, 22.0])
    pulls = explain_label(model, answers, "Thrifty Theo", "Green Greta")
    own, rival = (model.distances(answers[None])[0] ** 2).tolist()
    assert sum(pull.amount for pull in pulls) == pytest.approx(rival - own)


def test_the_strongest_comes_first_and_speaks_for_the_segment_that_it_is_near(model: SegmentModel) -> None:
    pulls = explain_label(model, [1.0, 2.0, 20.0], "Thrifty Theo", "Green Greta")
    assert [abs(pull.amount) for pull in pulls] == sorted((abs(pull.amount) for pull in pulls), reverse=True)
    assert {pull.feature: pull.amount for pull in pulls} == {
        "price": pytest.approx(9.0),
        "ecology": pytest.approx(9.0),
        "visits": pytest.approx(0.0),
    }


def test_turned_about_every_pull_changes_its_sign(model: SegmentModel) -> None:
    answers = [3.0, 2.5, 12.0]
    one = {pull.feature: pull.amount for pull in explain_label(model, answers, "Thrifty Theo", "Green Greta")}
    other = {pull.feature: pull.amount for pull in explain_label(model, answers, "Green Greta", "Thrifty Theo")}
    assert other == pytest.approx({name: -amount for name, amount in one.items()})


def test_a_missing_answer_pulls_nothing(model: SegmentModel) -> None:
    pulls = explain_label(model, [1.0, np.nan, 20.0], "Thrifty Theo", "Green Greta")
    assert {pull.feature for pull in pulls} == {"price", "visits"}


def test_where_answers_are_projected_together_no_single_one_pulls(model: SegmentModel) -> None:
    encoder = Encoder(model.encoder.features, np.array([[1.0], [1.0], [0.5]]))
    projected = SegmentModel(encoder, model.centroids, model.segment_ids, model.segment_names)
    assert explain_label(projected, [1.0, 2.0, 20.0], "Thrifty Theo", "Green Greta") == []
