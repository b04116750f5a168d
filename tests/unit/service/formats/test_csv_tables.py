"""What only CSV can be: cells of any text, broken rows, and what spreadsheets write."""

from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_service.formats import CSV
from fakes.tables import as_csv, as_json, columns_of
from flask.testing import FlaskClient


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
    ("body", "words"),
    [
        (b"", "'x9', 'x10' are missing"),
        (b"\n\n", "'x9', 'x10' are missing"),
        (b"x1,x2\n", "columns 'x3', 'x4'"),
        (b'x1,"x2', "CSV"),
        (b"x1,\xff\n", "UTF-8"),
        (b"x1,x\x002", r"column 'x\x002' is unknown"),
    ],
)
def test_a_broken_csv_body_is_refused(client: FlaskClient, body: bytes, words: str) -> None:
    response = client.post("/predict", data=body, content_type=CSV)
    assert response.status_code == 400
    assert response.json is not None
    assert words in response.json["error"]["message"]


def test_a_csv_row_of_another_length_is_refused_with_its_row(client: FlaskClient, catalogue: Catalogue) -> None:
    body = as_csv(columns_of(catalogue, 3)) + b"1,2,3\n"
    response = client.post("/predict", data=body, content_type=CSV)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["error"]["row"] == 3
    assert "3 cells, but the header has 10" in response.json["error"]["message"]


def test_a_csv_file_from_a_spreadsheet_is_read(client: FlaskClient, catalogue: Catalogue) -> None:
    columns = columns_of(catalogue, 3)
    body = b"\xef\xbb\xbf" + as_csv(columns).replace(b",", b" , ").replace(b"\r\n", b"\r\n\r\n")
    assert client.post("/predict", data=body, content_type="text/csv; charset=utf-8").json == (
        client.post("/predict", data=as_json(columns)).json
    )
