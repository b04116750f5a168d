"""CSV, Arrow IPC and Parquet, in and out: the same respondents get the same answer in every form."""

import json
from typing import Any

import pyarrow as pa
import pytest
from dtc_data import Catalogue
from dtc_service.formats import ARROW, CSV, JSON, PARQUET
from dtc_service.formats.media_names import MEDIA_TYPES
from dtc_service.settings import ServiceSettings
from fakes.tables import WRITE, as_arrow, as_csv, as_json, as_parquet, columns_of, read
from flask.testing import FlaskClient

TABLES = pytest.mark.parametrize("media_type", [CSV, ARROW, PARQUET])


@pytest.mark.parametrize("query", ["", "?detail=full", "?id=who&detail=full"])
def test_every_form_gets_the_same_answer_in_every_form(
    tolerant_client: FlaskClient, catalogue: Catalogue, query: str
) -> None:
    columns: dict[str, list[Any]] = dict(columns_of(catalogue))
    columns["x2"][3] = None
    for name in catalogue.feature_names[:3]:
        columns[name][5] = None
    if "id" in query:
        columns["who"] = [f"Zoë:{number}" for number in range(20)]
    bodies = {JSON: as_json(columns), **{kind: write(columns) for kind, write in WRITE.items()}}
    answers = []
    for sent, body in bodies.items():
        for asked in (CSV, ARROW, PARQUET):
            response = tolerant_client.post(f"/predict{query}", data=body, content_type=sent, headers={"Accept": asked})
            assert (response.status_code, response.mimetype) == (200, asked), response.data
            assert response.headers["X-Model-Version"] == "1"
            answers.append(read(response.data, asked))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["persona"][5] == answers[0]["label"][5] == ""
    assert "" not in answers[0]["persona"][:5]
    if "detail" in query:
        assert answers[0]["status"][5] == "incomplete"
    if "id" in query:
        assert answers[0]["who"] == columns["who"]


@TABLES
def test_columns_may_stand_in_any_order(client: FlaskClient, catalogue: Catalogue, media_type: str) -> None:
    columns = columns_of(catalogue)
    turned = dict(reversed(columns.items()))
    answers = [
        client.post("/predict", data=WRITE[media_type](each), content_type=media_type).json
        for each in (columns, turned)
    ]
    assert answers[0] == answers[1] == client.post("/predict", data=as_json(columns)).json


@TABLES
def test_missing_and_unknown_columns_are_named(client: FlaskClient, catalogue: Catalogue, media_type: str) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue))
    del columns["x3"]
    columns["age"] = columns["x1"]
    response = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    assert response.status_code == 400
    assert "'x3' is missing" in response.text
    assert "'age' is unknown" in response.text


@TABLES
def test_the_weights_of_a_survey_file_are_passed_over_whatever_they_are(
    client: FlaskClient, catalogue: Catalogue, media_type: str
) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue))
    plain = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    weighted = columns | {"weight": [0.5] * 20}
    response = client.post("/predict", data=WRITE[media_type](weighted), content_type=media_type)
    assert (response.status_code, response.data) == (200, plain.data)


@TABLES
def test_the_segment_column_of_a_survey_file_is_passed_over(
    client: FlaskClient, catalogue: Catalogue, media_type: str
) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue))
    plain: dict[str, Any] = json.loads(
        client.post("/predict", data=WRITE[media_type](columns), content_type=media_type).data
    )
    month = columns | {"customer_id": [f"c{n}" for n in range(20)], "persona": [None] * 20}
    response = client.post("/predict?id=customer_id", data=WRITE[media_type](month), content_type=media_type)
    assert response.json == plain | {"ids": {"customer_id": month["customer_id"]}}
    asked = client.post("/predict?id=persona", data=WRITE[media_type](month), content_type=media_type)
    assert (asked.status_code, "Leave it out of the query" in asked.text) == (400, True)


def test_a_column_given_twice_is_named(client: FlaskClient, catalogue: Catalogue) -> None:
    names = (*catalogue.feature_names, "x2")
    bodies = {
        CSV: f"{','.join(names)}\n{','.join('1' * len(names))}\n".encode(),
        ARROW: as_arrow(pa.table([pa.array([1.0])] * len(names), names=names)),
        PARQUET: as_parquet(pa.table([pa.array([1.0])] * len(names), names=names)),
    }
    for media_type, body in bodies.items():
        response = client.post("/predict", data=body, content_type=media_type)
        assert response.status_code == 400, response.text
        assert "column 'x2' is given twice" in response.text


@TABLES
@pytest.mark.parametrize("value", [11e12, float("nan"), float("inf"), -1e308])
def test_a_wrong_answer_is_refused_with_its_row_and_field(
    client: FlaskClient, catalogue: Catalogue, media_type: str, value: float
) -> None:
    columns = columns_of(catalogue)
    columns["x4"][13] = value
    columns["x1"][17] = value
    response = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    assert response.status_code == 400
    assert response.json is not None
    assert (response.json["error"]["row"], response.json["error"]["field"]) == (13, "x4")


@TABLES
def test_a_missing_answer_is_refused_where_none_may_be_missing(
    client: FlaskClient, catalogue: Catalogue, media_type: str
) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue))
    columns["x4"][13] = None
    response = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    assert response.status_code == 400
    assert response.json is not None
    assert (response.json["error"]["row"], response.json["error"]["field"]) == (13, "x4")
    assert "missing" in response.text


@TABLES
def test_the_row_limit_holds(
    client: FlaskClient, catalogue: Catalogue, service_settings: ServiceSettings, media_type: str
) -> None:
    for n_rows, status in ((service_settings.max_rows, 200), (service_settings.max_rows + 1, 413)):
        body = WRITE[media_type](columns_of(catalogue, n_rows))
        response = client.post("/predict", data=body, content_type=media_type)
        assert response.status_code == status
    assert "SERVICE_MAX_ROWS" in response.text


@TABLES
def test_no_units_get_no_labels(client: FlaskClient, catalogue: Catalogue, media_type: str) -> None:
    empty: dict[str, Any] = {name: pa.array([], pa.float64()) for name in catalogue.feature_names}
    body = as_csv({name: [] for name in catalogue.feature_names}) if media_type == CSV else WRITE[media_type](empty)
    for asked in MEDIA_TYPES:
        response = client.post("/predict?detail=full", data=body, content_type=media_type, headers={"Accept": asked})
        assert response.status_code == 200
    assert read(response.data, ARROW)["label"] == []


def test_what_accept_prefers_is_answered(client: FlaskClient) -> None:
    for accept, expected in (
        ("text/csv;q=0.5, application/vnd.apache.arrow.stream", ARROW),
        ("text/*", CSV),
        ("text/html, */*;q=0.1", JSON),
        ("application/*", JSON),
    ):
        response = client.post("/predict", data=b"[]", headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, expected)


def test_what_is_not_written_is_refused_with_what_is(client: FlaskClient) -> None:
    response = client.post("/predict", data=b"[]", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/csv" in response.text
