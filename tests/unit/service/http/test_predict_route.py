import gzip
import json
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from dtc_service.serving import ModelHolder
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# The client is made once per test instead of once per example; it keeps nothing between requests.
one_client = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

answers = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.just("x1"), inner, max_size=4),
    max_leaves=20,
)


def forms(rows: list[list[float]], names: tuple[str, ...]) -> list[Any]:
    return [
        [dict(zip(names, row, strict=True)) for row in rows],
        [{str(position): value for position, value in enumerate(row)} for row in rows],
        rows,
    ]


def test_each_centroid_gets_the_id_and_name_of_its_segment(client: FlaskClient, catalogue: Catalogue) -> None:
    for form in forms(catalogue.centroids.tolist(), catalogue.feature_names):
        response = client.post("/predict", json=form)
        assert response.status_code == 200
        assert response.content_type == "application/json"
        assert response.json == {
            "labels": list(catalogue.segment_ids),
            "personas": list(catalogue.segment_names),
            "model_version": "1",
        }


@one_client
@given(rows=st.lists(st.lists(answers, min_size=10, max_size=10), max_size=5))
def test_every_form_gets_the_labels_of_the_model(
    client: FlaskClient, model: SegmentModel, rows: list[list[float]]
) -> None:
    expected = model.label(np.array(rows, dtype=np.float64).reshape(-1, 10)).tolist()
    names = dict(zip(model.segment_ids, model.segment_names, strict=True))
    for form in forms(rows, model.feature_names):
        answer = client.post("/predict", json=form).json
        assert answer == {"labels": expected, "personas": [names[label] for label in expected], "model_version": "1"}


@one_client
@given(document=json_values)
def test_no_json_makes_the_service_fail(client: FlaskClient, document: Any) -> None:
    response = client.post("/predict", data=json.dumps(document), content_type="application/json")
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert response.json is not None
        assert response.json["error"]["type"] == "InvalidRequestError"


@one_client
@given(row=st.integers(0, 2), column=st.integers(0, 9), value=json_values)
def test_any_json_in_place_of_an_answer_is_labelled_or_refused(
    client: FlaskClient, catalogue: Catalogue, row: int, column: int, value: Any
) -> None:
    rows: list[list[Any]] = catalogue.centroids.tolist()
    rows[row][column] = value
    for form in forms(rows, catalogue.feature_names):
        response = client.post("/predict", data=json.dumps(form), content_type="application/json")
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e12
        assert response.status_code == (200 if is_number else 400)


@one_client
@given(body=st.binary(max_size=60))
def test_no_bytes_make_the_service_fail(client: FlaskClient, body: bytes) -> None:
    assert client.post("/predict", data=body, content_type="application/json").status_code in {200, 400}


def test_no_units_get_no_labels(client: FlaskClient) -> None:
    assert client.post("/predict", json=[]).json == {"labels": [], "personas": [], "model_version": "1"}


def test_a_refusal_says_row_and_field(client: FlaskClient, catalogue: Catalogue) -> None:
    rows = forms(catalogue.centroids.tolist(), catalogue.feature_names)[0]
    rows[2]["x4"] = "7"
    response = client.post("/predict", json=rows)
    assert response.status_code == 400
    assert response.json == {
        "error": {
            "type": "InvalidRequestError",
            "message": "row 2 (counted from 0), field 'x4': expected a number, got a string",
            "row": 2,
            "field": "x4",
        }
    }


@pytest.mark.parametrize("value", [1e308, -1e308, 1e13])
def test_an_answer_too_large_to_be_labelled_is_refused(client: FlaskClient, catalogue: Catalogue, value: float) -> None:
    rows = catalogue.centroids.tolist()
    rows[1][3] = value
    response = client.post("/predict", json=rows)
    assert response.status_code == 400
    assert response.json is not None
    assert (response.json["error"]["row"], response.json["error"]["field"]) == (1, "x4")
    assert "expected a number " in response.json["error"]["message"]


