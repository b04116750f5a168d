"""Requests with features of every type: the same units get the same labels in every form, and wrong answers are named."""

import copy
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import FloatArray, answer_columns
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.formats import ARROW, CSV, JSON, PARQUET
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.mixed_features import mixed_catalogue
from fakes.registry import ModelShelf
from fakes.served import serving
from fakes.tables import WRITE, as_json
from flask.testing import FlaskClient

TABLES = pytest.mark.parametrize("media_type", [CSV, ARROW, PARQUET])
STRICT, TOLERANT = mixed_catalogue(), mixed_catalogue(missing_answers={"minimum_answered": 3})
N_UNITS = 120


def client_of(catalogue: Catalogue) -> FlaskClient:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, 1_000, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return create_app(ServiceSettings(), serving(catalogue, holder)).test_client()


@pytest.fixture(scope="module")
def strict() -> FlaskClient:
    return client_of(STRICT)


@pytest.fixture(scope="module")
def tolerant() -> FlaskClient:
    return client_of(TOLERANT)


def answers() -> FloatArray:
    rng = np.random.default_rng(1)
    ranges = ((1, 7), (1, 4), (0, 2), (0, 3))
    whole = [rng.integers(low, high, N_UNITS) for low, high in ranges]
    found: FloatArray = np.stack([rng.exponential(2000, N_UNITS).round(2), *whole], axis=1).astype(np.float64)
    return found


def columns() -> dict[str, list[Any]]:
    """Return the answers as people write them."""
    found = {name: column.tolist() for name, column in answer_columns(answers(), STRICT.features).items()}
    return found | {name: [int(value) for value in found[name]] for name in ("calm", "owns_car")}


def rows() -> list[dict[str, Any]]:
    found = columns()
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


EXPECTED = SegmentModel.from_catalogue(STRICT).label(answers()).tolist()


def labels(client: FlaskClient, body: bytes, media_type: str = JSON) -> list[int | None]:
    response = client.post("/predict", data=body, content_type=media_type)
    assert response.status_code == 200, response.text
    found: list[int | None] = json.loads(response.data)["labels"]
    return found


@pytest.mark.parametrize("form", ["named", "positional", "array"])
def test_each_form_of_json_gets_the_labels_of_the_model(form: str, strict: FlaskClient) -> None:
    bodies: dict[str, list[Any]] = {
        "named": rows(),
        "positional": [{str(place): value for place, value in enumerate(row.values())} for row in rows()],
        "array": [list(row.values()) for row in rows()],
    }
    assert labels(strict, json.dumps(bodies[form]).encode()) == EXPECTED


@TABLES
def test_each_table_gets_the_labels_of_the_model(media_type: str, strict: FlaskClient) -> None:
    assert labels(strict, WRITE[media_type](columns()), media_type) == EXPECTED


def test_an_answer_speaks_the_words_of_the_catalogue(strict: FlaskClient) -> None:
    answer = strict.post("/predict", json=rows()[:3]).json
    assert answer is not None
    assert set(answer) == {"labels", "segments", "model_version"}
    header = strict.post("/predict", json=rows()[:3], headers={"Accept": CSV}).text.split("\n")[0]
    assert header == "label,segment"


def test_yes_or_no_may_be_written_as_json_and_as_people_write_it(strict: FlaskClient) -> None:
    said = [row | {"owns_car": bool(row["owns_car"])} for row in rows()]
    assert labels(strict, json.dumps(said).encode()) == EXPECTED
    words = columns() | {"owns_car": ["Yes" if value else "no" for value in columns()["owns_car"]]}
    assert labels(strict, WRITE[CSV](words), CSV) == EXPECTED
    booleans: dict[str, list[Any]] = columns() | {"owns_car": [bool(value) for value in columns()["owns_car"]]}
    assert labels(strict, WRITE[PARQUET](booleans), PARQUET) == EXPECTED


