"""The pages on real data in Postgres and MLflow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dtc_dashboard.pages import create_app
from dtc_dashboard.queries import Sources
from dtc_dashboard.settings import DashboardSettings
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from fakes.pages import labelling, make_sources
from fakes.pages_data import PagesData, fill
from flask.testing import FlaskClient

ADMIN_PASSWORD = "only-for-tests"


@pytest.fixture(scope="module")
def data(postgres: EmbeddedPostgres, mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory) -> PagesData:
    """Two labelled waves, version 1 in production, version 2 waiting; a module that changes them has one test."""
    return fill(tmp_path_factory.mktemp("pages"), (postgres.host, postgres.port, ADMIN_PASSWORD), mlflow_uri)


@pytest.fixture
def sources(data: PagesData) -> Iterator[Sources]:
    """Everything is up."""
    with labelling(data.catalogue, data.name) as url:
        yield make_sources(data.catalogue_file, postgres=data.postgres, mlflow_uri=data.mlflow_uri, service_url=url)


@pytest.fixture
def client(sources: Sources, tmp_path: Path) -> FlaskClient:
    """A browser without JavaScript."""
    return create_app(DashboardSettings(state_folder=tmp_path), sources).test_client()
