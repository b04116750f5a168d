"""From answers of every type to the columns of the distance, and from there back to centroids."""

import json
import re
from typing import Any

import numpy as np
import pytest
from dtc_data.catalogue import FeatureEncoding
from dtc_model.errors import AnswersError, ModelBrokenError
from dtc_model.rule import Encoder, FloatArray, SegmentModel, read_model
from fakes.mixed_features import mixed_catalogue
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import QuantileTransformer

MIXED = mixed_catalogue()
ENCODER = Encoder.of_catalogue(MIXED)
MODEL = SegmentModel.from_catalogue(MIXED)

answers_of_every_type = st.tuples(
    st.floats(0, 1e6), st.integers(1, 6), st.integers(1, 3), st.integers(0, 1), st.integers(0, 2)
).map(lambda row: [float(value) for value in row])


def by_hand(row: list[float]) -> list[float]:
    income, calm, how_often, owns_car, region = row
    indicators = [float(region == code) / np.sqrt(share) for code, share in enumerate([0.5, 0.3, 0.2])]
    return [np.log1p(income) / 2, 7 - calm, how_often, owns_car, *indicators]


@given(st.lists(answers_of_every_type, min_size=1, max_size=5))
def test_each_type_becomes_its_columns(rows: list[list[float]]) -> None:
    encoded = ENCODER.encode(np.array(rows))
    np.testing.assert_allclose(encoded, [by_hand(row) for row in rows], rtol=1e-14)


@given(answers_of_every_type, answers_of_every_type)
def test_a_centroid_is_encoded_like_the_answers_that_it_stands_for(first: list[float], second: list[float]) -> None:
    rows = np.array([first, second])
    centroids = ENCODER.decode(ENCODER.encode(rows))
    np.testing.assert_allclose(centroids[:, :4], rows[:, :4], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(centroids[:, 4:], np.eye(3)[rows[:, 4].astype(int)], atol=1e-15)
    np.testing.assert_allclose(ENCODER.encode_centroids(centroids), ENCODER.encode(rows), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ENCODER.typical_answers(centroids), rows, rtol=1e-9, atol=1e-9)


def test_two_values_of_a_category_are_the_further_apart_the_rarer_they_are() -> None:
    rows = np.array([[0, 1, 1, 0, code] for code in (0.0, 1.0, 2.0)])
    encoded = ENCODER.encode(rows)
    squares = ((encoded[:, None] - encoded) ** 2).sum(axis=2)
    # As in factor analysis of mixed data: 1 / share of the one plus 1 / share of the other.
    assert squares[0, 1] == pytest.approx(1 / 0.5 + 1 / 0.3)
    assert squares[1, 2] == pytest.approx(1 / 0.3 + 1 / 0.2)


def test_a_weight_counts_a_feature_so_many_times_in_a_squared_distance() -> None:
    def squares(**entries: Any) -> float:
        number = FeatureEncoding(name="n", scale=3.0, **entries)
        category = FeatureEncoding(name="c", type="category", values=("a", "b"), shares=(0.4, 0.6), **entries)
        first, second = Encoder((number, category)).encode(np.array([[1.0, 0.0], [7.0, 1.0]]))
        return float(((first - second) ** 2).sum())

    assert squares(weight=2.5) == pytest.approx(2.5 * squares())


def test_z_scores_are_the_vendor_s_own() -> None:
    encoder = Encoder((FeatureEncoding(name="n", mean=50.0, sd=10.0),))
    assert encoder.encode(np.array([[50.0], [65.0]])).tolist() == [[0.0], [1.5]]


def test_quantiles_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    trained = np.round(rng.exponential(3, (500, 1)))  # many ties
    transformer = QuantileTransformer(n_quantiles=101).fit(trained)
    frozen = tuple(transformer.quantiles_[:, 0].tolist())
    encoder = Encoder((FeatureEncoding(name="n", transform="quantile", quantiles=frozen),))
    later = np.round(rng.exponential(4, (200, 1)), 1)
    np.testing.assert_allclose(encoder.encode(later), transformer.transform(later), atol=1e-12)


def test_a_projection_turns_columns_into_fewer_coordinates() -> None:
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(7, 2))
    projected = mixed_catalogue(projection=matrix.tolist())
    encoder = Encoder.of_catalogue(projected)
    rows = np.array([[10, 1, 2, 0, 0], [900, 6, 3, 1, 2], [50, 3, 1, 1, 1.0]])
    np.testing.assert_allclose(encoder.encode(rows), ENCODER.encode(rows) @ matrix, rtol=1e-12)
    model = SegmentModel.from_catalogue(projected)
    distances = np.linalg.norm(encoder.encode(rows)[:, None] - model.coordinates, axis=2)
    np.testing.assert_allclose(model.distances(rows), distances, rtol=1e-12)