def test_a_column_of_categories_may_be_packed_as_data_frames_pack_it(strict: FlaskClient) -> None:
    table = pa.table(columns())
    packed = table.set_column(4, "region", table.column("region").dictionary_encode())
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(packed, sink)
    assert labels(strict, sink.getvalue().to_pybytes(), PARQUET) == EXPECTED


def test_a_missing_answer_and_a_code_for_one_are_the_same(tolerant: FlaskClient) -> None:
    gaps, coded = copy.deepcopy(rows()), copy.deepcopy(rows())
    for place in range(0, N_UNITS, 3):
        gaps[place]["region"], coded[place]["region"] = None, "refused"
    for place in range(0, N_UNITS, 2):
        gaps[place]["calm"], coded[place]["calm"] = None, 99
    with_gaps = labels(tolerant, json.dumps(gaps).encode())
    assert with_gaps == labels(tolerant, json.dumps(coded).encode())
    as_columns = {name: [row[name] for row in coded] for name in coded[0]}
    for media_type, write in WRITE.items():
        assert labels(tolerant, write(as_columns), media_type) == with_gaps


@pytest.mark.parametrize("media_type", [JSON, CSV, ARROW, PARQUET])
@pytest.mark.parametrize(
    ("field", "wrong", "expected"),
    [
        ("region", "east", "one of north, south, abroad"),
        ("region", "North", "one of north, south, abroad"),
        ("how_often", "", "one of never, sometimes, often"),
        ("calm", 2.5, "a whole number from 1 to 6"),
        ("calm", 7, "a whole number from 1 to 6"),
        ("calm", 99, "a whole number from 1 to 6"),
        ("owns_car", 2, ""),
        ("income", -1, ""),
        ("region", "refused", "one of north, south, abroad"),
    ],
)
def test_a_wrong_answer_is_named_by_row_and_field_and_not_repeated(
    media_type: str, field: str, wrong: object, expected: str, strict: FlaskClient
) -> None:
    found = columns()
    found[field] = [*found[field][:7], wrong, *found[field][8:]]
    if field == "calm":
        found[field] = [float(value) for value in found[field]]
    body = as_json(found) if media_type == JSON else WRITE[media_type](found)
    response = strict.post("/predict", data=body, content_type=media_type)
    assert response.status_code == 400
    error = json.loads(response.data)["error"]
    assert (error["row"], error["field"]) == (7, field)
    assert expected in error["message"]
    if isinstance(wrong, str) and wrong:
        assert wrong not in error["message"].replace(expected, "")


@pytest.mark.parametrize("media_type", [ARROW, PARQUET])
def test_numbers_in_a_column_of_words_are_refused_with_the_type(media_type: str, strict: FlaskClient) -> None:
    response = strict.post(
        "/predict", data=WRITE[media_type](columns() | {"region": [1] * N_UNITS}), content_type=media_type
    )
    assert "column 'region' is of type int64: send texts" in response.text


def test_the_model_is_described_with_its_columns_and_in_words(strict: FlaskClient) -> None:
    model = strict.get("/model").json
    assert model is not None
    assert model["centroid_columns"][-3:] == ["region = north", "region = south", "region = abroad"]
    assert model["segments"][0]["typical"] == {"how_often": "sometimes", "region": "north 100%"}


def test_values_with_brackets_colons_and_quotes_are_values_like_others() -> None:
    values = ['{[a]}: "b"', "c, d", "é \\ ü"]
    catalogue = Catalogue.model_validate(
        {
            "name": "odd",
            "registered_model": "odd",
            "features": [{"name": "kind", "type": "category", "values": values, "shares": [0.4, 0.3, 0.3]}],
            "segments": [{"id": n, "name": str(n), "centroid": [value]} for n, value in enumerate(values)],
        }
    )
    client = client_of(catalogue)
    for write in (as_json, *WRITE.values()):
        kind = next((kind for kind, own in WRITE.items() if own is write), JSON)
        assert labels(client, write({"kind": values * 300 if kind == JSON else values}), kind)[:3] == [0, 1, 2]
