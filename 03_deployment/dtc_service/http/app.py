"""The HTTP service: routes translate between requests and what the model holders have, and do nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dtc_data.core import read_settings
from dtc_model.rule import typical_in_words
from flask import Flask, Response, abort, request

from dtc_service.http.api_keys import ApiKeys
from dtc_service.http.error_responses import response_to
from dtc_service.http.middleware import Front
from dtc_service.http.openapi import openapi_address, openapi_document
from dtc_service.http.predict import Predict
from dtc_service.http.predict_forecast import PredictForecast
from dtc_service.http.response import HttpResponse, json_response
from dtc_service.http.swagger_page import PAGE_FILES, page_file, swagger_page
from dtc_service.serving import (
    CONTENT_TYPE,
    Metrics,
    Served,
    ServedForecasts,
    ServedSegmentations,
    serve_forecasts,
    serve_segmentations,
)
from dtc_service.settings import ServiceSettings


def create_app(
    settings: ServiceSettings | None = None,
    served: ServedSegmentations | None = None,
    metrics: Metrics | None = None,
    forecasts: ServedForecasts | None = None,
) -> Flask:
    """Make the application.

    Parameters
    ----------
    settings : ServiceSettings, optional
        Read from the environment if not given.
    served : ServedSegmentations, optional
        If not given, those of the environment, which this process begins to follow.
    metrics : Metrics, optional
        Fresh ones if not given.
    forecasts : ServedForecasts, optional
        If not given, those that the settings name, from the registry of the environment.
    """
    settings = settings or read_settings(ServiceSettings)
    keys = ApiKeys(settings.api_keys_file) if settings.api_keys_file else None
    metrics = metrics or Metrics()
    served = served or serve_segmentations(settings, metrics)
    predict = Predict(served, metrics, settings.max_bytes)
    forecasts = forecasts or serve_forecasts(settings.forecasts, settings.reload_seconds)
    forecast = PredictForecast(forecasts, settings.max_bytes, settings.max_rows)
    routes = Routes(served, metrics, predict, settings.forecasts, with_keys=keys is not None)
    app = Flask("dtc_service", static_folder=None)
    app.register_error_handler(Exception, lambda error: _flask_response(response_to(error)))
    for path in ("/predict", "/predict/<segmentation>"):
        app.add_url_rule(path, view_func=routes.predict, methods=["POST"])
    for path in ("/model", "/docs"):
        view = getattr(routes, path[1:])
        app.add_url_rule(path, view_func=view, provide_automatic_options=False)
        app.add_url_rule(f"{path}/<segmentation>", view_func=view, provide_automatic_options=False)
    for name in ("segmentations", "healthz", "readyz", "metrics"):
        app.add_url_rule(f"/{name}", view_func=getattr(routes, name), provide_automatic_options=False)
    app.add_url_rule(f"{PAGE_FILES}<name>", view_func=routes.page_file, provide_automatic_options=False)
    app.add_url_rule("/openapi.json", view_func=routes.openapi)
    app.add_url_rule("/openapi/<segmentation>.json", view_func=routes.openapi)
    app.add_url_rule("/", view_func=routes.start, provide_automatic_options=False)
    app.wsgi_app = Front(app.wsgi_app, predict, metrics, keys, forecast)  # type: ignore[method-assign]  # as Flask's manual says
    return app


class Routes:
    """The routes of one application."""

    def __init__(
        self,
        served: ServedSegmentations,
        metrics: Metrics,
        predict: Predict,
        forecasts: Sequence[str],
        *,
        with_keys: bool,
    ) -> None:
        self._served = served
        self._forecasts = forecasts
        self._metrics = metrics
        self._predict = predict
        self._with_keys = with_keys

    def predict(self, segmentation: str | None = None) -> Response:
        """Label the units in the body; reached only where the front does not stand before Flask."""
        return _flask_response(self._predict(request.environ, segmentation or self._served.default))

    def segmentations(self) -> Response:
        """List the segmentations, the default one first."""
        return _flask_response(json_response([_segmentation(served) for served in self._served.all]))

    def model(self, segmentation: str | None = None) -> Response:
        """Describe the model that is served."""
        labeller = self._served.labeller(segmentation or self._served.default)
        model = labeller.model
        segments = [
            {"id": id_, "name": name, "centroid": centroid, "typical": typical_in_words(model.encoder, centroid)}
            for id_, name, centroid in zip(
                model.segment_ids, model.segment_names, model.centroids.tolist(), strict=True
            )
        ]
        document = {
            "model_version": labeller.version,
            "features": model.feature_names,
            "centroid_columns": model.encoder.column_names,
            f"{labeller.segment_column}s": segments,
            "provenance": dict(model.provenance),
            "reference_wave": model.reference.wave if model.reference else None,
            "loaded_at": datetime.fromtimestamp(labeller.loaded_at, UTC).isoformat(timespec="seconds"),
        }
        return _flask_response(json_response(document))

    def healthz(self) -> Response:
        """Say that the process answers."""
        return _flask_response(json_response({"status": "alive"}))

    def readyz(self) -> Response:
        """Say whether the default segmentation is served, what keeps a newer model away, and how the others are."""
        default = self._served.get(self._served.default)
        document = {"status": "ready", "model_version": default.holder.labeller().version, "problem": _problem(default)}
        others = [_readiness(served) for served in self._served.all if served is not default]
        broken = [{"name": name, "model_version": None, "problem": why} for name, why in self._served.problems.items()]
        return _flask_response(
            json_response(document | {"segmentation": self._served.default, "others": others + broken})
        )

    def metrics(self) -> Response:
        """Return all numbers of all workers."""
        return _flask_response(HttpResponse(200, self._metrics.exposition(), CONTENT_TYPE))

    def start(self) -> Response:
        """Send a person who typed the bare address to the page; a relative way holds behind a proxy, too."""
        return _flask_response(HttpResponse(302, b"", "text/plain", (("Location", "docs"),)))

    def openapi(self, segmentation: str | None = None) -> Response:
        """Describe the service for programs, or what it does for one segmentation."""
        return _flask_response(json_response(self._description(segmentation)))

    def docs(self, segmentation: str | None = None) -> Response:
        """Describe the service for people, who can try it there, or what it does for one segmentation."""
        title = self._description(segmentation)["info"]["title"]
        return _flask_response(swagger_page(title, openapi_address(segmentation), root="../" if segmentation else ""))

    def page_file(self, name: str) -> Response:
        """Return a file that the page loads."""
        return _flask_response(page_file(name) or abort(404))

    def _description(self, segmentation: str | None) -> dict[str, Any]:
        """Describe one segmentation or all; made again each time, since catalogues change while the service runs."""
        chosen = self._served.all if segmentation is None else [self._served.get(segmentation)]
        catalogues = {served.segmentation.name: served.catalogue for served in chosen}
        default = self._served.default if segmentation is None else None
        forecasts = self._forecasts if segmentation is None else ()
        return openapi_document(catalogues, default, forecasts, with_keys=self._with_keys)


def _segmentation(served: Served) -> dict[str, Any]:
    words = served.catalogue.words
    labeller = served.holder.state.labeller
    return {
        "name": served.segmentation.name,
        "title": served.catalogue.name,
        "unit": words.unit,
        "segment": words.segment,
        "version": labeller.version if labeller else None,
        "features": served.catalogue.feature_names,
    }


def _readiness(served: Served) -> dict[str, Any]:
    labeller = served.holder.state.labeller
    return {
        "name": served.segmentation.name,
        "model_version": labeller.version if labeller else None,
        "problem": _problem(served),
    }


def _problem(served: Served) -> str | None:
    return served.problem or served.holder.state.problem


def _flask_response(response: HttpResponse) -> Response:
    return Response(response.body, response.status, list(response.headers), content_type=response.content_type)
