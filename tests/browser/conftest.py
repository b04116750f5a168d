"""The pages in a real headless Chromium, on real data in Postgres and MLflow."""

import shutil
from collections.abc import Iterator

import pytest
from dtc_dashboard.pages import create_app
from dtc_dashboard.settings import DashboardSettings
from dtc_data.tables import make_engine, transaction
from dtc_monitoring.checks import RunFailure, record_failed_run
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from fakes.pages import labelling, listening, make_sources
from fakes.pages_customers import add_customers
from fakes.pages_data import PagesData, fill
from fakes.pages_stores import add_stores
from playwright.sync_api import Browser, sync_playwright

ADMIN_PASSWORD = "only-for-tests"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def data(
    browser: Browser, postgres: EmbeddedPostgres, mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> PagesData:
    """Two labelled waves, version 1 in production, version 2 waiting, customers, stores and a failed run.

    Nothing is made where there is no browser.
    """
    assert browser.is_connected()
    data = fill(tmp_path_factory.mktemp("pages"), (postgres.host, postgres.port, ADMIN_PASSWORD), mlflow_uri)
    engine = make_engine(data.postgres)
    add_customers(data, engine)
    add_stores(data, engine)
    failure = RunFailure("7", data.catalogue.registered_model, "Shoppers", "check", "2025-01", "2025-03", "no answers")
    with transaction(engine) as connection:
        record_failed_run(connection, failure)
    engine.dispose()
    return data


@pytest.fixture(scope="session")
def address(data: PagesData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages listen."""
    settings = DashboardSettings(state_folder=tmp_path_factory.mktemp("state"))
    with labelling(data.catalogue, data.name) as service_url:
        sources = make_sources(
            data.catalogue_file, postgres=data.postgres, mlflow_uri=data.mlflow_uri, service_url=service_url
        )
        with listening(create_app(settings, sources)) as url:
            yield url
