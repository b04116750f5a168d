import dataclasses
import json

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.errors import AnswersError, ModelBrokenError
from dtc_model.rule import INCOMPLETE, FloatArray, LabelStatus, SegmentModel, describe, measure_reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

CENTROIDS = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 8.0]])
PLAIN = SegmentModel.of_numbers(
    feature_names=("a", "b", "c"),
    scales=np.array([1.0, 1.0, 2.0]),
    centroids=CENTROIDS,
    segment_ids=(5, 1, 9),
    segment_names=("origin", "right", "up"),
)
sparse_answers = arrays(float, (6, 3), elements=st.floats(-50, 50, width=16) | st.just(np.nan))


def measured(answers: FloatArray) -> SegmentModel:
    return dataclasses.replace(PLAIN, reference=measure_reference(PLAIN, "2025-01", answers))


@pytest.fixture
def model() -> SegmentModel:
    """Measured on 3,000 respondents with a spread of 2 about each centroid."""
    rng = np.random.default_rng(7)
    noise = rng.normal(0, 2, (3000, 3)) * PLAIN.encoder.scales
    return measured(np.repeat(CENTROIDS, 1000, axis=0) + noise)


def test_distances_margin_and_runner_up_are_those_of_the_definition() -> None:
    detail = describe(PLAIN, [[1.0, 0.0, 0.0]])
    assert (detail.positions[0], detail.runner_ups[0]) == (0, 1)
    assert (detail.distances[0], detail.runner_up_distances[0]) == (1.0, 3.0)
    assert detail.margins[0] == pytest.approx((3 - 1) / 3)


def test_without_a_reference_probability_and_fit_are_unknown() -> None:
    detail = describe(PLAIN, [[1e6, 0.0, 0.0]])
    assert np.isnan([detail.probabilities[0], detail.fits[0]]).all()
    assert detail.statuses[0] == LabelStatus.LABELLED


def test_a_unit_between_two_segments_belongs_to_each_by_half() -> None:
    model = measured(CENTROIDS + 0.5)
    detail = describe(model, [[2.0, 0.0, -1000.0]])
    assert detail.margins[0] == 0
    assert detail.positions[0] == 0  # the first of equals
    assert detail.probabilities[0] == pytest.approx(0.5)


def test_the_probability_is_bayes_rule_with_the_spread_of_the_reference() -> None:
    model = measured(CENTROIDS + np.array([1.0, 0, 0]))  # each lies 1 from its centroid
    assert model.reference is not None
    assert model.reference.spread == pytest.approx(np.sqrt(1 / 3))
    weights = np.exp(-np.array([1.0, 9.0, 17.0]) * 3 / 2)
    assert describe(model, [[1.0, 0.0, 0.0]]).probabilities[0] == pytest.approx(weights[0] / weights.sum())


def test_the_fit_is_the_percentile_among_the_reference_units_of_the_segment() -> None:
    distances = np.linspace(0, 1, 201)
    model = measured(np.column_stack([np.zeros(201), distances, np.zeros(201)]))
    fits = describe(model, [[0.0, 0.25, 0.0], [0.0, 1.0, 0.0], [0.0, 7.0, 0.0]]).fits
    assert fits == pytest.approx([25, 100, 100])


def test_a_segment_without_reference_units_has_no_fit_to_tell() -> None:
    model = measured(np.array([[0.0, 0.1, 0.0], [0.0, 0.2, 0.0]]))
    detail = describe(model, [[400.0, 0.0, 0.0]])
    assert np.isnan(detail.fits[0])
    assert detail.statuses[0] == LabelStatus.LABELLED


def test_no_fit_begins_beyond_the_percentile_that_is_asked_for(model: SegmentModel) -> None:
    rng = np.random.default_rng(8)
    answers = np.repeat(CENTROIDS, 1000, axis=0) + rng.normal(0, 2, (3000, 3)) * PLAIN.encoder.scales
    for percentile in (50.0, 90.0):
        statuses = describe(model, answers, no_fit_percentile=percentile).statuses
        assert np.mean(statuses == LabelStatus.NO_FIT) == pytest.approx(1 - percentile / 100, abs=0.03)
    assert (describe(model, answers * 1000, no_fit_percentile=100).statuses == LabelStatus.LABELLED).all()


@given(sparse_answers, st.integers(1, 3))
def test_labels_are_those_of_the_answered_features_alone(answers: FloatArray, minimum: int) -> None:
    positions = PLAIN.nearest(answers, minimum)
    detail = describe(PLAIN, answers, minimum)
    assert np.array_equal(detail.positions, positions)
    for row, position in zip(answers, positions, strict=True):
        given_ = ~np.isnan(row)
        if given_.sum() < minimum:
            assert position == INCOMPLETE
        else:
            scaled = ((row - CENTROIDS) / PLAIN.encoder.scales)[:, given_]
            assert position == np.argmin((scaled**2).sum(axis=1))


@given(sparse_answers)
def test_partial_distances_are_rescaled_to_all_features(answers: FloatArray) -> None:
    detail = describe(PLAIN, answers, 1)
    for row, position, distance in zip(answers, detail.positions, detail.distances, strict=True):
        if position != INCOMPLETE:
            squares = ((row - CENTROIDS[position]) / PLAIN.encoder.scales) ** 2
            assert distance == pytest.approx(np.sqrt(np.nanmean(squares) * 3), rel=1e-12)


def test_too_few_answers_give_nothing_but_their_number(model: SegmentModel) -> None:
    detail = describe(model, [[1.0, np.nan, np.nan], [1.0, 1.0, np.nan]], minimum_answered=2)
    assert detail.positions.tolist() == [INCOMPLETE, 0]
    assert detail.runner_ups[0] == INCOMPLETE
    assert detail.answered.tolist() == [1, 2]
    assert detail.statuses.tolist() == [LabelStatus.INCOMPLETE, LabelStatus.LABELLED]
    for unknown in (
        detail.distances,
        detail.runner_up_distances,
        detail.margins,
        detail.probabilities,
        detail.fits,
    ):
        assert np.isnan(unknown[0])
        assert np.isfinite(unknown[1])


def test_a_missing_answer_is_refused_where_none_may_be_missing() -> None:
    with pytest.raises(AnswersError, match=r"row 0 .*'b'"):
        PLAIN.nearest([[1.0, np.nan, 1.0]])


def test_an_incomplete_unit_has_no_label() -> None:
    assert PLAIN.label([[np.nan] * 3, [4.0, 0.0, 0.0]], minimum_answered=1).tolist() == [INCOMPLETE, 1]


def test_a_reference_survives_its_document(model: SegmentModel) -> None:
    again = SegmentModel.from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert model.reference is not None
    assert again.reference is not None
    assert (again.reference.wave, again.reference.spread) == ("2025-01", model.reference.spread)


@pytest.mark.parametrize(
    "change",
    [{"spread": 0}, {"quantiles": []}, {"quantiles": [[1.0], None, None]}, {"quantiles": [[2.0] * 200 + [1.0]] * 3}],
)
def test_a_reference_that_contradicts_itself_is_refused(model: SegmentModel, change: dict[str, object]) -> None:
    document = json.loads(model.to_json())
    document["reference"] |= change
    with pytest.raises(ModelBrokenError, match="reference"):
        SegmentModel.from_json(json.dumps(document))


def test_nothing_is_measured_where_nobody_answered_enough(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    assert measure_reference(model, "2025-01", np.full((3, 3), np.nan), 1) is None
    assert measure_reference(model, "2025-01", model.centroids) is None  # no spread
