"""The pages of the stack that `make run` starts, under its Gunicorn: each at both widths, a decision that serving follows, a file."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.stack_under_test import RunningStack, running_stack
from fakes.waiting import wait_until
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

WIDTHS = {"desktop": 1280, "phone": 390}
PAGES = (
    "/",
    "/segments/dtc_personas",
    "/waves/dtc_personas",
    "/type/dtc_personas",
    "/upload/dtc_personas",
    "/customers",
    "/stores",
    "/decisions",
    "/data",
)
SERIOUS = {"serious", "critical"}
DRAWN_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    assert browser.is_connected()  # nothing is started where there is no browser
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, stack: RunningStack, request: pytest.FixtureRequest) -> Iterator[Page]:
    address = f"http://127.0.0.1:{stack.settings['DASHBOARD_PORT']}"
    context = browser.new_context(base_url=address, viewport={"width": WIDTHS[request.param], "height": 844})
    context.set_default_timeout(DRAWN_MILLISECONDS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_drawn_and_fits_after_the_main_job(page: Page, path: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == httpx.codes.OK
    page.wait_for_function("document.querySelectorAll('[data-spec]:not(.drawn)').length === 0")
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS] == []


def test_the_overview_says_what_the_job_said(page: Page, stack: RunningStack) -> None:
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Nothing is waiting for a decision")
    expect(page.locator("main")).to_contain_text("version 2 in production")
    assert "In production: version 2" in stack.output


def test_a_sent_file_comes_back_as_the_command_labels_it(page: Page, stack: RunningStack) -> None:
    survey, labelled = stack.folder / "march.csv", stack.folder / "labelled.csv"
    header = "respondent,date," + ",".join(f"x{place}" for place in range(1, 11))
    survey.write_text(f"{header}\nA,2025-03-01,-2.5,9,4.6,2,-6.9,-6.9,-8.8,7.3,2,4.2\n")
    page.goto("/upload/dtc_personas")
    page.get_by_label("File", exact=True).set_input_files(survey)
    page.get_by_role("button", name="Check and label").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    command = stack.run("-m", "dtc_service", "label-file", str(survey), str(labelled))
    assert command.returncode == 0, command.stderr
    sent = Path(download.value.path())
    pd.testing.assert_frame_equal(pd.read_csv(sent), pd.read_csv(labelled))
    labelled.unlink()


def test_the_service_labels_by_what_a_person_decides_here(browser: Browser, stack: RunningStack) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.settings['DASHBOARD_PORT']}")
    page = context.new_page()
    page.goto("/decisions")
    for version, button in (("1", "Go back to version 1"), ("2", "Put version 2 into production")):
        form = page.locator("details", has=page.get_by_text(button, exact=True)).last
        if not form.is_visible():
            page.get_by_text(f"Version {version} · was in production").click()
        form.locator("summary").click()
        form.get_by_label("Your name").fill("Anna")
        form.get_by_label("Reason (recorded)").fill("to see that serving follows")
        form.get_by_role("button").click()
        expect(page.locator(".note.done")).to_contain_text(f"Version {version} is in production")
        wait_until(lambda v=version: httpx.get(f"{stack.service_url}/model").json()["model_version"] == v)  # type: ignore[misc]  # a default is not an argument of theirs
    context.close()
