"""The OpenAPI document is held against the service, over WSGI."""

from typing import Any

import pytest
import schemathesis
from dtc_data import load_catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.serving.metrics import KNOWN_ROUTES
from dtc_service.settings import ServiceSettings
from fakes.catalogues import SHIPPED_CATALOGUE
from fakes.registry import ModelShelf
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

CATALOGUE = load_catalogue(SHIPPED_CATALOGUE)


def _service() -> Flask:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(CATALOGUE)})
    shelf.production = "1"

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, CATALOGUE, 1000, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return create_app(ServiceSettings(), holder, CATALOGUE)


def _operations() -> dict[str, Any]:
    found = schemathesis.openapi.from_wsgi("/openapi.json", _service()).get_all_operations()
    return {operation.label: operation for operation in (each.ok() for each in found if isinstance(each, Ok))}


OPERATIONS = _operations()
CASES = [(label, GenerationMode.POSITIVE) for label in OPERATIONS] + [("POST /predict", GenerationMode.NEGATIVE)]
"""Only what takes anything can be given something wrong."""


@pytest.mark.parametrize(("label", "mode"), CASES, ids=str)
def test_the_service_does_what_its_description_says(label: str, mode: GenerationMode) -> None:
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:
        case.call_and_validate()

    holds()


def test_every_route_is_described_and_counted_by_its_name() -> None:
    service = _service()
    routes = {rule.rule for rule in service.url_map.iter_rules()} - {"/docs/<name>"}  # what the page of /docs loads
    description: dict[str, Any] = service.test_client().get("/openapi.json").get_json()
    assert set(description["paths"]) == routes == KNOWN_ROUTES
