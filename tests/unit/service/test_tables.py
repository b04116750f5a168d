"""CSV, Arrow IPC and Parquet, in and out: the same respondents get the same answer in every form."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dtc_data import Catalogue
from dtc_service.answer import JSON
from dtc_service.media_types import ARROW, CSV, MEDIA_TYPES, PARQUET
from dtc_service.settings import ServiceSettings
from flask.testing import FlaskClient

TABLES = pytest.mark.parametrize("media_type", [CSV, ARROW, PARQUET])
BINARY = pytest.mark.parametrize("media_type", [ARROW, PARQUET])


def as_csv(columns: Mapping[str, Iterable[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def as_arrow(columns: Any) -> bytes:
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return bytes(sink.getvalue())


def as_parquet(columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), sink)
    return bytes(sink.getvalue())


WRITE: dict[str, Callable[[Any], bytes]] = {CSV: as_csv, ARROW: as_arrow, PARQUET: as_parquet}


def read(body: bytes, media_type: str) -> dict[str, list[Any]]:
    """Give the columns of an answer, all values as text."""
    if media_type == CSV:
        header, *rows = csv.reader(io.StringIO(body.decode()))
        return {name: [row[place] for row in rows] for place, name in enumerate(header)}
    table = pa.ipc.open_stream(body).read_all() if media_type == ARROW else pq.read_table(pa.py_buffer(body))
    return {
        name: ["" if value is None else str(value) for value in table.column(name).to_pylist()]
        for name in table.column_names
    }


def columns_of(catalogue: Catalogue, n_rows: int = 20) -> dict[str, list[float]]:
    answers = np.random.default_rng(5).uniform(-9, 9, (n_rows, len(catalogue.features))).round(3)
    return dict(zip(catalogue.feature_names, answers.T.tolist(), strict=True))


def as_json(columns: dict[str, list[Any]]) -> bytes:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]).encode()


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
def test_the_persona_column_of_a_survey_file_is_passed_over(
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
        assert "'x2'" in response.text


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


@pytest.mark.parametrize("cell", ["abc", "1_000", "٣", "0x10", "1,5", "NaN", "-", "true", "1e999"])
def test_a_cell_that_is_no_number_is_refused_and_not_repeated(
    tolerant_client: FlaskClient, catalogue: Catalogue, cell: str
) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue))
    columns["x2"][1] = cell
    response = tolerant_client.post("/predict", data=as_csv(columns), content_type=CSV)
    assert response.status_code == 400
    assert response.json is not None
    assert (response.json["error"]["row"], response.json["error"]["field"]) == (1, "x2")
    assert len(cell) < 3 or cell not in response.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "missing"),
        (b"\n\n", "missing"),
        (b"x1,x2\n", "x10"),
        (b'x1,"x2', "CSV"),
        (b"x1,\xff\n", "UTF-8"),
        (b"x1,x\x002", ""),
    ],
)
def test_a_broken_csv_body_is_refused(client: FlaskClient, body: bytes, place: str) -> None:
    response = client.post("/predict", data=body, content_type=CSV)
    assert response.status_code == 400
    assert place in response.text


def test_a_csv_row_of_another_length_is_refused_with_its_row(client: FlaskClient, catalogue: Catalogue) -> None:
    body = as_csv(columns_of(catalogue, 3)) + b"1,2,3\n"
    response = client.post("/predict", data=body, content_type=CSV)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["error"]["row"] == 3


def test_a_csv_file_from_a_spreadsheet_is_read(client: FlaskClient, catalogue: Catalogue) -> None:
    columns = columns_of(catalogue, 3)
    body = b"\xef\xbb\xbf" + as_csv(columns).replace(b",", b" , ").replace(b"\r\n", b"\r\n\r\n")
    assert client.post("/predict", data=body, content_type="text/csv; charset=utf-8").json == (
        client.post("/predict", data=as_json(columns)).json
    )


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
def test_no_respondents_get_no_labels(client: FlaskClient, catalogue: Catalogue, media_type: str) -> None:
    empty: dict[str, Any] = {name: pa.array([], pa.float64()) for name in catalogue.feature_names}
    body = as_csv({name: [] for name in catalogue.feature_names}) if media_type == CSV else WRITE[media_type](empty)
    for asked in MEDIA_TYPES:
        response = client.post("/predict?detail=full", data=body, content_type=media_type, headers={"Accept": asked})
        assert response.status_code == 200
    assert read(response.data, ARROW)["label"] == []


@BINARY
@pytest.mark.parametrize("type_", [pa.int8(), pa.uint16(), pa.int64(), pa.float32(), pa.float16()])
def test_numbers_of_every_width_are_read(
    client: FlaskClient, catalogue: Catalogue, media_type: str, type_: pa.DataType
) -> None:
    values = np.array([1, 2, 3], dtype=type_.to_pandas_dtype())
    columns = {name: pa.array(values, type_) for name in catalogue.feature_names}
    response = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    assert response.status_code == 200
    assert response.json == client.post("/predict", data=json.dumps([[n] * 10 for n in (1, 2, 3)])).json


@BINARY
@pytest.mark.parametrize("values", [["1"], [True], [[1.0]], [date(2025, 1, 1)], [b"1"]])
def test_a_column_that_is_no_number_is_refused_by_name(
    client: FlaskClient, catalogue: Catalogue, media_type: str, values: list[Any]
) -> None:
    columns: dict[str, Any] = {name: [1.0] for name in catalogue.feature_names} | {"x6": values}
    response = client.post("/predict", data=WRITE[media_type](columns), content_type=media_type)
    assert response.status_code == 400
    assert "'x6'" in response.text


@BINARY
def test_no_bytes_make_the_service_fail(client: FlaskClient, catalogue: Catalogue, media_type: str) -> None:
    sound = WRITE[media_type](columns_of(catalogue))
    rng = np.random.default_rng(11)
    for _ in range(300):
        broken = bytearray(sound)
        for place in rng.integers(0, len(sound), rng.integers(1, 6)):
            broken[place] = rng.integers(0, 256)
        body = bytes(broken[: rng.integers(0, len(sound) + 1)]) if rng.random() < 0.5 else bytes(broken)
        response = client.post("/predict", data=body, content_type=media_type)
        assert response.status_code in {200, 400, 413}, response.text


def test_packed_arrow_buffers_are_refused_with_the_way_out(client: FlaskClient, catalogue: Catalogue) -> None:
    table = pa.table(columns_of(catalogue))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    response = client.post("/predict", data=bytes(sink.getvalue()), content_type=ARROW)
    assert response.status_code == 400
    assert "gzip" in response.text


def test_an_arrow_file_is_read_like_a_stream(client: FlaskClient, catalogue: Catalogue) -> None:
    table = pa.table(columns_of(catalogue))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    response = client.post("/predict", data=bytes(sink.getvalue()), content_type=ARROW)
    assert response.json == client.post("/predict", data=as_arrow(table), content_type=ARROW).json
    assert response.status_code == 200


def test_ids_of_every_plain_type_come_back(client: FlaskClient, catalogue: Catalogue) -> None:
    columns: dict[str, Any] = dict(columns_of(catalogue, 2)) | {
        "day": [date(2025, 1, 1), None],
        "number": [7, 8],
        "sure": [True, False],
    }
    body = as_arrow(columns)
    query = "/predict?id=day&id=number&id=sure"
    answer = client.post(query, data=body, content_type=ARROW).json
    assert answer is not None
    assert answer["ids"] == {"day": ["2025-01-01", None], "number": [7, 8], "sure": [True, False]}
    arrow = client.post(query, data=body, content_type=ARROW, headers={"Accept": ARROW}).data
    assert pa.ipc.open_stream(arrow).read_all().column("day").to_pylist() == [date(2025, 1, 1), None]


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
