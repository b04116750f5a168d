"""The OpenAPI document is held against the service, over WSGI."""

import re
from typing import Any

import pytest
import schemathesis
from dtc_data import Catalogue, load_catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.serving.metrics import KNOWN_ROUTES
from dtc_service.settings import ServiceSettings
from fakes.catalogues import SHIPPED_CATALOGUE
from fakes.mixed_features import mixed_catalogue
from fakes.registry import ModelShelf
from fakes.served import serving
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

PREDICT = "POST /predict"


def _service(catalogue: Catalogue) -> Flask:
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, 1000, 10**6)

    holder = ModelHolder(shelf, prepare, 5)
    holder.refresh()
    return create_app(ServiceSettings(forecasts=()), serving(catalogue, holder))  # those have tests of their own


def _operations(catalogue: Catalogue) -> dict[str, Any]:
    found = schemathesis.openapi.from_wsgi("/openapi.json", _service(catalogue)).get_all_operations()
    return {operation.label: operation for operation in (each.ok() for each in found if isinstance(each, Ok))}


OPERATIONS = _operations(load_catalogue(SHIPPED_CATALOGUE))
OF_EVERY_TYPE = {
    "strict": _operations(mixed_catalogue()),
    "tolerant": _operations(mixed_catalogue(missing_answers={"minimum_answered": 3})),
}
"""The same for features of every type."""
CASES = [(label, GenerationMode.POSITIVE) for label in OPERATIONS] + [(PREDICT, GenerationMode.NEGATIVE)]
"""Only what takes anything can be given something wrong."""


@pytest.mark.parametrize(("label", "mode"), CASES, ids=str)
def test_the_service_does_what_its_description_says(label: str, mode: GenerationMode) -> None:
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:
        case.call_and_validate()

    holds()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("kind", OF_EVERY_TYPE)
def test_it_also_does_for_features_of_every_type(kind: str, mode: GenerationMode) -> None:
    @given(case=OF_EVERY_TYPE[kind][PREDICT].as_strategy(generation_mode=mode))
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:
        case.call_and_validate()

    holds()


def test_every_route_is_described_and_counted_by_its_name() -> None:
    service = _service(load_catalogue(SHIPPED_CATALOGUE))
    routes = {rule.rule.replace("<", "{").replace(">", "}") for rule in service.url_map.iter_rules()}
    description: dict[str, Any] = service.test_client().get("/openapi.json").get_json()
    described = {re.sub(r"(?<=/)dtc_personas\b", "{segmentation}", path) for path in description["paths"]}
    assert described | {"/page/{name}"} == routes == KNOWN_ROUTES  # what the page loads is of no use to a program
