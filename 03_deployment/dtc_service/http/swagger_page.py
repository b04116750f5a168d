"""The page on which people read the description of the service and try requests: Swagger UI, served by the service itself.

Its files come with the package flask-swagger-ui; nothing is loaded from elsewhere, so the page works without internet.
All addresses in it are relative, so that they hold behind a proxy that adds a path in front.
"""

import mimetypes
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from dtc_service.http.response import HttpResponse

HTML: Final = "text/html; charset=utf-8"
PAGE_FILES: Final = "/page/"
"""Where the files lie that a page loads."""
_PACKAGE: Final = "flask_swagger_ui"
_START: Final = "start.js"
_OF_THE_PACKAGE: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")

_SCRIPT: Final = b"""\
// Requests go to where the service is, also behind a proxy: this file lies one folder below.
const root = new URL("..", import.meta.url).pathname;
const { openapi } = document.getElementById("swagger-ui").dataset;
const description = await (await fetch(openapi)).json();
SwaggerUIBundle({
  spec: { ...description, servers: [{ url: root.slice(0, -1) || "/" }] },
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,  // the usual one is on the internet
});
"""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_FOR_AN_HOUR: Final = ("Cache-Control", "max-age=3600")


def swagger_page(title: str, openapi: str = "openapi.json", root: str = "") -> HttpResponse:
    """Return the page; the browser lets it load from this service alone.

    Parameters
    ----------
    title : str
    openapi : str
        Address of the description, relative to the page.
    root : str
        The way from the page's folder to the service: nothing, or ``../``.
    """
    folder, description = escape(root) + PAGE_FILES.removeprefix("/"), escape(openapi)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        f'<link rel="icon" href="{folder}favicon-32x32.png"><link rel="stylesheet" href="{folder}swagger-ui.css">'
        # A column that is always empty here, and makes the page wider than a phone.
        "<style>.response-col_links { display: none }</style></head>"
        f'<body><div id="swagger-ui" data-openapi="{description}"><noscript>This page needs JavaScript. For programs: '
        f'<a href="{description}">{description}</a></noscript></div>'
        f'<script src="{folder}swagger-ui-bundle.js"></script><script type="module" src="{folder}{_START}"></script>'
        "</body></html>"
    )
    return HttpResponse(200, page.encode(), HTML, (("Content-Security-Policy", _POLICY),))


@cache
def page_file(name: str) -> HttpResponse | None:
    """Return a file that the page loads; None if there is no such file."""
    if name == _START:
        return HttpResponse(200, _SCRIPT, "text/javascript; charset=utf-8", (_FOR_AN_HOUR,))
    if name not in _OF_THE_PACKAGE:
        return None
    content = files(_PACKAGE).joinpath("dist", name).read_bytes()
    return HttpResponse(200, content, mimetypes.guess_type(name)[0] or "application/octet-stream", (_FOR_AN_HOUR,))
