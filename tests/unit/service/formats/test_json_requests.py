import json
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue, Feature
from dtc_model.rule import SegmentModel
from dtc_service.errors import InvalidRequestError, TooLargeError
from dtc_service.formats import JsonRequests as Reader
from dtc_service.formats import Wanted
from dtc_service.formats.request_rows import FloatArray
from hypothesis import given
from hypothesis import strategies as st

FEATURES = ("price", "ecology", "class")
LIMITED = (Feature(name="price"), Feature(name="ecology", scale=10.0), Feature(name="class", minimum=-3, maximum=5))
NAMED = {"price": 1, "ecology": 2.5, "class": -3}
POSITIONAL = {"0": 1, "1": 2.5, "2": -3}
ARRAY = [1, 2.5, -3]
FORMS = pytest.mark.parametrize("row", [NAMED, POSITIONAL, ARRAY], ids=["named", "positional", "array"])
CATALOGUE = Catalogue.model_validate(
    {
        "name": "limited",
        "registered_model": "limited",
        "features": [feature.model_dump() for feature in LIMITED],
        "personas": [
            {"id": 0, "name": "a", "centroid": [0.0, 0.0, 0.0]},
            {"id": 1, "name": "b", "centroid": [1.0, 0.0, 0.0]},
        ],
    }
)


class JsonRequests:
    """The reader, of which most tests only look at the answers."""

    def __init__(self, catalogue: Catalogue, max_rows: int) -> None:
        self._reader = Reader(Wanted(catalogue, max_rows))

    def read(self, body: bytes) -> FloatArray:
        return self._reader.read(body).answers


requests = JsonRequests(CATALOGUE, max_rows=1000)
short_requests = JsonRequests(CATALOGUE, max_rows=5)

answers = st.floats(-3, 5) | st.integers(-3, 5)
no_answers: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.text(max_size=5) | st.lists(answers, max_size=3) | st.just({})
)


def refusal(body: bytes | str) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        requests.read(body.encode() if isinstance(body, str) else body)
    return caught.value


@FORMS
def test_each_form_gives_the_answers_in_the_order_of_the_features(row: Any) -> None:
    read = requests.read(json.dumps([row, row]).encode())
    assert read.dtype == np.float64
    assert read.tolist() == [[1.0, 2.5, -3.0], [1.0, 2.5, -3.0]]


@FORMS
@pytest.mark.parametrize("n_rows", [1, 300], ids=["short", "long"])
def test_a_byte_order_mark_in_front_is_skipped(row: Any, n_rows: int) -> None:
    assert requests.read(json.dumps([row] * n_rows).encode("utf-8-sig")).tolist() == [[1.0, 2.5, -3.0]] * n_rows


def test_one_anywhere_else_is_no_json() -> None:
    for body in (b"[[1, \xef\xbb\xbf2, 3]]", b"\xef\xbb\xbf\xef\xbb\xbf[[1, 2, 3]]"):
        assert "not valid JSON" in str(refusal(body.decode("utf-8")))


def test_keys_may_stand_in_any_order() -> None:
    assert requests.read(b'[{"class": 3, "price": 1, "ecology": 2}]').tolist() == [[1, 2, 3]]
    assert requests.read(b'[{"2": 3, "0": 1, "1": 2}]').tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("body", [b"[]", b" [ ]\n"])
def test_an_empty_array_has_no_units(body: bytes) -> None:
    assert requests.read(body).shape == (0, 3)


def test_white_space_does_not_hide_the_form() -> None:
    assert requests.read(b'\n [\t{ "0" :1,"1":2,"2":3}]').tolist() == [[1, 2, 3]]
    assert requests.read(b"\r\n[\n[1,2,3]]").tolist() == [[1, 2, 3]]


@given(st.lists(st.tuples(*[answers] * 3), max_size=5), st.permutations(range(3)))
def test_all_forms_of_the_same_answers_are_read_alike(rows: list[tuple[float, ...]], order: list[int]) -> None:
    forms = [
        [{FEATURES[i]: row[i] for i in order} for row in rows],
        [{str(i): row[i] for i in order} for row in rows],
        [list(row) for row in rows],
    ]
    expected = np.array(rows, dtype=np.float64).reshape(-1, 3)
    for form in forms:
        np.testing.assert_array_equal(requests.read(json.dumps(form).encode()), expected)


