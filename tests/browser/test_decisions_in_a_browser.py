"""People decide in a browser: with name and reason, two at once, and on a candidate that is outdated."""

from collections.abc import Iterator

import pytest
from dtc_dashboard.pages import create_app
from dtc_dashboard.settings import DashboardSettings
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from fakes.pages import labelling, listening, make_sources
from fakes.pages_data import PagesData, fill
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ADMIN_PASSWORD = "only-for-tests"
WAIT_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def own_data(
    browser: Browser, postgres: EmbeddedPostgres, mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> PagesData:
    """Data of its own, since decisions change them."""
    assert browser.is_connected()
    return fill(tmp_path_factory.mktemp("decided"), (postgres.host, postgres.port, ADMIN_PASSWORD), mlflow_uri)


@pytest.fixture(scope="module")
def own_address(own_data: PagesData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = DashboardSettings(state_folder=tmp_path_factory.mktemp("state"))
    with labelling(own_data.catalogue, own_data.name) as service_url:
        sources = make_sources(
            own_data.catalogue_file, postgres=own_data.postgres, mlflow_uri=own_data.mlflow_uri, service_url=service_url
        )
        with listening(create_app(settings, sources)) as url:
            yield url


def person_at(browser: Browser, address: str, width: int) -> Page:
    """Return a page in a browser of its own, with cookies of its own."""
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    context.set_default_timeout(WAIT_MILLISECONDS)
    page = context.new_page()
    page.goto("/decisions")
    return page


def fill_in(page: Page, button: str, name: str, reason: str) -> None:
    """Open the form of a decision, and say who decides and why."""
    form = page.locator("details", has=page.get_by_text(button, exact=True)).first
    form.locator("summary").click()
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Reason (recorded)").fill(reason)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).first.click()
    page.wait_for_load_state()


def test_two_people_decide_at_once_and_the_record_has_both(
    browser: Browser, own_address: str, own_data: PagesData
) -> None:
    anna, berta = person_at(browser, own_address, 1280), person_at(browser, own_address, 390)
    approve, reject = "Put version 2 into production", "Reject version 2 for good"
    fill_in(anna, approve, "Anna", "it fits the new respondents")
    fill_in(berta, reject, "Berta", "too few respondents")
    press(anna, approve)
    expect(anna.locator(".note.done")).to_contain_text("Version 2 is in production")

    # What Berta sees is outdated: she is told so, and nothing is changed.
    press(berta, reject)
    expect(berta.locator(".note.refused")).to_contain_text("Not done")
    assert own_data.decisions().registry.production_version() == "2"
    expect(berta.get_by_role("heading", name="Version 2 is in production")).to_be_visible()

    # Both want to go back at once: the second is told that another version is in production by now.
    back = "Go back to version 1"
    late = person_at(browser, own_address, 390)
    fill_in(berta, back, "Berta", "it labels worse")
    fill_in(late, back, "Carl", "so I think")
    press(berta, back)
    expect(berta.locator(".note.done")).to_contain_text("Version 1 is in production")
    press(late, back)
    expect(late.locator(".note.refused")).to_contain_text("version 1 was brought back by Berta")
    assert own_data.decisions().registry.production_version() == "1"

    recorded = [(one.action, one.by, one.why, one.source) for one in own_data.decisions().history()]
    assert recorded[-2:] == [
        ("promoted", "Anna", "it fits the new respondents", "dashboard"),
        ("rolled_back", "Berta", "it labels worse", "dashboard"),
    ]
    expect(berta.get_by_text("it fits the new respondents").first).to_be_visible()


def test_without_a_name_or_a_reason_nothing_is_decided(browser: Browser, own_address: str, own_data: PagesData) -> None:
    before = own_data.decisions().registry.production_version()
    page = person_at(browser, own_address, 1280)
    page.get_by_text("Version 2 · was in production").click()
    form = page.locator("details", has=page.get_by_text("Put version 2 into production", exact=True)).last
    form.locator("summary").click()
    form.get_by_role("button").click()  # the browser itself asks for what is missing
    assert page.url.endswith("/decisions")
    assert own_data.decisions().registry.production_version() == before
