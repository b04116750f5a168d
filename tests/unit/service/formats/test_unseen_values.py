"""A value that was never seen before, where the catalogue takes it as missing: in every format alike."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dtc_service.errors import InvalidRequestError
from dtc_service.formats import CSV, JSON, PARQUET, RequestReader
from dtc_service.formats.request_rows import FloatArray
from fakes.store_catalogue import STORES, store_catalogue

ROWS = [
    {"size": 100.0, "weekend": 0.2, "place": "mall"},
    {"size": 90.0, "weekend": None, "place": "air{port: a\\b"},
    {"size": 1900.0, "weekend": 0.5, "place": None},
]
AS_JSON = json.dumps(ROWS).encode()
AS_CSV = b"size,weekend,place\n100,0.2,mall\n90,,airport\n1900,0.5,\n"


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer)
    return buffer.getvalue()


def read(body: bytes, media_type: str) -> FloatArray:
    answers: FloatArray = RequestReader(store_catalogue(), 10, 1_000_000).read(body, media_type).answers
    return answers


@pytest.mark.parametrize(
    ("body", "media_type"), [(AS_JSON, JSON), (AS_CSV, CSV), (parquet(), PARQUET)], ids=["json", "csv", "parquet"]
)
def test_it_counts_as_missing_and_all_else_as_it_is(body: bytes, media_type: str) -> None:
    expected = [[100.0, 0.2, 1.0], [90.0, np.nan, np.nan], [1900.0, 0.5, np.nan]]
    assert np.array_equal(read(body, media_type), expected, equal_nan=True)


def test_where_the_catalogue_does_not_say_so_it_is_refused_by_name() -> None:
    features = [*STORES["features"][:2], STORES["features"][2] | {"unseen": "refuse"}]
    reader = RequestReader(store_catalogue(features=features), 10, 1_000_000)
    with pytest.raises(InvalidRequestError, match="place"):
        reader.read(AS_JSON, JSON)


def test_a_key_given_twice_is_still_found() -> None:
    body = b'[{"size": 1, "weekend": 0.1, "place": "a", "place": "b"}]'
    with pytest.raises(InvalidRequestError, match="place"):
        read(body, JSON)


def test_what_is_not_known_is_told_as_such_and_not_left_out() -> None:
    with pytest.raises(InvalidRequestError, match=r"'weekend': is missing: .*null where an answer is missing"):
        read(b'[{"size": 100, "place": "mall"}]', JSON)
    with pytest.raises(InvalidRequestError, match="'weekend' is missing; leave the cells of a column empty where"):
        read(b"size,place\n100,mall\n", CSV)
    features = [*STORES["features"][:2], STORES["features"][2] | {"unseen": "refuse"}]
    strict = RequestReader(store_catalogue(missing_answers={}, features=features), 10, 1_000_000)
    with pytest.raises(InvalidRequestError, match="'weekend': is missing") as refused:
        strict.read(b'[{"size": 100, "place": "mall"}]', JSON)
    assert "null" not in str(refused.value), "which would be refused, too"
