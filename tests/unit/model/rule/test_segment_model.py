from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import LARGEST_SCALED
from dtc_model.errors import AnswersError
from dtc_model.rule import FloatArray, SegmentModel
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

numbers = st.floats(-1e6, 1e6)


@st.composite
def models(draw: st.DrawFn) -> SegmentModel:
    n_features, n_segments = draw(st.integers(1, 6)), draw(st.integers(2, 5))
    return SegmentModel.of_numbers(
        feature_names=tuple(f"f{n}" for n in range(n_features)),
        scales=draw(arrays(float, n_features, elements=st.floats(1e-3, 1e3))),
        centroids=draw(arrays(float, (n_segments, n_features), elements=numbers)),
        segment_ids=tuple(
            draw(st.lists(st.integers(0, 2**31 - 1), min_size=n_segments, max_size=n_segments, unique=True))
        ),
        segment_names=tuple(f"persona {n}" for n in range(n_segments)),
    )


@st.composite
def models_with_answers(draw: st.DrawFn, max_rows: int = 8) -> tuple[SegmentModel, FloatArray]:
    model = draw(models())
    n_rows = draw(st.integers(1, max_rows))
    return model, draw(arrays(float, (n_rows, len(model.feature_names)), elements=numbers))


def exact_squares(model: SegmentModel, row: FloatArray) -> list[Fraction]:
    scales = [Fraction(scale) for scale in model.encoder.scales]
    return [
        sum(
            (((Fraction(a) - Fraction(c)) / s) ** 2 for a, c, s in zip(row, centroid, scales, strict=True)), Fraction(0)
        )
        for centroid in model.centroids
    ]


@given(models_with_answers())
def test_every_unit_gets_the_segment_that_exact_arithmetic_finds_nearest(
    case: tuple[SegmentModel, FloatArray],
) -> None:
    model, answers = case
    for row, label in zip(answers, model.label(answers), strict=True):
        squares = exact_squares(model, row)
        first, second = sorted(squares)[:2]
        assume(second - first > Fraction(1, 10**9) * (1 + first))  # closer than doubles can tell apart
        assert label == model.segment_ids[squares.index(first)]


@given(models_with_answers(), st.randoms(use_true_random=False))
def test_a_label_depends_neither_on_the_other_rows_nor_on_their_order(
    case: tuple[SegmentModel, FloatArray], random: Random
) -> None:
    model, answers = case
    order = list(range(len(answers)))
    random.shuffle(order)
    together, alone = model.distances(answers), np.vstack([model.distances(row[None]) for row in answers])
    assert np.array_equal(together, alone)
    assert np.array_equal(model.distances(answers[order]), together[order])
    assert np.array_equal(model.label(answers[order]), model.label(answers)[order])