@given(
    form=st.sampled_from([NAMED, POSITIONAL, ARRAY]),
    n_rows=st.integers(1, 5),
    data=st.data(),
    wrong=no_answers,
)
def test_a_value_that_is_no_number_is_refused_with_its_row_and_field(
    form: Any, n_rows: int, data: st.DataObject, wrong: Any
) -> None:
    rows: list[Any] = [form.copy() for _ in range(n_rows)]
    row, position = data.draw(st.integers(0, n_rows - 1)), data.draw(st.integers(0, 2))
    field = list(form)[position] if isinstance(form, dict) else FEATURES[position]
    rows[row][field if isinstance(form, dict) else position] = wrong
    error = refusal(json.dumps(rows))
    assert (error.row, error.field) == (row, field)
    assert f"row {row} (counted from 0), field {field!r}" in str(error)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
@FORMS
def test_a_literal_that_is_not_json_is_refused_with_its_row_and_field(row: Any, literal: str) -> None:
    last = "class" if row is NAMED else "2"
    body = json.dumps([row, row])
    start = body.rindex("-3")
    error = refusal(body[:start] + literal + body[start + 2 :])
    assert (error.row, error.field) == (1, "class" if row is ARRAY else last)
    assert "NaN and Infinity" in str(error)


@pytest.mark.parametrize(
    ("body", "row"),
    [("NaN", None), ("[{NaN: 1}]", None), ("[NaN]", 0), ("[[1, 2, 3], NaN]", 1), (f"[{json.dumps(NAMED)}, NaN]", 1)],
)
def test_such_a_literal_is_refused_wherever_it_stands(body: str, row: int | None) -> None:
    error = refusal(body)
    assert error.row == row
    assert "NaN and Infinity are not JSON" in str(error)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400])
@FORMS
def test_a_number_beyond_all_doubles_is_refused_with_its_row_and_field(row: Any, number: str) -> None:
    error = refusal(json.dumps([row, row]).replace("2.5", number))
    field = "1" if row is POSITIONAL else "ecology"
    assert (error.row, error.field) == (0, field)
    assert "out of range" in str(error)


@pytest.mark.parametrize(
    ("feature", "low", "high"), [("price", -1e12, 1e12), ("ecology", -1e13, 1e13), ("class", -3, 5)]
)
def test_an_answer_beyond_the_limits_of_its_feature_is_refused(feature: str, low: float, high: float) -> None:
    assert requests.read(json.dumps([{**NAMED, feature: low}, {**NAMED, feature: high}]).encode()).shape == (2, 3)
    for beyond in (np.nextafter(low, -np.inf), np.nextafter(high, np.inf), 1e308, -1e308, 10**20):
        error = refusal(json.dumps([NAMED, {**NAMED, feature: beyond}]))
        assert (error.row, error.field) == (1, feature)
        assert f"a number {'<=' if beyond > 0 else '>='} {high if beyond > 0 else low:.1f}" in str(error)


@pytest.mark.parametrize("row", [NAMED, POSITIONAL], ids=["named", "positional"])
def test_a_missing_key_is_named(row: dict[str, float]) -> None:
    missing = list(row)[1]
    error = refusal(json.dumps([row, {key: value for key, value in row.items() if key != missing}]))
    assert (error.row, error.field) == (1, missing)
    assert "is missing" in str(error)


@pytest.mark.parametrize("row", [NAMED, POSITIONAL], ids=["named", "positional"])
def test_an_unknown_key_is_named(row: dict[str, float]) -> None:
    error = refusal(json.dumps([row, {**row, "customer `id": 5}]))
    assert (error.row, error.field) == (1, "customer `id")
    assert "is unknown" in str(error)


@pytest.mark.parametrize("row", [NAMED, POSITIONAL], ids=["named", "positional"])
def test_a_key_given_twice_is_named(row: dict[str, float]) -> None:
    key = list(row)[2]
    whole = json.dumps(row)
    error = refusal(f'[{whole}, {whole[:-1]}, "{key}": 1}}, {whole}]')
    assert (error.row, error.field) == (1, key)
    assert "twice" in str(error)


