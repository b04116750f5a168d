"""Errors as JSON: ``{"error": {"type": …, "message": …}}``, with ``row`` and ``field`` where an error has them."""

import traceback

import structlog
from dtc_data.core import DtcError
from werkzeug.exceptions import HTTPException, InternalServerError

from dtc_service.errors import NoModelError, UnauthorizedError
from dtc_service.http.response import HttpResponse, json_response

_PLACES = ("row", "field")
"""Attributes by which an error says where in the request it lies."""

_log = structlog.get_logger(__name__)


def response_to(error: Exception) -> HttpResponse:
    """Return the response to a request that ended in an error."""
    if isinstance(error, DtcError):
        return _known(error)
    if isinstance(error, HTTPException):
        return _refused(error)
    return _unforeseen(error)


def _known(error: DtcError) -> HttpResponse:
    places = {name: value for name in _PLACES if (value := getattr(error, name, None)) is not None}
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, NoModelError):
        headers = (("Retry-After", str(error.retry_after_seconds)),)
    if isinstance(error, UnauthorizedError):
        headers = (("WWW-Authenticate", "Bearer"),)
    return _error_response(error.http_status, headers, type=type(error).__name__, message=str(error), **places)


def _refused(error: HTTPException) -> HttpResponse:
    """Answer what Flask itself refuses, such as an unknown path or a wrong method."""
    headers = tuple((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return _error_response(
        error.code or 500, headers, type=type(error).__name__, message=error.description or error.name
    )


def _unforeseen(error: Exception) -> HttpResponse:
    """Log where it happened. The error's own words may repeat an answer of a respondent, and stay out."""
    places = "".join(traceback.format_tb(error.__traceback__))
    _log.error("request failed", error=type(error).__name__, traceback=places)
    return _error_response(500, (), type=InternalServerError.__name__, message="the service failed; its log says where")


def _error_response(status: int, headers: tuple[tuple[str, str], ...], **parts: str | int) -> HttpResponse:
    return json_response({"error": parts}, status, headers)
