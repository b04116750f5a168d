from datetime import UTC, datetime

import pytest
from dtc_data import Catalogue
from dtc_model.errors import ModelUnavailableError
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from fakes.registry import ModelShelf
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs


def test_the_process_is_alive_with_and_without_a_model(app: Flask, holder: ModelHolder) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "alive"}
    holder.refresh()
    assert client.get("/healthz").json == {"status": "alive"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/readyz"), ("GET", "/model"), ("POST", "/predict")])
def test_without_a_model_the_client_is_told_when_to_ask_again(
    app: Flask, shelf: ModelShelf, holder: ModelHolder, method: str, path: str
) -> None:
    shelf.failure = ModelUnavailableError("the registry is down")
    holder.refresh()
    response = app.test_client().open(path, method=method, data=b"[]" if method == "POST" else None)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.json is not None
    assert response.json["error"]["type"] == "NoModelError"
    assert "the registry is down" in response.json["error"]["message"]


def test_ready_says_the_version(client: FlaskClient) -> None:
    alone = {"segmentation": "dtc_personas", "others": []}
    assert client.get("/readyz").json == {"status": "ready", "model_version": "1", "problem": None} | alone


def test_ready_says_why_nothing_newer_is_served(client: FlaskClient, shelf: ModelShelf, holder: ModelHolder) -> None:
    shelf.failure = ModelUnavailableError("the registry is down")
    holder.refresh()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["model_version"], answer.json["problem"]) == ("1", "the registry is down")


def test_the_model_is_described(client: FlaskClient, catalogue: Catalogue) -> None:
    answer = client.get("/model").json
    assert answer is not None
    assert datetime.fromisoformat(answer.pop("loaded_at")) <= datetime.now(UTC)
    assert answer == {
        "model_version": "1",
        "features": list(catalogue.feature_names),
        "centroid_columns": list(catalogue.feature_names),
        "personas": [
            {"id": segment.id, "name": segment.name, "centroid": list(segment.centroid), "typical": {}}
            for segment in catalogue.segments
        ],
        "provenance": {"source": f"catalogue {catalogue.name!r}"},
        "reference_wave": None,
    }


def test_the_bare_address_leads_to_the_page_for_people(client: FlaskClient) -> None:
    answer = client.get("/", follow_redirects=True)
    assert (answer.status_code, answer.request.path, answer.mimetype) == (200, "/docs", "text/html")


def test_an_unknown_path_is_answered_as_json(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.json is not None
    assert response.json["error"]["type"] == "NotFound"


def test_a_wrong_method_is_answered_with_the_right_ones(client: FlaskClient) -> None:
    response = client.get("/predict")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.json is not None
    assert response.json["error"]["type"] == "MethodNotAllowed"


def test_an_unforeseen_failure_is_logged_and_answered_without_its_details(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a detail")

    monkeypatch.setattr(Labeller, "label", fail)
    with capture_logs() as logs:
        response = client.post("/predict", data=b"[]")
    assert response.status_code == 500
    assert response.json is not None
    assert response.json["error"]["type"] == "InternalServerError"
    assert "a detail" not in response.text
    assert [entry["event"] for entry in logs] == ["request failed"]


def test_a_refused_answer_is_not_logged(client: FlaskClient) -> None:
    with capture_logs() as logs:
        client.post("/predict", json=[{"x1": "secret-4711"}])
        client.post("/predict", json=[[1e300] * 10])
    assert logs == []
