"""The dashboard as a WSGI application."""

import secrets
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dtc_data.catalogue import Segmentation
from dtc_data.core import read_settings
from dtc_service.settings import ServiceSettings
from flask import Flask
from flask_wtf.csrf import CSRFProtect

from dtc_dashboard.access import Gate, UserFile, add_headers
from dtc_dashboard.pages.context import add_to_templates
from dtc_dashboard.pages.customers_page import customers_page
from dtc_dashboard.pages.data_page import data_page
from dtc_dashboard.pages.decisions_page import decisions_page
from dtc_dashboard.pages.error_pages import add_error_pages
from dtc_dashboard.pages.login_page import login_page
from dtc_dashboard.pages.overview_page import overview_page
from dtc_dashboard.pages.segments_page import segments_page
from dtc_dashboard.pages.static_files import static_files
from dtc_dashboard.pages.stores_page import stores_page
from dtc_dashboard.pages.typing_page import typing_page
from dtc_dashboard.pages.upload_page import upload_page
from dtc_dashboard.pages.waves_page import waves_page
from dtc_dashboard.queries import Sources
from dtc_dashboard.settings import DashboardSettings
from dtc_dashboard.uploads import Rule, UploadDesk

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_PAGES: Final = (
    overview_page,
    segments_page,
    waves_page,
    typing_page,
    upload_page,
    customers_page,
    stores_page,
    decisions_page,
    data_page,
    login_page,
    static_files,
)


def create_app(settings: DashboardSettings | None = None, sources: Sources | None = None) -> Flask:
    """Make the application.

    Parameters
    ----------
    settings : DashboardSettings, optional
        Read from the environment if not given.
    sources : Sources, optional
        Where figures come from; those of the environment if not given.
    """
    settings = settings or read_settings(DashboardSettings)
    app = Flask("dtc_dashboard", template_folder=str(_PACKAGE / "templates"), static_folder=str(_PACKAGE / "static"))
    app.config.update(_flask_settings(settings))
    sources = sources or Sources.from_settings()
    app.config["SOURCES"] = sources
    app.config["SETTINGS"] = settings
    folder = settings.state_folder or Path(tempfile.gettempdir())
    app.config["STATE_FOLDER"] = folder
    app.config["DESK"] = UploadDesk(folder / f"uploads_{settings.port}", _rules(sources), settings.max_rows)
    app.jinja_env.autoescape = True  # whatever a template is called
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    gate = Gate(UserFile(settings.users_file) if settings.with_login else None, settings.session_hours * 3600)
    app.config["GATE"] = gate
    app.before_request(gate.before_request)
    CSRFProtect(app)
    app.after_request(add_headers)
    add_to_templates(app)
    add_error_pages(app)
    for page in _PAGES:
        app.register_blueprint(page)
    return app


def _rules(sources: Sources) -> Callable[[Segmentation], Rule]:
    def rule_of(segmentation: Segmentation) -> Rule:
        served = sources.in_production(segmentation)
        return Rule(served.model.to_json(), served.version, read_settings(ServiceSettings).no_fit_percentile)

    return rule_of


def _flask_settings(settings: DashboardSettings) -> dict[str, object]:
    key = settings.secret_key.get_secret_value() if settings.secret_key else None
    own = {
        "SECRET_KEY": key or secrets.token_urlsafe(32),
        "SESSION_COOKIE_NAME": f"dtc_dashboard_{settings.port}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.page.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "MAX_CONTENT_LENGTH": settings.max_bytes + 2**16,  # and what stands around a file in a form
        "MAX_FORM_MEMORY_SIZE": 2**20,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # it reads Referer, which our own policy holds back
    }
    # Without a login the address alone lets people in, so no other name may lead here: a page elsewhere could point a name of
    # its own to this machine.
    trusted = None if settings.with_login else _own_names(settings)
    return own | {"TRUSTED_HOSTS": trusted}


def _own_names(settings: DashboardSettings) -> list[str]:
    names = {"localhost", "127.0.0.1", "[::1]", settings.host, settings.published_host or settings.host}
    return sorted(names | {urlsplit(settings.page).hostname or "localhost"})
