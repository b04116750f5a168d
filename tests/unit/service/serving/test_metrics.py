import re
from functools import partial

import pytest
from dtc_data import Catalogue
from dtc_model.errors import ModelUnavailableError
from dtc_service.http.app import create_app
from dtc_service.serving import Metrics, ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from fakes.served import serving
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
        'method="POST",route="/predict",segmentation="dtc_personas",status="200"',
        'method="POST",route="/predict",segmentation="dtc_personas",status="400"',
        'method="GET",route="/predict",segmentation="",status="405"',
        'method="GET",route="other",segmentation="",status="404"',
    ):
        assert found[f"dtc_requests_total{{{labels}}}"] == 1
    assert found['dtc_request_seconds_count{route="/predict",segmentation="dtc_personas"}'] == 2


def test_units_are_counted_by_segment_and_status(tolerant_client: FlaskClient, catalogue: Catalogue) -> None:
    first = list(catalogue.segments[0].centroid)
    rows = [first, first, [1e6] * 10, [None] * 10]
    for query in ("", "?detail=full"):
        tolerant_client.post(f"/predict{query}", json=rows)
    found = numbers(tolerant_client)
    of_one = 'segmentation="dtc_personas"'
    assert found[f"dtc_units_total{{{of_one}}}"] == 8
    assert found[f'dtc_personas_total{{persona="{catalogue.segment_names[0]}",{of_one}}}'] >= 4
    names = ("labelled", "no_fit", "incomplete")
    statuses = {name: found[f'dtc_statuses_total{{{of_one},status="{name}"}}'] for name in names}
    assert statuses == {"labelled": 5, "no_fit": 1, "incomplete": 2}


def test_versions_loads_and_failures_are_told(shelf: ModelShelf, catalogue: Catalogue) -> None:
    metrics = Metrics()
    holder = ModelHolder(
        shelf, lambda served: Labeller(served, catalogue, 50, 10**6), 5, report=partial(metrics.state, "dtc_personas")
    )
    client = create_app(ServiceSettings(), serving(catalogue, holder), metrics).test_client()
    holder.refresh()
    shelf.production = "2"
    holder.refresh()
    shelf.failure = ModelUnavailableError("down")
    holder.refresh()
    found = numbers(client)
    of_one = 'segmentation="dtc_personas"'
    assert found[f'dtc_model_info{{{of_one},version="1"}}'] == 0
    assert found[f'dtc_model_info{{{of_one},version="2"}}'] == 1
    assert found[f"dtc_model_loads_total{{{of_one}}}"] == 2
    assert found[f"dtc_model_load_failures_total{{{of_one}}}"] == 1
    assert found[f"dtc_model_problem{{{of_one}}}"] == 1


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
