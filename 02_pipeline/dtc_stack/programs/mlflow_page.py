"""MLflow's pages, opened where model training is: ``mlflow server --app-name model_training``.

MLflow 3.17 opens every page in its GenAI view, where the runs of a sweep are hidden behind empty charts. Of what kind an
experiment says that it is, it takes no notice, and a link can choose the other view for one page only. So a browser in which
nobody has chosen yet is told so by the page itself; what a person chooses at the top left stays.
"""

from pathlib import Path
from typing import Any, Final

from flask import Flask, Response

_SCRIPT: Final = """<script>
  const view = "mlflow.workflowType_v1";
  if (localStorage.getItem(view) === null) localStorage.setItem(view, JSON.stringify("machine_learning"));
</script>"""
"""The place is MLflow's own for this choice."""


def create_app() -> Any:
    """Return MLflow's application with the start of its pages changed."""
    from mlflow.server import app, fastapi_app  # noqa: PLC0415 - MLflow asks this module a question before it is ready

    open_on_training(app)
    return fastapi_app.app


def open_on_training(mlflow: Flask) -> None:
    """Let the one page that all of MLflow's pages are made of begin with the choice."""

    def page() -> Response:
        html = Path(mlflow.static_folder or "", "index.html").read_text(encoding="utf-8")
        return Response(html.replace("<head>", f"<head>{_SCRIPT}", 1), headers={"Cache-Control": "no-cache"})

    mlflow.view_functions["serve"] = page
