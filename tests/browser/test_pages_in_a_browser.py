"""Each page as a person sees it: drawn, within the window, without an accessibility finding, within the policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

WIDTHS = {"desktop": 1280, "phone": 390}
TYPED = "&".join(
    f"x{place}={answer}" for place, answer in enumerate((-2.5, 9, 4.6, 2, -6.9, -6.9, -8.8, 7.3, 2, 4.2), 1)
)
PAGES = {
    "overview": "/",
    "segments": "/segments/shoppers?with=1",
    "typed": f"/type/shoppers?{TYPED}",
    "form": "/type/shoppers?x1=many",
    "waves": "/waves/shoppers",
    "movement": "/waves/shoppers/movement",
    "upload": "/upload/shoppers",
    "customers": "/customers",
    "customer": "/customers?customer=ann&capacity=2&order=loss",
    "stores": "/stores",
    "store": "/stores?store=s2",
    "data": "/data",
    "decisions": "/decisions",
    "missing": "/nothing",
}
SERIOUS = {"serious", "critical"}
DRAWN_MILLISECONDS = 60_000
"""Generous: machines that run tests are busy."""


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": WIDTHS[request.param], "height": 844})
    context.set_default_timeout(DRAWN_MILLISECONDS)
    yield context.new_page()
    context.close()


def opened(page: Page, path: str) -> Page:
    """Open a page and wait until its charts are drawn."""
    page.goto(path)
    page.wait_for_function("document.querySelectorAll('[data-spec]:not(.drawn)').length === 0")
    return page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_fits_the_window_and_everybody_can_use_it(page: Page, name: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    opened(page, PAGES[name])
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS] == []


@pytest.mark.parametrize("path", ["/", "/segments/shoppers", f"/type/shoppers?{TYPED}"])
def test_charts_hold_what_they_should_draw(page: Page, path: str) -> None:
    opened(page, path)
    charts = page.locator("[data-spec] svg")
    assert charts.count() >= 1
    for place in range(charts.count()):
        assert charts.nth(place).bounding_box()["height"] > 100  # type: ignore[index]  # it is drawn
        assert charts.nth(place).locator("path").count() > 3


def test_a_person_types_answers_and_reads_the_segment(page: Page) -> None:
    page.goto("/type/shoppers")
    page.get_by_role("link", name="Bargain-Hunting Bella").click()
    expect(page.locator(".answer")).to_contain_text("Bargain-Hunting Bella")
    page.get_by_label("x1", exact=True).fill("many")
    page.get_by_role("button", name="Find the persona").click()
    expect(page.get_by_text("Expected: a number")).to_be_visible()


def test_without_javascript_a_person_finds_the_same(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/segments/shoppers")
    page.get_by_label("Compare with").select_option(label="Eco-Conscious Haley")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="Eco-Conscious Haley").first).to_be_visible()
    page.goto(f"/type/shoppers?{TYPED}")
    expect(page.locator(".answer")).to_contain_text("Sustainable Steve")
    context.close()


def test_in_german_the_page_is_german(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Braucht etwas Ihre Aufmerksamkeit?")
    assert page.locator("html").get_attribute("lang") == "de"


@pytest.mark.parametrize("name", PAGES)
def test_german_fits_the_window_too(page: Page, name: str, address: str) -> None:
    page.context.add_cookies([{"name": "dtc_language", "value": "de", "url": address}])
    opened(page, PAGES[name])
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_the_slider_and_the_field_beside_it_say_the_same(page: Page) -> None:
    page.goto("/customers")
    slider = page.locator("input[type=range]")
    expect(slider).to_have_count(1)
    slider.focus()
    slider.press("Home")
    expect(page.get_by_role("heading", name="The 1 to call")).to_be_visible()
    assert "capacity=1" in page.url


def test_without_javascript_the_number_of_calls_is_a_field(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/customers")
    expect(page.locator("input[type=range]")).to_have_count(0)
    page.get_by_label("How many you can call").fill("2")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="The 2 to call")).to_be_visible()
    context.close()


def test_a_person_sends_a_file_and_takes_it_back_labelled(page: Page, tmp_path: Path) -> None:
    row = ",".join(str(answer) for answer in (-2.5, 9, 4.6, 2, -6.9, -6.9, -8.8, 7.3, 2, 4.2))
    path = tmp_path / "march.csv"
    path.write_text("id," + ",".join(f"x{place}" for place in range(1, 11)) + f"\nann,{row}\n", encoding="utf-8")
    page.goto("/upload/shoppers")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check and label").click()
    expect(page.locator(".note.done")).to_contain_text("labelled")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download march_labelled.csv").click()
    assert "Sustainable Steve" in download.value.path().read_text(encoding="utf-8")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in SERIOUS] == []
