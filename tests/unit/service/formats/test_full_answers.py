import json
from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel, describe
from dtc_service.formats.label_columns import FACTS
from flask.testing import FlaskClient


def test_a_full_answer_holds_what_the_model_says(
    tolerant_client: FlaskClient, measured_model: SegmentModel, catalogue: Catalogue
) -> None:
    rows = np.random.default_rng(1).uniform(-9, 9, (30, 10))
    answer = tolerant_client.post("/predict?detail=full", json=rows.tolist()).json
    assert answer is not None
    detail = describe(measured_model, rows, 8)
    assert answer["detail"].keys() == {*FACTS, "runner_up_persona"}
    for name, values in (
        ("distance", detail.distances),
        ("runner_up_distance", detail.runner_up_distances),
        ("margin", detail.margins),
        ("probability", detail.probabilities),
        ("fit", detail.fits),
        ("answered", detail.answered),
    ):
        assert answer["detail"][name] == values.tolist()
    assert answer["detail"]["runner_up"] == [catalogue.segment_ids[place] for place in detail.runner_ups]
    assert answer["detail"]["runner_up_persona"] == [catalogue.segment_names[place] for place in detail.runner_ups]
    assert answer["labels"] == measured_model.label(rows).tolist()


def test_the_labels_are_the_same_in_short_and_in_full(tolerant_client: FlaskClient) -> None:
    rows: Any = np.random.default_rng(2).uniform(-9, 9, (40, 10)).tolist()
    for number, row in enumerate(rows):
        row[: number % 4] = [None] * (number % 4)
    short = tolerant_client.post("/predict", json=rows).json
    full = tolerant_client.post("/predict?detail=full", json=rows).json
    assert short is not None
    assert full is not None
    assert short.items() <= full.items()
    assert short["labels"].count(None) == 10


def test_statuses_tell_the_labelled_the_strangers_and_the_incomplete(
    tolerant_client: FlaskClient, catalogue: Catalogue
) -> None:
    typical: list[Any] = list(catalogue.segments[0].centroid)
    rows = [typical, [1e6] * 10, [None] * 3 + typical[3:], [None] * 2 + typical[2:]]
    answer = tolerant_client.post("/predict?detail=full", json=rows).json
    assert answer is not None
    assert answer["detail"]["status"] == ["labelled", "no_fit", "incomplete", "labelled"]
    assert answer["detail"]["answered"] == [10, 10, 7, 8]
    assert answer["labels"][1] in catalogue.segment_ids
    assert answer["labels"][2] is answer["detail"]["distance"][2] is answer["detail"]["runner_up"][2] is None


def test_without_a_reference_wave_probability_and_fit_are_null(client: FlaskClient, catalogue: Catalogue) -> None:
    answer = client.post("/predict?detail=full", json=catalogue.centroids.tolist()).json
    assert answer is not None
    assert answer["detail"]["fit"] == answer["detail"]["probability"] == [None] * 3
    assert answer["detail"]["status"] == ["labelled"] * 3


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("detail=ful", "detail is full or short"),
        ("detail=", "detail is full or short"),
        ("id=x1", "'x1' is a feature, not an id column"),
        ("id=label", "cannot be called 'label': the response has a column of that name"),
        ("id=", "cannot be called ''"),
        ("id=%00", "cannot be called '\\x00'"),
        ("id=%ff", "the query is not UTF-8"),
    ],
)
def test_a_wrong_query_is_refused(client: FlaskClient, query: str, words: str) -> None:
    response = client.post(f"/predict?{query}", data=b"[]")
    assert response.status_code == 400
    assert response.json is not None
    assert words in response.json["error"]["message"]


def test_ids_come_back_beside_the_labels(client: FlaskClient, catalogue: Catalogue) -> None:
    ids = ["a:b", '{"', "c\\d"]
    for names in (catalogue.feature_names, [str(place) for place in range(10)]):
        rows = [
            {"who": who, **dict(zip(names, row, strict=True)), "when": None}
            for who, row in zip(ids, catalogue.centroids.tolist(), strict=True)
        ]
        answer = client.post("/predict?id=who&id=when", json=rows).json
        assert answer is not None
        assert answer["ids"] == {"who": ids, "when": [None] * 3}
        assert answer["labels"] == list(catalogue.segment_ids)


def test_a_key_given_twice_is_found_beside_ids_with_colons(client: FlaskClient, catalogue: Catalogue) -> None:
    row = json.dumps(dict.fromkeys(catalogue.feature_names, 1) | {"who": "a:b"})
    for extra in ('"x2": 1', '"who": "\\u003a"'):
        response = client.post("/predict?id=who", data=f"[{row}, {row[:-1]}, {extra}}}]")
        assert response.status_code == 400
        assert response.json is not None
        assert response.json["error"]["row"] == 1
        assert "is given twice" in response.text


def test_ids_need_keys(client: FlaskClient, catalogue: Catalogue) -> None:
    row = dict.fromkeys(catalogue.feature_names, 1)
    for body, words in (
        (catalogue.centroids.tolist(), "arrays have no key 'who': send objects"),
        ([row], "field 'who': is missing"),
        ([row | {"who": [1]}], "field 'who': expected true or false or a number or a string or null, got an array"),
    ):
        response = client.post("/predict?id=who", json=body)
        assert response.status_code == 400
        assert words in response.text
