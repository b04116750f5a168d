"""Errors as JSON: ``{"error": {"type": …, "message": …}}``, with ``row`` and ``field`` where an error has them."""

import traceback

import structlog
from dtc_data.core import DtcError
from werkzeug.exceptions import HTTPException, InternalServerError

from dtc_service.errors import NoModelError, UnauthorizedError
from dtc_service.http.response import Answer, json_answer

_PLACES = ("row", "field")
"""Attributes by which an error says where in the request it lies."""

_log = structlog.get_logger(__name__)


def answer_to(error: Exception) -> Answer:
    """Return the answer to a request that ended in an error."""
    if isinstance(error, DtcError):
        return _known(error)
    if isinstance(error, HTTPException):
        return _refused(error)
    return _unforeseen(error)


def _known(error: DtcError) -> Answer:
    places = {name: value for name in _PLACES if (value := getattr(error, name, None)) is not None}
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, NoModelError):
        headers = (("Retry-After", str(error.retry_after_seconds)),)
    if isinstance(error, UnauthorizedError):
        headers = (("WWW-Authenticate", "Bearer"),)
    return _answer(error.http_status, headers, type=type(error).__name__, message=str(error), **places)


def _refused(error: HTTPException) -> Answer:
    """Answer what Flask itself refuses, such as an unknown path or a wrong method."""
    headers = tuple((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return _answer(error.code or 500, headers, type=type(error).__name__, message=error.description or error.name)


def _unforeseen(error: Exception) -> Answer:
    """Log where it happened. The error's own words may repeat an answer of a respondent, and stay out."""
    places = "".join(traceback.format_tb(error.__traceback__))
    _log.error("request failed", error=type(error).__name__, traceback=places)
    return _answer(500, (), type=InternalServerError.__name__, message="the service failed; its log says where")


def _answer(status: int, headers: tuple[tuple[str, str], ...], **parts: str | int) -> Answer:
    return json_answer({"error": parts}, status, headers)