def test_json_is_assumed_where_no_type_is_declared(client: FlaskClient) -> None:
    assert client.post("/predict", data=b"[]").status_code == 200


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_parameters_and_case_of_the_type_do_not_matter(client: FlaskClient, media_type: str) -> None:
    assert client.post("/predict", data=b"[]", content_type=media_type).status_code == 200


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/html", "nonsense"])
def test_another_media_type_is_refused_with_the_one_that_is_read(client: FlaskClient, media_type: str) -> None:
    response = client.post("/predict", data=b"[]", content_type=media_type)
    assert response.status_code == 415
    assert b"application/json" in response.data


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_a_body_packed_in_an_unknown_way_is_refused(client: FlaskClient, encoding: str) -> None:
    response = client.post("/predict", data=b"[]", headers={"Content-Encoding": encoding})
    assert response.status_code == 415
    assert b"gzip" in response.data


def test_a_gzip_body_is_unpacked(client: FlaskClient, catalogue: Catalogue) -> None:
    body = json.dumps(catalogue.centroids.tolist()).encode()
    packed = gzip.compress(body[:100]) + gzip.compress(body[100:])  # of two members, as the format allows
    response = client.post("/predict", data=packed, headers={"Content-Encoding": "gzip"})
    assert response.json is not None
    assert response.json["labels"] == list(catalogue.segment_ids)


def test_a_gzip_bomb_is_refused_with_the_limit(client: FlaskClient, service_settings: ServiceSettings) -> None:
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    assert len(bomb) > service_settings.max_bytes
    for body in (bomb, gzip.compress(b" " * 5_000_000)):
        response = client.post("/predict", data=body, headers={"Content-Encoding": "gzip"})
        assert response.status_code == 413
        assert "SERVICE_MAX_BYTES" in response.text


@pytest.mark.parametrize(
    "body",
    [b"[]", gzip.compress(b"[]")[:-4], gzip.compress(b"[]") + b"rest"],
    ids=["not packed", "cut off", "followed by more"],  # the bytes hold the time
)
def test_a_broken_gzip_body_is_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/predict", data=body, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 400
    assert "gzip" in response.text


def test_too_many_bytes_are_refused_with_the_limit(client: FlaskClient, service_settings: ServiceSettings) -> None:
    exact = b"[" + b" " * (service_settings.max_bytes - 2) + b"]"
    assert client.post("/predict", data=exact).status_code == 200
    response = client.post("/predict", data=exact + b" ")
    assert response.status_code == 413
    assert response.json is not None
    assert f"{service_settings.max_bytes} bytes" in response.json["error"]["message"]


def test_the_byte_limit_holds_without_an_announced_length(
    client: FlaskClient, service_settings: ServiceSettings
) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    for length, status in ((service_settings.max_bytes, 200), (service_settings.max_bytes + 1, 413)):
        body = b"[]".ljust(length)
        assert client.post("/predict", data=body, environ_overrides=chunked).status_code == status


def test_a_body_shorter_than_announced_is_refused(client: FlaskClient) -> None:
    response = client.post("/predict", data=b"[]", environ_overrides={"CONTENT_LENGTH": "7"})
    assert response.status_code == 400
    assert "the body ends after 2 of 7 bytes" in response.text


def test_too_many_rows_are_refused_with_the_limit(client: FlaskClient, service_settings: ServiceSettings) -> None:
    row = [0] * 10
    assert client.post("/predict", json=[row] * service_settings.max_rows).status_code == 200
    response = client.post("/predict", json=[row] * (service_settings.max_rows + 1))
    assert response.status_code == 413
    assert response.json is not None
    assert f"{service_settings.max_rows} respondents" in response.json["error"]["message"]


def test_every_answer_carries_the_version_that_gave_it(
    client: FlaskClient, shelf: ModelShelf, holder: ModelHolder, catalogue: Catalogue
) -> None:
    rows = catalogue.centroids.tolist()
    before = client.post("/predict", json=rows).json
    shelf.production = "2"
    holder.refresh()
    after = client.post("/predict", json=rows).json
    assert before is not None
    assert after is not None
    assert (before["model_version"], before["labels"]) == ("1", list(catalogue.segment_ids))
    assert (after["model_version"], after["labels"]) == ("2", list(catalogue.segment_ids)[::-1])


def test_respondents_are_not_labelled_by_transactions(client: FlaskClient) -> None:
    response = client.post("/predict?from=transactions", json=[])
    assert response.status_code == 400
    assert "units of this segmentation are not labelled by transactions" in response.text.replace(
        "respondents", "units"
    )
