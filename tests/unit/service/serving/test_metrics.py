import json
import re
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.errors import ModelUnavailableError
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.http import new_key
from dtc_service.http.app import create_app
from dtc_service.serving import Metrics, ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from flask.testing import FlaskClient


def numbers(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_requests_are_counted_by_route_method_and_status(client: FlaskClient) -> None:
    client.post("/predict", data=b"[]")
    client.post("/predict", data=b"[")
    client.get("/predict")
    client.get("/made/up/by/a/client")
    found = numbers(client)
    for labels in (
        'method="POST",route="/predict",status="200"',
        'method="POST",route="/predict",status="400"',
        'method="GET",route="/predict",status="405"',
        'method="GET",route="other",status="404"',
    ):
        assert found[f"dtc_requests_total{{{labels}}}"] == 1
    assert found['dtc_request_seconds_count{route="/predict"}'] == 3


def test_units_are_counted_by_segment_and_status(tolerant_client: FlaskClient, catalogue: Catalogue) -> None:
    first = list(catalogue.segments[0].centroid)
    rows = [first, first, [1e6] * 10, [None] * 10]
    for query in ("", "?detail=full"):
        tolerant_client.post(f"/predict{query}", json=rows)
    found = numbers(tolerant_client)
    assert found["dtc_units_total"] == 8
    assert found[f'dtc_personas_total{{persona="{catalogue.segment_names[0]}"}}'] >= 4
    statuses = {name: found[f'dtc_statuses_total{{status="{name}"}}'] for name in ("labelled", "no_fit", "incomplete")}
    assert statuses == {"labelled": 5, "no_fit": 1, "incomplete": 2}


def test_versions_loads_and_failures_are_told(shelf: ModelShelf, catalogue: Catalogue) -> None:
    metrics = Metrics()
    holder = ModelHolder(shelf, lambda served: Labeller(served, catalogue, 50, 10**6), 5, report=metrics.state)
    client = create_app(ServiceSettings(), holder, catalogue, metrics).test_client()
    holder.refresh()
    shelf.production = "2"
    holder.refresh()
    shelf.failure = ModelUnavailableError("down")
    holder.refresh()
    found = numbers(client)
    assert found['dtc_model_info{version="1"}'] == 0
    assert found['dtc_model_info{version="2"}'] == 1
    assert (found["dtc_model_loads_total"], found["dtc_model_load_failures_total"]) == (2, 1)
    assert found["dtc_model_problem"] == 1


def test_every_answer_has_a_request_id_of_its_own(client: FlaskClient) -> None:
    ids = [
        client.open(path, method=method).headers["X-Request-Id"]
        for method, path in (("POST", "/predict"), ("GET", "/model"), ("GET", "/nowhere"))
    ]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-123.X:y_z", True), ("a b", False), ("a" * 129, False), ("é", False), ("", False)]
)
def test_a_clients_request_id_is_kept_if_it_can_be_logged(
    client: FlaskClient, sent: str, kept: bool  # noqa: FBT001 - a case of the table
) -> None:
    answered = client.post("/predict", data=b"[]", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) is kept
    assert re.fullmatch(r"[\w.:-]+", answered)


def test_the_description_and_the_page_follow_the_catalogue(
    small_catalogue: Catalogue, service_settings: ServiceSettings
) -> None:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(small_catalogue)})

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, small_catalogue, 50, 10**6)

    shelf.production = "1"
    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    client = create_app(service_settings, holder, small_catalogue).test_client()
    document = client.get("/openapi.json").json
    assert document is not None
    named = document["components"]["schemas"]["Respondents"]["anyOf"][0]["items"]
    assert named["required"] == ["price", "ecology", "visits"]
    examples = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    for media_type, example in [("application/json", "objects"), ("application/json", "arrays"), ("text/csv", "table")]:
        value = examples[media_type]["examples"][example]["value"]
        body = value if media_type == "text/csv" else json.dumps(value)
        answer = client.post("/predict", data=body, content_type=media_type)
        assert (answer.status_code, answer.json and answer.json["labels"]) == (200, [7, 3])


def test_the_page_for_people_loads_everything_from_the_service_and_needs_no_key(
    small_catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text(new_key("anna")[1] + "\n")
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(small_catalogue)})
    holder = ModelHolder(shelf, lambda served: Labeller(served, small_catalogue, 50, 10**6), 5)
    client = create_app(ServiceSettings(api_keys_file=tmp_path / "keys"), holder, small_catalogue).test_client()
    page = client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    loaded = re.findall(r"(?:src|href)=\"([^\"]+)", page.text)
    assert {name.rpartition(".")[2] for name in loaded} >= {"css", "js", "json", "png"}
    for address in loaded:  # relative to /docs
        assert not re.match(r"[a-z]+:|/", address)
        file = client.get(f"/{address}")
        assert file.status_code == 200
        assert file.data
    assert b'fetch("openapi.json")' in client.get("/docs/start.js").data
    assert client.get("/docs/nothing.js").status_code in {401, 404}
