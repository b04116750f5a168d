import json
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue, Feature
from dtc_service.errors import InvalidRequestError
from dtc_service.formats import JsonRequests, Wanted
from dtc_service.formats.number_arrays import WORTHWHILE_BYTES, read_number_arrays
from hypothesis import given
from hypothesis import strategies as st

LOW, HIGH = -3.0, 5.0
LIMITS = np.array([[LOW] * 3, [HIGH] * 3])
FEATURES = [Feature(name=name, minimum=LOW, maximum=HIGH) for name in ("price", "ecology", "class")]
SEGMENTS = [{"id": 0, "name": "a", "centroid": [0.0] * 3}, {"id": 1, "name": "b", "centroid": [1.0] * 3}]
CATALOGUE = Catalogue.model_validate(
    {
        "name": "limited",
        "registered_model": "limited",
        "features": [feature.model_dump() for feature in FEATURES],
        "personas": SEGMENTS,
    }
)
FILLING = [[0.0, 0.0, 0.0]] * (WORTHWHILE_BYTES // 12)
"""Rows that make a body long enough for the fast way."""

answers = st.floats(LOW, HIGH) | st.integers(-3, 5)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3) | st.floats() | st.integers(),
    lambda inner: st.lists(inner, max_size=4),
)


@given(st.lists(st.lists(answers, min_size=3, max_size=3), min_size=1, max_size=20), st.sampled_from(["", " ", "\n\t"]))
def test_arrays_of_valid_numbers_are_read_exactly(rows: list[list[float]], space: str) -> None:
    body = json.dumps(rows, indent=1 if space else None).replace("\n", "\n" + space).encode()
    read = read_number_arrays(body, LIMITS)
    assert read is not None
    np.testing.assert_array_equal(read, np.array(rows, dtype=np.float64))


def test_each_feature_keeps_its_own_limits() -> None:
    limits = np.array([[0.0, -10.0], [1.0, 10.0]])
    read = read_number_arrays(b"[[1, -10], [0.5, 10]]", limits)
    assert read is not None
    assert read.tolist() == [[1, -10], [0.5, 10]]
    assert read_number_arrays(b"[[1.5, 0]]", limits) is None
    assert read_number_arrays(b"[[0, 0], [0, -10.5]]", limits) is None


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "[[]]",
        "[[1, 2]]",
        "[[1, 2, 3, 4]]",
        "[[1, 2, 3, 4], [1, 2]]",  # as many numbers as two right rows
        "[[1, 2, 3, [4, 5, 0]]]",
        "[[1, 2, 3], 4, [[5]], 0]",
        "[[1], 2, [3, 4, [5, 0]]]",  # as many elements, brackets and numbers as three rows of two
        "[[[1], 2, 3]]",
        "[1, 2, 3]",
        "[[1, 2, 3], {}]",
        "[[1, 2, true]]",
        "[[1, 2, null]]",
        '[[1, 2, "3"]]',
        "[[1, 2, NaN]]",
        "[[1, 2, 1e999]]",
        "[[1, 2, 12345678901234567890123]]",
        "[[1, 2, 5.0001]]",
        "[[-3.0001, 2, 3]]",
        "[[1, 2, 03]]",
        "[[1, 2, 3],]",
        "[[1, 2, 3]",
        "[[1, 2, 3]] [[1, 2, 3]]",
        "[" * 5_000 + "]" * 5_000,
        "7",
        "",
    ],
)
def test_whatever_else_a_body_is_goes_to_the_general_reader(body: str) -> None:
    assert read_number_arrays(body.encode(), LIMITS) is None


@given(st.integers(0, len(FILLING)), anything)
def test_a_long_body_is_refused_exactly_where_the_general_reader_refuses(place: int, wrong: Any) -> None:
    document = json.dumps([*FILLING[:place], wrong, *FILLING[place:]])
    reader = JsonRequests(Wanted(CATALOGUE, max_rows=10_000))
    valid = (
        isinstance(wrong, list)
        and len(wrong) == 3
        and all(type(one) in {int, float} and LOW <= one <= HIGH for one in wrong)
    )
    if valid:
        assert reader.read(document.encode()).answers[place].tolist() == wrong
        return
    with pytest.raises(InvalidRequestError) as caught:
        reader.read(document.encode())
    if "NaN" not in document and "Infinity" not in document:
        assert caught.value.row == place
