"""The HTTP service: routes translate between requests and what the model holder has, and do nothing else."""

from datetime import UTC, datetime
from typing import Any

from dtc_data.catalogue import Catalogue, load_catalogue
from dtc_data.core import CatalogueSettings, read_settings
from flask import Flask, Response, abort, request

from dtc_service.http.api_keys import ApiKeys
from dtc_service.http.error_responses import answer_to
from dtc_service.http.middleware import Front
from dtc_service.http.openapi import openapi_document
from dtc_service.http.predict import Predict
from dtc_service.http.response import Answer, json_answer
from dtc_service.http.swagger_page import page_file, swagger_page
from dtc_service.serving import CONTENT_TYPE, Metrics, ModelHolder, hold_production_model
from dtc_service.settings import ServiceSettings


def create_app(
    settings: ServiceSettings | None = None,
    holder: ModelHolder | None = None,
    catalogue: Catalogue | None = None,
    metrics: Metrics | None = None,
) -> Flask:
    """Make the application.

    Parameters
    ----------
    settings : ServiceSettings, optional
        Read from the environment if not given.
    holder : ModelHolder, optional
        If not given, one is made that follows the registry of the environment, and started in this process.
    catalogue : Catalogue, optional
        The one that the environment names if not given.
    metrics : Metrics, optional
        Fresh ones if not given.
    """
    settings = settings or read_settings(ServiceSettings)
    catalogue = catalogue or load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    keys = ApiKeys(settings.api_keys_file) if settings.api_keys_file else None
    metrics = metrics or Metrics()
    holder = holder or hold_production_model(settings, catalogue, metrics)
    predict = Predict(holder, metrics, settings.max_bytes)
    routes = Routes(holder, metrics, openapi_document(catalogue, with_keys=keys is not None), predict)
    app = Flask("dtc_service", static_folder=None)
    app.register_error_handler(Exception, lambda error: _response(answer_to(error)))
    app.add_url_rule("/predict", view_func=routes.predict, methods=["POST"])
    for name in ("model", "healthz", "readyz", "metrics", "docs"):
        app.add_url_rule(f"/{name}", view_func=getattr(routes, name), provide_automatic_options=False)
    app.add_url_rule("/docs/<name>", view_func=routes.docs_file, provide_automatic_options=False)
    app.add_url_rule("/openapi.json", view_func=routes.openapi)
    app.add_url_rule("/", view_func=routes.start, provide_automatic_options=False)
    app.wsgi_app = Front(app.wsgi_app, predict, metrics, keys)  # type: ignore[method-assign]  # as Flask's manual says
    return app


class Routes:
    """The routes of one application."""

    def __init__(self, holder: ModelHolder, metrics: Metrics, description: dict[str, Any], predict: Predict) -> None:
        self._holder = holder
        self._metrics = metrics
        self._description = description
        self._predict = predict

    def predict(self) -> Response:
        """Label the respondents in the body; reached only where the front does not stand before Flask."""
        return _response(self._predict(request.environ))

    def model(self) -> Response:
        """Describe the model that is served."""
        labeller = self._holder.labeller()
        model = labeller.model
        segments = [
            {"id": id_, "name": name, "centroid": centroid}
            for id_, name, centroid in zip(
                model.segment_ids, model.segment_names, model.centroids.tolist(), strict=True
            )
        ]
        document = {
            "model_version": labeller.version,
            "features": model.feature_names,
            "personas": segments,
            "provenance": dict(model.provenance),
            "reference_wave": model.reference.wave if model.reference else None,
            "loaded_at": datetime.fromtimestamp(labeller.loaded_at, UTC).isoformat(timespec="seconds"),
        }
        return _response(json_answer(document))

    def healthz(self) -> Response:
        """Say that the process answers."""
        return _response(json_answer({"status": "alive"}))

    def readyz(self) -> Response:
        """Say whether a model is served, and what keeps a newer one away."""
        labeller = self._holder.labeller()
        problem = self._holder.state.problem
        return _response(json_answer({"status": "ready", "model_version": labeller.version, "problem": problem}))

    def metrics(self) -> Response:
        """Return all numbers of all workers."""
        return _response(Answer(200, self._metrics.exposition(), CONTENT_TYPE))

    def start(self) -> Response:
        """Send a person who typed the bare address to the page; a relative way holds behind a proxy, too."""
        return _response(Answer(302, b"", "text/plain", (("Location", "docs"),)))

    def openapi(self) -> Response:
        """Describe the service for programs."""
        return _response(json_answer(self._description))

    def docs(self) -> Response:
        """Describe the service for people, who can try it there."""
        return _response(swagger_page(self._description["info"]["title"]))

    def docs_file(self, name: str) -> Response:
        """Return a file that the page loads."""
        return _response(page_file(name) or abort(404))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers), content_type=answer.content_type)
