"""Errors as pages: what went wrong, in words, and where to go on."""

from traceback import extract_tb

import structlog
from dtc_data.core import DtcError, UnknownSegmentationError
from flask import Flask, Response, make_response
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from dtc_dashboard.pages.context import show, texts

_log = structlog.get_logger()


def add_error_pages(app: Flask) -> None:
    """Let every error end in a page."""
    app.register_error_handler(SecurityError, lambda _: _plain(400, texts()("error.400")))
    app.register_error_handler(CSRFError, lambda _: _page(400, texts()("error.csrf")))
    app.register_error_handler(UnknownSegmentationError, lambda error: _page(404, str(error)))
    app.register_error_handler(DtcError, lambda error: _page(error.http_status, str(error)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    key = f"error.{code}"
    return _page(code, texts()(key) if key in texts().entries else error.description or error.name)


def _unexpected(error: Exception) -> Response:
    # Where it happened, and no values: they may be what somebody typed.
    _log.error(
        "a page failed", kind=type(error).__name__, places=[str(place) for place in extract_tb(error.__traceback__)]
    )
    return _page(500, texts()("error.500"))


def _plain(status: int, words: str) -> Response:
    """Return a text: under a name that is none of ours no address of ours can be built, so no page either."""
    return Response(words, status, content_type="text/plain; charset=utf-8")


def _page(status: int, words: str) -> Response:
    return make_response(show("error.html.j2", status=status, words_of_error=words), status)
