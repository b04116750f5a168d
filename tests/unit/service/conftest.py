"""The service on models in memory."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel, measure_reference
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder, model_holder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from fakes.served import serving
from fakes.waiting import PATIENCE_SECONDS
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture(autouse=True)
def _a_slow_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_holder, "FIRST_LOAD_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def service_settings() -> ServiceSettings:
    """Limits that a test can reach, and a short wait."""
    return ServiceSettings(max_rows=50, max_bytes=20_000, reload_seconds=0.1)


@pytest.fixture
def model(catalogue: Catalogue) -> SegmentModel:
    """The model that the shipped catalogue is."""
    return SegmentModel.from_catalogue(catalogue)


@pytest.fixture
def shelf(model: SegmentModel) -> ModelShelf:
    """Version 1 is in production; version 2 has the centroids in reverse, so that labels differ."""
    shelf = ModelShelf({"1": model, "2": dataclasses.replace(model, centroids=model.centroids[::-1])})
    shelf.production = "1"
    return shelf


@pytest.fixture
def holder(shelf: ModelShelf, catalogue: Catalogue, service_settings: ServiceSettings) -> Iterator[ModelHolder]:
    """A holder that has not looked at the registry yet."""

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, service_settings.max_rows, service_settings.max_bytes)

    holder = ModelHolder(shelf, prepare, service_settings.reload_seconds)
    yield holder
    holder.stop()


@pytest.fixture
def app(holder: ModelHolder, service_settings: ServiceSettings, catalogue: Catalogue) -> Flask:
    """The application, before its first look at the registry."""
    return create_app(service_settings, serving(catalogue, holder))


@pytest.fixture
def client(app: Flask, holder: ModelHolder) -> FlaskClient:
    """A client of a service that serves version 1."""
    holder.refresh()
    return app.test_client()


@pytest.fixture
def tolerant_catalogue(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue, where eight answers are enough."""
    missing = catalogue.missing_answers.model_copy(update={"minimum_answered": 8})
    return catalogue.model_copy(update={"missing_answers": missing})


@pytest.fixture
def measured_model(model: SegmentModel) -> SegmentModel:
    """The catalogue's model with a reference wave of 600 respondents around the centroids."""
    rng = np.random.default_rng(3)
    answers = np.repeat(model.centroids, 200, axis=0) + rng.normal(0, 0.5, (600, len(model.feature_names)))
    return dataclasses.replace(model, reference=measure_reference(model, "2025-01", answers))


@pytest.fixture
def tolerant_client(
    measured_model: SegmentModel, tolerant_catalogue: Catalogue, service_settings: ServiceSettings
) -> FlaskClient:
    """A client of a service with a reference wave that takes respondents with eight answers."""
    shelf = ModelShelf({"1": measured_model})
    shelf.production = "1"
    holder = ModelHolder(
        shelf,
        lambda served: Labeller(served, tolerant_catalogue, service_settings.max_rows, service_settings.max_bytes),
        service_settings.reload_seconds,
    )
    holder.refresh()
    return create_app(service_settings, serving(tolerant_catalogue, holder)).test_client()