def test_a_label_depends_on_no_other_unit_where_there_is_a_projection() -> None:
    rng = np.random.default_rng(3)
    model = SegmentModel.from_catalogue(mixed_catalogue(projection=rng.normal(size=(7, 3)).tolist()))
    rows = some_answers(rng, 5_000)
    together = model.distances(rows)
    assert np.array_equal(np.vstack([model.distances(row[None]) for row in rows[:200]]), together[:200])


def test_where_answers_are_projected_none_may_be_missing() -> None:
    model = SegmentModel.from_catalogue(mixed_catalogue(projection=[[1.0]] * 7))
    with pytest.raises(AnswersError, match=r"row 1 .* 'calm'.*is missing, and the model projects"):
        model.label(np.array([[1, 2, 3, 0, 1], [1, np.nan, 3, 0, 1]]), minimum_answered=2)


def some_answers(rng: np.random.Generator, n_units: int) -> FloatArray:
    columns = [
        rng.exponential(1000, n_units).round(2),
        *(rng.integers(low, high, n_units) for low, high in ((1, 7), (1, 4), (0, 2), (0, 3))),
    ]
    answers: FloatArray = np.stack(columns, axis=1).astype(np.float64)
    return answers


def test_a_missing_category_adds_nothing_to_a_distance() -> None:
    rows = some_answers(np.random.default_rng(4), 50)
    rows[:, 4] = np.nan
    without = np.array([by_hand([*row[:4], -1.0])[:4] for row in rows.tolist()])
    centroids = MODEL.coordinates[:, :4]
    nearest = ((without[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    assert MODEL.nearest(rows, minimum_answered=4).tolist() == nearest.tolist()


@pytest.mark.parametrize("code", [3.0, -1.0, 0.5, 1e9])
def test_what_is_no_code_of_a_value_is_named_by_row_and_feature(code: float) -> None:
    rows = some_answers(np.random.default_rng(5), 10_000)
    rows[7_000, 4] = code
    with pytest.raises(
        AnswersError, match=rf"row 7000 .*'region': {re.escape(f'{code:g}')} is not a code of a value, which are 0 to 2"
    ):
        MODEL.label(rows)


def test_a_number_that_has_no_logarithm_is_refused() -> None:
    with pytest.raises(AnswersError, match=r"row 0 .*'income': -5 "):
        MODEL.label([[-5, 1, 1, 0, 0]])


def test_a_document_keeps_the_encoding_exactly_and_shows_categories_to_people() -> None:
    again = read_model(MODEL.to_json())
    rows = some_answers(np.random.default_rng(6), 1_000)
    assert np.array_equal(again.distances(rows), MODEL.distances(rows))
    assert again.to_json() == MODEL.to_json()
    segment = json.loads(MODEL.to_json())["segments"][1]
    assert segment["typical"] == {"how_often": "between sometimes and often", "region": "south 75%, north 25%"}


def test_a_document_of_another_size_of_projection_is_broken() -> None:
    content = json.loads(MODEL.to_json()) | {"projection": [[1.0], [2.0]]}
    with pytest.raises(ModelBrokenError, match=r"its projection .* does not fit to 7 columns"):
        read_model(json.dumps(content))


def test_plain_numbers_are_only_divided() -> None:
    encoder = Encoder.of_numbers(("a", "b"), [2.0, 4.0])
    assert encoder.is_plain
    assert encoder.size == 2.0
    assert encoder.encode(np.array([[1.0, 2.0]])).tolist() == [[0.5, 0.5]]


def test_a_category_counts_as_many_dimensions_as_it_varies_in() -> None:
    assert ENCODER.dimensions.tolist() == [1, 1, 1, 1, 2]
    assert ENCODER.size == 6.0
