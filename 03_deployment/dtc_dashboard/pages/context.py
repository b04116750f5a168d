"""What every page has: sources, texts, the segmentations to choose from, and how figures are written."""

import json
from typing import Any, Final, cast

from dtc_data.catalogue import Segmentation
from flask import Flask, current_app, g, render_template, request

from dtc_dashboard.access import Gate, person
from dtc_dashboard.errors import FIGURES_PENDING
from dtc_dashboard.queries import Sources, begin_watching, command_for_units
from dtc_dashboard.settings import DashboardSettings
from dtc_dashboard.texts import LANGUAGES, Texts, texts_in
from dtc_dashboard.uploads import UploadDesk

LANGUAGE_COOKIE: Final = "dtc_language"

MENU: Final[tuple[tuple[str, bool], ...]] = (
    ("overview", False),
    ("segments", True),
    ("waves", True),
    ("typing", True),
    ("upload", True),
    ("customers", False),
    ("stores", False),
    ("decisions", False),
    ("data", False),
)
"""Pages in the menu by endpoint, and whether their address names a segmentation."""


def sources() -> Sources:
    """Return where figures come from."""
    return cast(Sources, current_app.config["SOURCES"])


def settings() -> DashboardSettings:
    """Return the dashboard's settings."""
    return cast(DashboardSettings, current_app.config["SETTINGS"])


def gate() -> Gate:
    """Return who lets people in."""
    return cast(Gate, current_app.config["GATE"])


def desk() -> UploadDesk:
    """Return who takes files."""
    return cast(UploadDesk, current_app.config["DESK"])


def texts() -> Texts:
    """Return the texts in the language of the request: the one that was chosen, else the first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return texts_in(chosen if chosen in LANGUAGES else next(iter(LANGUAGES)))


def show(template: str, chosen: Segmentation | None = None, **values: Any) -> str:
    """Render a page; ``chosen`` is the segmentation that it is about."""
    ordered = sources().ordered()
    words = (chosen or ordered[0]).catalogue.words if chosen or ordered else None
    return render_template(
        template,
        chosen=chosen,
        current=chosen or (ordered[0] if ordered else None),
        segmentations=ordered,
        words=words,
        **values,
    )


def add_to_templates(app: Flask) -> None:
    """Give every template what it may use."""

    @app.before_request
    def _watch() -> None:
        g.seen = begin_watching()

    @app.context_processor
    def _values() -> dict[str, Any]:
        spoken = texts()
        return {
            "t": spoken,
            "number": spoken.number,
            "percent": spoken.percent,
            "points": spoken.points,
            "language": spoken.language,
            "languages": LANGUAGES,
            "person": person(),
            "with_login": settings().with_login,
            "menu": MENU,
            "seen": g.get("seen"),
            "pending": FIGURES_PENDING,
            "endpoint": (request.endpoint or "").partition(".")[0],
        }

    app.jinja_env.filters["brings_units"] = command_for_units
    app.jinja_env.filters["spec"] = lambda spec: json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
