"""What only Arrow IPC and Parquet can be: columns of any type, packed buffers, broken bytes."""

import json
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from dtc_data import Catalogue
from dtc_service.formats import ARROW, PARQUET
from fakes.tables import WRITE, as_arrow, columns_of
from flask.testing import FlaskClient

BINARY = pytest.mark.parametrize("media_type", [ARROW, PARQUET])


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
    assert "column 'x6' is of type" in response.text
    assert "send numbers" in response.text


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
