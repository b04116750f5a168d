"""Takes the pictures of the pages for README and docs: from the running stack, in a headless Chromium, with few colours so that they stay small."""

import io
import shutil
from pathlib import Path
from typing import Final

import click
from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import DtcCommand, SettingsError, read_settings
from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER: Final = Path(__file__).parent
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
TYPED: Final = "&".join(f"x{n}={value}" for n, value in enumerate((-2.5, 9, 4.6, 2, -6.9, -6.9, -8.8, 7.3, 2, 4.2), 1))
PAGES: Final = {
    "overview": "/",
    "segments": "/segments/dtc_personas?with=2",
    "waves": "/waves/dtc_personas?wave=2025-03",
    "movement": "/waves/customer_value/movement",
    "typing": f"/type/dtc_personas?{TYPED}",
    "upload": "/upload/dtc_personas",
    "customers": "/customers?capacity=20&order=loss",
    "stores": "/stores",
    "decisions": "/decisions",
    "data": "/data",
}
"""Addresses by picture, on a stack after `make run`, `run_customers`, `run_churn` and `run_stores`."""
WIDTH: Final = 1100
HIGHEST: Final = 1300
"""Pixels of a page that are shown at most."""
COLOURS: Final = 256
_WAIT_MILLISECONDS: Final = 60_000
_LATER_MILLISECONDS: Final = 2_000
"""After that the parts of a page that come later have come, or say that they are being worked out."""


def take(page: Page, name: str, path: str) -> Path:
    """Open a page, wait until its charts are drawn, and write its picture."""
    page.goto(path)
    page.wait_for_timeout(_LATER_MILLISECONDS)
    page.wait_for_function("!document.querySelector('[data-spec]:not(.drawn), [hx-trigger*=delay]')")
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    shown = shot.crop((0, 0, shot.width, min(shot.height, HIGHEST)))
    target = FOLDER / f"pages_{name}.png"
    shown.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(target, optimize=True)
    return target


@click.command(cls=DtcCommand)
@click.argument("names", nargs=-1, type=click.Choice(list(PAGES)))
def main(names: tuple[str, ...]) -> None:
    """Take the pictures that are asked for by name, else all."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise SettingsError("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        address = read_settings(DashboardSettings).dashboard_url
        page = browser.new_page(base_url=address, bypass_csp=True, viewport={"width": WIDTH, "height": 800})
        page.set_default_timeout(_WAIT_MILLISECONDS)
        for name in names or PAGES:
            target = take(page, name, PAGES[name])
            click.echo(f"{target.name}: {target.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
