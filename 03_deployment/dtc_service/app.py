"""The HTTP service: routes translate between requests and what the model holder has, and do nothing else."""

from typing import Any

import msgspec
from dtc_data.settings import read_settings
from flask import Flask, Response, request

from dtc_service.body import read_body
from dtc_service.error_answers import register_error_answers
from dtc_service.model_holder import ModelHolder
from dtc_service.production import hold_production_model
from dtc_service.settings import ServiceSettings

JSON = "application/json"


def create_app(settings: ServiceSettings | None = None, holder: ModelHolder | None = None) -> Flask:
    """Make the application.

    Parameters
    ----------
    settings : ServiceSettings, optional
        Read from the environment if not given.
    holder : ModelHolder, optional
        If not given, one is made that follows the registry of the environment, and started in this process.
    """
    settings = settings or read_settings(ServiceSettings)
    routes = Routes(holder or hold_production_model(settings), settings.max_bytes)
    app = Flask("dtc_service", static_folder=None)
    register_error_answers(app)
    app.add_url_rule("/predict", view_func=routes.predict, methods=["POST"])
    app.add_url_rule("/model", view_func=routes.model)
    app.add_url_rule("/healthz", view_func=routes.healthz)
    app.add_url_rule("/readyz", view_func=routes.readyz)
    return app


class Routes:
    """The routes of one application."""

    def __init__(self, holder: ModelHolder, max_bytes: int) -> None:
        self._holder = holder
        self._max_bytes = max_bytes

    def predict(self) -> Response:
        """Label the respondents in the body."""
        labeller = self._holder.labeller()  # one version for the whole request, whatever is promoted meanwhile
        answers = labeller.read(read_body(request, self._max_bytes), request.mimetype or JSON)
        return _json(labeller.label(answers))

    def model(self) -> Response:
        """Describe the model that is served."""
        labeller = self._holder.labeller()
        model = labeller.model
        personas = [{"id": id_, "name": name} for id_, name in zip(model.persona_ids, model.persona_names, strict=True)]
        return _json({"model_version": labeller.version, "features": model.feature_names, "personas": personas})

    def healthz(self) -> Response:
        """Say that the process answers."""
        return _json({"status": "alive"})

    def readyz(self) -> Response:
        """Say whether a model is served, and what keeps a newer one away."""
        labeller = self._holder.labeller()
        return _json({"status": "ready", "model_version": labeller.version, "problem": self._holder.state.problem})


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), content_type=JSON)
