"""What only CSV can be: cells of any text, broken rows, and what spreadsheets write."""

from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.formats import CSV, JSON
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.mixed_features import mixed_catalogue
from fakes.registry import ModelShelf
from fakes.served import serving
from fakes.tables import as_csv, as_json, columns_of
from flask.testing import FlaskClient


def mixed_client() -> FlaskClient:
    """Return a client of a service for features of every type."""
    catalogue = mixed_catalogue()
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, 50, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return create_app(ServiceSettings(), serving(catalogue, holder)).test_client()


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


@pytest.mark.parametrize("separator", [b";", b"\t", b"|"])
def test_other_separators_than_commas_are_read(client: FlaskClient, catalogue: Catalogue, separator: bytes) -> None:
    columns = columns_of(catalogue, 3)
    body = as_csv(columns).replace(b",", separator)
    assert client.post("/predict", data=body, content_type=CSV).json == (
        client.post("/predict", data=as_json(columns)).json
    )


def test_decimal_commas_are_read_beside_semicolons(client: FlaskClient, catalogue: Catalogue) -> None:
    columns = columns_of(catalogue, 3)
    body = as_csv(columns).replace(b",", b";").replace(b".", b",")
    assert b"," in body
    assert client.post("/predict", data=body, content_type=CSV).json == (
        client.post("/predict", data=as_json(columns)).json
    )


@pytest.mark.parametrize(
    ("yes", "no"), [("Yes", "No"), ("yes", "no"), ("TRUE", "FALSE"), ("1", "0"), (" yes ", "no"), ("1.0", "0.0")]
)
def test_yes_and_no_are_read_however_they_are_written(yes: str, no: str) -> None:
    client = mixed_client()
    body = f"income,calm,how_often,owns_car,region\n750,5,sometimes,{yes},south\n2750,2,sometimes,{no},north\n"
    answer = client.post("/predict", data=body, content_type=CSV, headers={"Accept": JSON})
    assert (answer.status_code, answer.json and answer.json["labels"]) == (200, [2, 1]), answer.text


def test_an_answer_that_is_neither_yes_nor_no_is_told_with_what_is_expected() -> None:
    body = "income,calm,how_often,owns_car,region\n750,5,sometimes,perhaps,south\n"
    answer = mixed_client().post("/predict", data=body, content_type=CSV)
    assert answer.status_code == 400
    assert "field 'owns_car': this is not an answer: expected yes (1) or no (0)" in answer.text