def test_a_label_is_the_same_in_a_large_batch_in_any_memory_layout(catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(catalogue)
    answers = np.random.default_rng(1).normal(0, 8, (10_007, len(catalogue.features)))
    distances, labels = model.distances(answers), model.label(answers)
    assert np.array_equal(model.distances(np.asfortranarray(answers)), distances)
    assert np.array_equal(model.distances(answers[::-1])[::-1], distances)
    assert np.array_equal(np.concatenate([model.label(answers[:4321]), model.label(answers[4321:])]), labels)
    assert np.array_equal(np.array(model.segment_ids)[distances.argmin(axis=1)], labels)


@given(models())
def test_every_centroid_belongs_to_its_own_segment_unless_an_earlier_one_lies_in_the_same_place(
    model: SegmentModel,
) -> None:
    scaled = model.centroids / model.encoder.scales
    # Squared like a distance, in which centroids too close for doubles lie in the same place.
    first_there = [int(np.flatnonzero(((scaled - row) ** 2).sum(axis=1) == 0)[0]) for row in scaled]
    assert model.nearest(model.centroids).tolist() == first_there


def test_the_first_segment_of_the_catalogue_wins_a_tie(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    assert model.label(model.centroids.mean(axis=0)[None]).tolist() == [small_catalogue.segment_ids[0]]


def test_answers_are_divided_by_their_scale_before_distances_are_taken(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)  # visits are divided by 10
    assert model.distances([[1.0, 2.0, 60.0]])[0, 0] == pytest.approx(3.0)
    assert model.distances([[5.0, 2.0, 60.0]])[0, 0] == pytest.approx(5.0)


def test_far_from_the_origin_small_differences_still_decide() -> None:
    model = SegmentModel.of_numbers(("f", "g"), np.ones(2), np.array([[1e9, 1e9], [1e9 + 1, 1e9]]), (1, 2), ("a", "b"))
    assert model.label([[1e9 + 0.4, 1e9], [1e9 + 0.6, 1e9]]).tolist() == [1, 2]


def test_answers_as_large_as_the_limit_are_labelled(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    largest = LARGEST_SCALED * model.encoder.scales
    assert model.label([largest, -largest]).tolist() == [3, 7]
    assert np.isfinite(model.distances([largest, -largest])).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e308, -1e308, 2 * LARGEST_SCALED])
@pytest.mark.parametrize("row", [0, 99, 20_000])
def test_an_answer_that_cannot_be_labelled_is_named_by_row_and_feature(
    catalogue: Catalogue, wrong: float, row: int
) -> None:
    answers = np.zeros((20_001, len(catalogue.features)))
    answers[row, 3] = wrong
    with pytest.raises(AnswersError, match=rf"row {row} .*feature '{catalogue.feature_names[3]}'"):
        SegmentModel.from_catalogue(catalogue).label(answers)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], r"have the shape \(0,\): give one row per unit with 3 features"),
        ([1.0], r"have the shape \(1,\)"),
        ([[1.0, 2.0]], r"have the shape \(1, 2\)"),
        ([[1.0, 2.0, 3.0, 4.0]], r"have the shape \(1, 4\)"),
        ([[[1.0, 2.0, 3.0]]], r"have the shape \(1, 1, 3\)"),
        (5.0, r"have the shape \(\)"),
        ([["1", "2", "3"]], "are of type <U1: give numbers"),
        ([[None, 1, 2]], "are of type object: give numbers"),
    ],
)
def test_answers_of_another_shape_or_type_are_refused(small_catalogue: Catalogue, wrong: Any, words: str) -> None:
    with pytest.raises(AnswersError, match=f"answers {words}"):
        SegmentModel.from_catalogue(small_catalogue).label(wrong)


def test_no_units_get_no_labels(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    assert model.label(np.empty((0, 3))).shape == (0,)
    assert model.distances(np.empty((0, 3))).shape == (0, 2)


def test_whole_numbers_and_yes_or_no_are_answers_too(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    assert model.label([[1, 2, 30], [4, 5, 10]]).tolist() == [7, 3]
    assert model.label(np.array([[True, False, True]])).shape == (1,)


def test_a_model_cannot_be_changed_neither_by_itself_nor_through_what_it_was_made_from() -> None:
    centroids = np.array([[0.0], [1.0]])
    model = SegmentModel.of_numbers(("f",), np.ones(1), centroids, (1, 2), ("a", "b"), {"source": "test"})
    centroids[0] = 100.0
    assert model.label([[0.1]]).tolist() == [1]
    with pytest.raises(ValueError, match="read-only"):
        model.centroids[0] = 100.0
    with pytest.raises(AttributeError):
        model.segment_ids = (5, 6)  # type: ignore[misc]  # what is tested
    with pytest.raises(TypeError):
        model.provenance["source"] = "elsewhere"  # type: ignore[index]  # what is tested


@given(models())
def test_a_document_gives_back_exactly_the_model_it_was_written_from(model: SegmentModel) -> None:
    again = SegmentModel.from_json(model.to_json())
    assert np.array_equal(again.centroids, model.centroids)
    assert np.array_equal(again.encoder.scales, model.encoder.scales)
    assert (again.feature_names, again.segment_ids, again.segment_names) == (
        model.feature_names,
        model.segment_ids,
        model.segment_names,
    )
    assert again.to_json() == model.to_json()


def test_the_catalogue_is_a_model_itself(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    assert model.feature_names == small_catalogue.feature_names
    assert np.array_equal(model.encoder.scales, small_catalogue.scales)
    assert np.array_equal(model.centroids, small_catalogue.centroids)
    assert model.segment_ids == small_catalogue.segment_ids
    assert model.segment_names == small_catalogue.segment_names
