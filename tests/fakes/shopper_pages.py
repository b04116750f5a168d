"""Fixtures: pages while nothing they ask is up, but the catalogue and, where a test wants it, the service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dtc_dashboard.pages import create_app
from dtc_dashboard.queries import Sources
from dtc_dashboard.settings import DashboardSettings
from dtc_dashboard.uploads import Rule
from dtc_data import Catalogue, load_catalogue
from dtc_data.catalogue import Segmentation
from dtc_model.rule import NO_FIT_PERCENTILE, SegmentModel
from fakes.pages import labelling, make_sources
from flask import Flask
from flask.testing import FlaskClient

CATALOGUE = """
name: Shoppers
unit: shopper
segment: segment
features:
  - {name: visits, label: Visits, question: "How often do you come?", type: number, minimum: 0, maximum: 50}
  - {name: mood, label: Mood, type: grade, values: [bad, fair, good]}
  - {name: member, label: Member, type: yes_no}
  - {name: region, label: Region, type: category, values: {north: 0.5, south: 0.5}}
segments:
  - {id: 1, name: Loyal, description: Come often, action: Say thank you, centroid: [40, 3, 1, {north: 0.9, south: 0.1}]}
  - {id: 2, name: Passing, centroid: [5, 1, 0, {north: 0.1, south: 0.9}]}
"""


@pytest.fixture
def catalogue_file(tmp_path: Path) -> Path:
    """A catalogue with a feature of every type."""
    path = tmp_path / "catalogues" / "shoppers.yaml"
    path.parent.mkdir()
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


@pytest.fixture
def shoppers(catalogue_file: Path) -> Catalogue:
    """The same, read."""
    return load_catalogue(catalogue_file)


@pytest.fixture
def sources(catalogue_file: Path, shoppers: Catalogue) -> Iterator[Sources]:
    """Everything is down but the service."""
    with labelling(shoppers, "shoppers") as service_url:
        yield make_sources(catalogue_file, service_url=service_url)


@pytest.fixture
def app(sources: Sources, tmp_path: Path) -> Flask:
    """The pages as on a machine of one's own: nobody logs in."""
    app = create_app(DashboardSettings(state_folder=tmp_path), sources)
    app.config["DESK"].rule_of = catalogue_rule
    return app


def catalogue_rule(segmentation: Segmentation) -> Rule:
    """Stand in the place of the registry, which is down: the catalogue's own centroids label as version 1."""
    return Rule(SegmentModel.from_catalogue(segmentation.catalogue).to_json(), "1", NO_FIT_PERCENTILE)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()
