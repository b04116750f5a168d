"""The page of documentation: it loads from the service alone, and its requests can be sent as they are."""

import json
import re
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.http import new_key
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.mixed_features import mixed_catalogue
from fakes.registry import ModelShelf
from fakes.served import serving
from flask.testing import FlaskClient


def client_of(catalogue: Catalogue, keys: Path | None = None) -> FlaskClient:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, 50, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return create_app(ServiceSettings(api_keys_file=keys), serving(catalogue, holder)).test_client()


def test_the_description_follows_the_catalogue(small_catalogue: Catalogue) -> None:
    document = client_of(small_catalogue).get("/openapi.json").json
    assert document is not None
    named = document["components"]["schemas"]["Units"]["anyOf"][0]["items"]
    assert named["required"] == ["price", "ecology", "visits"]


@pytest.mark.parametrize("kind", ["numbers", "every type"])
@pytest.mark.parametrize("address", ["/predict", "/predict/dtc_personas"])
def test_its_examples_can_be_sent_as_they_are(small_catalogue: Catalogue, kind: str, address: str) -> None:
    catalogue = small_catalogue if kind == "numbers" else mixed_catalogue()
    client = client_of(catalogue)
    document = client.get("/openapi.json").json
    assert document is not None
    examples = document["paths"][address]["post"]["requestBody"]["content"]
    for media_type, example in [("application/json", "objects"), ("application/json", "arrays"), ("text/csv", "table")]:
        value = examples[media_type]["examples"][example]["value"]
        body = value if media_type == "text/csv" else json.dumps(value)
        answer = client.post(address, data=body, content_type=media_type, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json and answer.json.get("labels")) == (200, list(catalogue.segment_ids))


@pytest.mark.parametrize(("page", "folder"), [("/docs", "/"), ("/docs/dtc_personas", "/docs/")])
def test_the_page_loads_everything_from_the_service_and_needs_no_key(
    small_catalogue: Catalogue, tmp_path: Path, page: str, folder: str
) -> None:
    (tmp_path / "keys").write_text(new_key("anna")[1] + "\n")
    client = client_of(small_catalogue, tmp_path / "keys")
    shown = client.get(page)
    assert (shown.status_code, shown.mimetype) == (200, "text/html")
    assert "script-src 'self';" in shown.headers["Content-Security-Policy"]
    loaded = re.findall(r"(?:src|href|data-openapi)=\"([^\"]+)", shown.text)
    assert {name.rpartition(".")[2] for name in loaded} == {"css", "js", "json", "png"}
    for address in loaded:  # relative to the page
        assert not re.match(r"[a-z]+:|/", address)
        path = f"{folder}{address}".replace("/docs/../", "/")
        file = client.get(path)
        assert file.status_code == 200
        assert file.data


def test_a_file_that_the_page_does_not_load_is_not_found(small_catalogue: Catalogue) -> None:
    client = client_of(small_catalogue)
    for name in ("nothing.js", "index.html", "..%2Fapp.py"):
        assert client.get(f"/page/{name}").status_code == 404
