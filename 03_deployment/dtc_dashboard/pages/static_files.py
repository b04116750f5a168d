"""Vega for the browser, as it was put together when the dashboard started."""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, current_app

from dtc_dashboard.errors import DrawingError
from dtc_dashboard.parts import write_vega

static_files = Blueprint("files", __name__)

_DAY_SECONDS: Final = 86_400


@static_files.get("/vega.js")
def vega() -> Response:
    """Return Vega, compressed; it is put together first if nobody did yet."""
    try:
        path: Path = write_vega(current_app.config["STATE_FOLDER"])
    except DrawingError as error:
        current_app.logger.warning("%s", error)
        abort(503)
    answer = Response(path.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = f"public, max-age={_DAY_SECONDS}"
    return answer
