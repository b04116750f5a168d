"""One service, several segmentations: each at an address of its own."""

import pytest
from dtc_data import Catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.http.app import create_app
from dtc_service.serving import Metrics, ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from fakes.served import Holders, listed, segmentation, serving_all
from flask.testing import FlaskClient


def holder_of(catalogue: Catalogue, production: str | None = "1") -> ModelHolder:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = production

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, 50, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return holder


@pytest.fixture
def both(catalogue: Catalogue, small_catalogue: Catalogue) -> FlaskClient:
    """A client of a service with the default segmentation, the stores, one without a model and one that is broken."""
    waiting = small_catalogue.model_copy(update={"registered_model": "not_yet"})
    holders = Holders(
        {
            "dtc_personas": holder_of(catalogue),
            "stores": holder_of(small_catalogue),
            "waiting": holder_of(waiting, production=None),
        }
    )
    found = listed(
        segmentation(catalogue),
        segmentation(small_catalogue, "stores"),
        segmentation(waiting, "waiting"),
        problems={"broken": "broken.yaml: features is missing"},
    )
    return create_app(ServiceSettings(), serving_all(lambda: found, holders), Metrics()).test_client()


def test_the_default_one_answers_with_and_without_its_name(both: FlaskClient, catalogue: Catalogue) -> None:
    rows = catalogue.centroids.tolist()
    plain, named = both.post("/predict", json=rows), both.post("/predict/dtc_personas", json=rows)
    assert plain.status_code == named.status_code == 200
    assert plain.json == named.json
    assert plain.json is not None
    assert plain.json["labels"] == list(catalogue.segment_ids)


def test_another_one_answers_at_its_own_address_by_its_own_catalogue(
    both: FlaskClient, small_catalogue: Catalogue
) -> None:
    answer = both.post("/predict/stores", json=small_catalogue.centroids.tolist())
    assert answer.json is not None
    assert answer.json["labels"] == [7, 3]
    assert answer.json["personas"] == ["Thrifty Theo", "Green Greta"]
    refused = both.post("/predict/stores", json=[{"x1": 1.0}])
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/predict/shops"), ("GET", "/model/shops"), ("GET", "/docs/shops")]
)
def test_an_unknown_name_is_answered_with_those_that_exist(both: FlaskClient, method: str, path: str) -> None:
    answer = both.open(path, method=method, json=[] if method == "POST" else None)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["type"] == "UnknownSegmentationError"
    assert "there are dtc_personas, stores, waiting" in answer.json["error"]["message"]


@pytest.mark.parametrize("name", ["", "stores/", "a%2Fb", "%C3%A4", "a b"])
def test_a_path_that_names_nothing_is_not_found(both: FlaskClient, name: str) -> None:
    answer = both.post(f"/predict/{name}", json=[])
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["message"]


def test_a_broken_catalogue_and_a_missing_model_leave_the_others_answering(both: FlaskClient) -> None:
    for name, reason in (("broken", "broken.yaml: features is missing"), ("waiting", "nothing is in production")):
        answer = both.post(f"/predict/{name}", json=[])
        assert answer.status_code == 503
        assert answer.json is not None
        assert reason in answer.json["error"]["message"]
    assert both.post("/predict", json=[]).status_code == both.post("/predict/stores", json=[]).status_code == 200


def test_the_list_says_what_a_client_must_know(both: FlaskClient, small_catalogue: Catalogue) -> None:
    answer = both.get("/segmentations")
    assert answer.json is not None
    assert [found["name"] for found in answer.json] == ["dtc_personas", "stores", "waiting"]
    assert answer.json[1] == {
        "name": "stores",
        "title": "small",
        "unit": "respondent",
        "segment": "persona",
        "version": "1",
        "features": list(small_catalogue.feature_names),
    }
    assert answer.json[2]["version"] is None


def test_readiness_is_about_the_default_one_and_lists_the_others(both: FlaskClient) -> None:
    ready = both.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert (ready.json["segmentation"], ready.json["model_version"], ready.json["problem"]) == (
        "dtc_personas",
        "1",
        None,
    )
    others = {other["name"]: (other["model_version"], other["problem"]) for other in ready.json["others"]}
    assert others == {
        "stores": ("1", None),
        "waiting": (None, "nothing is in production"),
        "broken": (None, "broken.yaml: features is missing"),
    }


def test_each_one_is_described_alone_and_all_together(both: FlaskClient, small_catalogue: Catalogue) -> None:
    alone, together = both.get("/openapi/stores.json").json, both.get("/openapi.json").json
    assert alone is not None
    assert together is not None
    assert "/predict/stores" in alone["paths"]
    assert "/predict" not in alone["paths"]
    assert {"/predict", "/predict/dtc_personas", "/predict/stores", "/model/waiting"} <= together["paths"].keys()
    rows = together["components"]["schemas"]["Units.stores"]["anyOf"][0]["items"]
    assert rows["required"] == list(small_catalogue.feature_names)
    model = both.get("/model/stores").json
    assert model is not None
    assert model["features"] == list(small_catalogue.feature_names)
    assert '<a href="../openapi/stores.json">' in both.get("/docs/stores").text


def test_each_one_has_a_heading_of_its_own_with_requests_that_can_be_sent(both: FlaskClient) -> None:
    document = both.get("/openapi.json").json
    assert document is not None
    assert {path: methods["post"]["tags"] for path, methods in document["paths"].items() if "post" in methods} == {
        "/predict": ["DTC personas"],
        "/predict/dtc_personas": ["DTC personas"],
        "/predict/stores": ["small"],
        "/predict/waiting": ["small"],
        "/predict/customer_churn": ["Forecasts"],
    }
    rows = document["paths"]["/predict/stores"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    answer = both.post("/predict/stores", json=rows["objects"]["value"])
    assert answer.json is not None
    assert answer.json["labels"] == [7, 3]


def test_numbers_carry_the_segmentation_and_nothing_that_a_client_makes_up(both: FlaskClient) -> None:
    for path in ("/predict", "/predict/stores", "/predict/made_up"):
        both.post(path, json=[])
    both.get("/model/made_up")
    lines = both.get("/metrics").text.splitlines()
    counted = {line.rpartition(" ")[0] for line in lines if line.startswith("dtc_requests_total")}
    assert counted == {
        'dtc_requests_total{method="POST",route="/predict",segmentation="dtc_personas",status="200"}',
        'dtc_requests_total{method="POST",route="/predict/{segmentation}",segmentation="stores",status="200"}',
        'dtc_requests_total{method="POST",route="/predict/{segmentation}",segmentation="",status="404"}',
        'dtc_requests_total{method="GET",route="/model/{segmentation}",segmentation="",status="404"}',
    }
    assert 'dtc_units_total{segmentation="stores"} 0.0' in lines
    assert "made_up" not in "\n".join(lines)
