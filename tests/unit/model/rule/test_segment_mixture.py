"""A catalogue whose rule is a mixture: the most probable segment, in a model that the whole house takes."""

import json

import numpy as np
import pytest
from dtc_data.catalogue import answer_matrix
from dtc_model.errors import AnswersError, ModelBrokenError
from dtc_model.rule import (
    INCOMPLETE,
    FloatArray,
    SegmentMixture,
    SegmentModel,
    as_search_start,
    describe,
    explain_label,
    from_search,
    measure_reference,
    read_model,
    same_model,
)
from fakes.store_catalogue import STORES, some_stores, store_catalogue
from scipy.stats import norm

CATALOGUE = store_catalogue()


def stores() -> FloatArray:
    return answer_matrix(some_stores(), CATALOGUE.features)


def by_hand(answers: FloatArray) -> FloatArray:
    """Bayes' rule over the features that a store has, with scipy's densities."""
    joint = np.tile([0.7, 0.3], (len(answers), 1))
    for row, (size, weekend, place) in enumerate(answers):
        for segment, (mean_size, mean_weekend, shares) in enumerate([(100, 0.2, (0.9, 0.1)), (2000, 0.5, (0.2, 0.8))]):
            parts = [
                1.0 if np.isnan(size) else norm.pdf(np.log1p(size), np.log1p(mean_size), 0.5),
                1.0 if np.isnan(weekend) else norm.pdf(weekend, mean_weekend, 0.1),
                1.0 if np.isnan(place) else shares[int(place)],
            ]
            joint[row, segment] *= np.prod(parts)
    posterior: FloatArray = joint / joint.sum(axis=1, keepdims=True)
    return posterior


def test_the_catalogue_says_the_rule_and_labels_are_bayes_rule_over_the_features_that_a_store_has() -> None:
    model, answers = SegmentModel.from_catalogue(CATALOGUE), stores()
    answers[:60, 0], answers[40:90, 1], answers[80:130, 2] = np.nan, np.nan, np.nan
    expected = by_hand(answers)
    detail = describe(model, answers, 1)
    assert isinstance(model, SegmentMixture)
    assert np.array_equal(model.label(answers, 1), np.array([3, 8])[expected.argmax(axis=1)])
    assert detail.probabilities == pytest.approx(expected.max(axis=1), abs=1e-12)


def test_one_store_alone_is_labelled_exactly_as_among_others() -> None:
    model, answers = SegmentModel.from_catalogue(CATALOGUE), stores()
    together = describe(model, answers, 1)
    for row in range(len(answers)):
        alone = describe(model, answers[[row]], 1)
        assert (alone.distances[0], alone.probabilities[0]) == (together.distances[row], together.probabilities[row])


def test_a_store_without_a_single_feature_has_no_segment_and_one_without_sales_has_one_by_its_place() -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    nothing, only_place = [np.nan, np.nan, np.nan], [np.nan, np.nan, 1.0]
    assert model.label([nothing, only_place], 1).tolist() == [INCOMPLETE, 8]
    assert describe(model, [only_place], 1).probabilities[0] == pytest.approx(0.3 * 0.8 / (0.3 * 0.8 + 0.7 * 0.1))


def test_more_features_make_the_label_surer() -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    context, later = [2000.0, np.nan, 1.0], [2000.0, 0.5, 1.0]
    first, second = describe(model, [context, later], 1).probabilities
    assert first < second


def test_the_document_says_the_rule_and_every_number_comes_back() -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    again = read_model(model.to_json())
    assert json.loads(model.to_json())["kind"] == "mixture"
    assert isinstance(again, SegmentMixture)
    assert again.to_json() == model.to_json()
    assert same_model(again, model)


def test_another_share_makes_another_model_though_no_centroid_moved() -> None:
    other = [STORES["segments"][0] | {"share": 0.5}, STORES["segments"][1] | {"share": 0.5}]
    model, changed = SegmentModel.from_catalogue(CATALOGUE), SegmentModel.from_catalogue(
        store_catalogue(segments=other)
    )
    assert not same_model(model, changed)


def test_a_document_without_shares_is_refused() -> None:
    content = json.loads(SegmentModel.from_catalogue(CATALOGUE).to_json())
    del content["segments"][0]["share"]
    with pytest.raises(ModelBrokenError, match=r"segments\.0\.share"):
        read_model(json.dumps(content))


def test_the_features_that_speak_for_a_segment_add_up_to_the_difference_of_the_two() -> None:
    model, answers = SegmentModel.from_catalogue(CATALOGUE), stores()[0]
    pulls = explain_label(model, answers, "Corner", "Warehouse")
    squares = next(model.squares(answers[None]))[1][:, 0]
    assert sum(pull.amount for pull in pulls) == pytest.approx(squares[1] - squares[0])


def test_fit_is_the_percentile_among_the_stores_of_the_reference() -> None:
    model, answers = SegmentModel.from_catalogue(CATALOGUE), stores()
    reference = measure_reference(model, "2025-03", answers, 1)
    measured = SegmentMixture(
        model.encoder,
        model.centroids,
        model.segment_ids,
        model.segment_names,
        reference=reference,
        shares=np.array([0.7, 0.3]),
    )
    fits = describe(measured, answers, 1).fits
    assert 40 < np.median(fits) < 60
    assert describe(measured, [[100.0, 0.9, 1.0]], 1).fits[0] > 99


def test_a_search_begins_from_the_mixture_and_comes_back_to_it() -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    assert isinstance(model, SegmentMixture)
    start, frame = as_search_start(model), some_stores()
    assert start.posterior(frame).max(axis=1) == pytest.approx(describe(model, stores(), 1).probabilities, abs=1e-9)
    assert same_model(from_search(start, model.encoder, {}), model)


def test_a_value_that_cannot_be_labelled_is_named() -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    with pytest.raises(AnswersError, match="'place': 5 is not a code"):
        model.label([[100.0, 0.2, 5.0]], 1)
