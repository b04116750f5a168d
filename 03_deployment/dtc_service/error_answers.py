"""Errors as JSON: ``{"error": {"type": …, "message": …}}``, with ``row`` and ``field`` where an error has them."""

import msgspec
import structlog
from dtc_data.errors import DtcError
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError

from dtc_service.errors import NoModelError

_PLACES = ("row", "field")
"""Attributes by which an error says where in the request it lies."""

_log = structlog.get_logger(__name__)


def register_error_answers(app: Flask) -> None:
    """Let an application answer every error as JSON."""
    app.register_error_handler(DtcError, _known)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _unforeseen)


def _known(error: DtcError) -> Response:
    places = {name: value for name in _PLACES if (value := getattr(error, name, None)) is not None}
    response = _answer(error.http_status, type=type(error).__name__, message=str(error), **places)
    if isinstance(error, NoModelError):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _refused(error: HTTPException) -> Response:
    """Answer what Flask itself refuses, such as an unknown path or a wrong method."""
    response = _answer(error.code or 500, type=type(error).__name__, message=error.description or error.name)
    response.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return response


def _unforeseen(error: Exception) -> Response:
    _log.error("request failed", exc_info=error)
    return _answer(500, type=InternalServerError.__name__, message="the service failed; its log says where")


def _answer(status: int, **parts: str | int) -> Response:
    return Response(msgspec.json.encode({"error": parts}), status, content_type="application/json")