def test_an_array_of_another_length_is_refused_with_its_row() -> None:
    for wrong in ([], [1, 2], [1, 2, 3, 4]):
        error = refusal(json.dumps([ARRAY, ARRAY, wrong]))
        assert error.row == 2
        assert "array of 3 numbers" in str(error)


@pytest.mark.parametrize(
    ("first", "second"),
    [(a, b) for a in (NAMED, POSITIONAL, ARRAY) for b in (NAMED, POSITIONAL, ARRAY) if a is not b],
)
def test_rows_of_two_forms_are_refused_at_the_first_that_differs(first: Any, second: Any) -> None:
    error = refusal(json.dumps([first, first, second]))
    assert error.row == 2
    assert "like the first" in str(error)


@pytest.mark.parametrize(
    ("row", "words"),
    [("1", "a number"), ("null", "null"), ('"a"', "a string"), ("true", "true or false"), ("1.5", "a number")],
)
def test_a_row_that_is_neither_object_nor_array_is_refused(row: str, words: str) -> None:
    error = refusal(f"[{row}]")
    assert error.row == 0
    assert f"expected an object, got {words}" in str(error)


@pytest.mark.parametrize("body", ['{"price": 1}', "5", '"text"', "null", "true"])
def test_json_that_is_no_array_is_refused(body: str) -> None:
    error = refusal(body)
    assert error.row is None
    assert "array of respondents" in str(error)


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_is_named(body: bytes) -> None:
    assert "empty" in str(refusal(body))


@pytest.mark.parametrize(
    ("body", "byte"), [("[[1,2,3],]", 9), ("[[01,2,3]]", 3), ("[[1 2]]", 4), ("[{price:1}]", 2), ("[[1,.5,2]]", 4)]
)
def test_broken_json_is_refused_with_the_position(body: str, byte: int) -> None:
    assert f"byte {byte}" in str(refusal(body))


def test_text_behind_the_array_is_refused() -> None:
    assert "trailing" in str(refusal("[[1,2,3]] [[1,2,3]]"))


def test_a_body_that_ends_too_early_is_refused() -> None:
    whole = json.dumps([NAMED, NAMED])
    for end in range(1, len(whole)):
        assert "not valid JSON" in str(refusal(whole[:end]))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'[{"\xff": 1}]', "the body is not UTF-8: a key"),
        (b'[{"price": "\xff"}]', "field 'price': expected a number, got a string"),
    ],
)
def test_broken_text_is_refused(body: bytes, words: str) -> None:
    assert words in str(refusal(body))


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        ("[", "field 'price': expected a number, got an array"),
        ('[{"price":', "field 'price': expected a number, got an array"),
        ('[{"other":', "field 'other': is unknown"),
        ('{"a":', "expected an array, got an object"),
    ],
)
def test_deep_nesting_is_refused(opening: str, words: str) -> None:
    deep = JsonRequests(CATALOGUE, max_rows=10**6)
    with pytest.raises(InvalidRequestError, match=words):
        deep.read(opening.encode() * 100_000)


@FORMS
def test_the_row_limit_holds_for_each_form(row: Any) -> None:
    assert len(short_requests.read(json.dumps([row] * 5).encode())) == 5
    with pytest.raises(TooLargeError, match="5 respondents"):
        short_requests.read(json.dumps([row] * 6).encode())


def test_a_long_unknown_key_is_not_repeated_in_full() -> None:
    assert len(str(refusal(json.dumps([{"k" * 10_000: 1}])))) < 500


def test_no_message_repeats_an_answer() -> None:
    for row in ({**NAMED, "ecology": "secret-4711"}, {**NAMED, "ecology": ["secret-4711"]}):
        assert "4711" not in str(refusal(json.dumps([row])))


def test_all_forms_of_a_catalogue_get_the_labels_of_its_model(small_catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    reader = JsonRequests(small_catalogue, max_rows=10)
    rows = small_catalogue.centroids.tolist()
    for form in (
        [dict(zip(small_catalogue.feature_names, row, strict=True)) for row in rows],
        [{str(i): value for i, value in enumerate(row)} for row in rows],
        rows,
    ):
        assert tuple(model.label(reader.read(json.dumps(form).encode()))) == small_catalogue.segment_ids
