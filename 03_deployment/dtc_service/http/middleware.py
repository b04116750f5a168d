"""What stands before every route: request ids, API keys, and the counting of requests.

Labels are answered right here. Flask takes a tenth of a millisecond to find and wrap a route, more than it takes to label
one respondent; it keeps the routes that are not asked a thousand times a second.
"""

import random
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import structlog

from dtc_service.errors import UnauthorizedError
from dtc_service.http.api_keys import ApiKeys
from dtc_service.http.body import discard_body
from dtc_service.http.error_responses import response_to
from dtc_service.http.predict import Predict
from dtc_service.http.predict_forecast import PredictForecast
from dtc_service.http.response import HttpResponse
from dtc_service.http.swagger_page import PAGE_FILES
from dtc_service.serving import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

OPEN_PATHS: Final = frozenset({"/", "/healthz", "/readyz", "/openapi.json", "/docs"})
"""Paths that need no API key: probes have none, and the description is not a secret."""
_OPEN_FOLDERS: Final = ("/openapi/", "/docs/", PAGE_FILES)
"""Likewise, for the description of one segmentation and what the page loads."""
_PREDICT: Final = "/predict"
_OF_ONE: Final = {
    "/predict/": "/predict/{segmentation}",
    "/model/": "/model/{segmentation}",
    "/docs/": "/docs/{segmentation}",
    "/openapi/": "/openapi/{segmentation}.json",
    PAGE_FILES: f"{PAGE_FILES}{{name}}",
}
"""How paths begin that name a segmentation or a file, and the route that is counted."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class Front:
    """A WSGI application around Flask's.

    Parameters
    ----------
    routes : WSGI application
        Answers everything but labels.
    predict : Predict
        Answers ``POST /predict`` and ``POST /predict/<segmentation>``.
    metrics : Metrics
    keys : ApiKeys, optional
        Without them everybody is let in.
    forecast : PredictForecast, optional
        Answers ``POST /predict/<forecast>``.
    """

    def __init__(
        self,
        routes: "WSGIApplication",
        predict: Predict,
        metrics: Metrics,
        keys: ApiKeys | None = None,
        forecast: PredictForecast | None = None,
    ) -> None:
        self._routes = routes
        self._predict = predict
        self._served = predict.served
        self._metrics = metrics
        self._keys = keys
        self._forecast = forecast

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        started = time.perf_counter()
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        request_id, route = _request_id(environ), _route(path)
        segmentation = None
        if method == "POST":
            segmentation = self._served.default if path == _PREDICT else _named_after(_PREDICT + "/", path)
        try:
            if self._keys is not None and path not in OPEN_PATHS and not path.startswith(_OPEN_FOLDERS):
                self._check_key(environ)
            if segmentation is None:
                discard_body(environ)  # no other route takes one
                return self._routes(environ, self._counting(start_response, environ, request_id, started))
            response, counted_for = self._respond(environ, segmentation)
        except Exception as error:  # noqa: BLE001 - every error becomes a response, and the unforeseen ones a log line
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                response = response_to(error)
            # What a client makes up does not become a label.
            counted_for = segmentation if segmentation is not None and segmentation in self._served else ""
        self._metrics.request(route, method, response.status, time.perf_counter() - started, counted_for)
        start_response(response.status_line, [*response.all_headers(), ("X-Request-Id", request_id)])
        return [response.body]

    def _respond(self, environ: dict[str, Any], name: str) -> tuple[HttpResponse, str]:
        """Label by a segmentation, or forecast; a segmentation comes first where both have a name.

        Beside the response comes the segmentation for which it is counted, none for a forecast.
        """
        if self._forecast is not None and name not in self._served and name in self._forecast.served:
            return self._forecast(environ, name), ""
        return self._predict(environ, name), name

    def _check_key(self, environ: dict[str, Any]) -> None:
        try:
            self._keys.check(environ)  # type: ignore[union-attr]  # only called where there are keys
        except UnauthorizedError:
            discard_body(environ)
            raise

    def _counting(
        self, start_response: "StartResponse", environ: dict[str, Any], request_id: str, started: float
    ) -> "StartResponse":
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
            seconds = time.perf_counter() - started
            self._metrics.request(_route(environ["PATH_INFO"]), environ["REQUEST_METHOD"], int(status[:3]), seconds)
            return start_response(status, [*headers, ("X-Request-Id", request_id)], exc_info)

        return start


def _request_id(environ: dict[str, Any]) -> str:
    """Take the client's id, if it is one that can be logged, or make one."""
    sent: str | None = environ.get("HTTP_X_REQUEST_ID")
    if sent is not None and _REQUEST_ID.fullmatch(sent):
        return sent
    return f"{random.getrandbits(64):016x}"


def _named_after(beginning: str, path: str) -> str | None:
    """Return the name of the segmentation in a path; None for a path that begins in another way."""
    if not path.startswith(beginning):
        return None
    name = path[len(beginning) :]
    return name if name.isascii() else name.encode("latin-1").decode("utf-8", "replace")  # WSGI reads paths as Latin-1


def _route(path: str) -> str:
    """Return the route of a path, in which no name of a segmentation or a file stands."""
    if path == _PREDICT:
        return path
    return next((route for beginning, route in _OF_ONE.items() if path.startswith(beginning)), path)
