"""Every page while Postgres or MLflow is down: it says so, shows the rest, and is whole again as soon as both are back."""

from dataclasses import replace

import pytest
from dtc_dashboard.queries import Sources
from dtc_data.tables import make_engine
from fakes.pages import NO_POSTGRES, NOWHERE
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration

PATHS = ("/", "/segments/shoppers", "/waves/shoppers", "/customers", "/decisions", "/data", "/stores")
NEED_NOTHING = {"/stores"}
"""There are no stores here, which the catalogues tell."""
ASK_MLFLOW = ("/", "/decisions")
CANNOT = "cannot be shown right now"


def test_every_page_says_what_is_down_and_comes_back(client: FlaskClient, sources: Sources) -> None:
    def told(path: str) -> bool:
        answer = client.get(path)
        assert answer.status_code == 200, path
        return CANNOT in answer.text

    assert not any(told(path) for path in PATHS)

    engine, sources.engine = sources.engine, make_engine(NO_POSTGRES)
    assert {path for path in PATHS if told(path)} == set(PATHS) - NEED_NOTHING
    assert client.get("/customers/call_list.csv").status_code == 503
    sources.engine = engine

    mlflow, sources.mlflow = sources.mlflow, sources.mlflow.model_copy(update={"tracking_uri": NOWHERE})
    assert all(told(path) for path in ASK_MLFLOW)
    assert "Segments" in client.get("/segments/shoppers").text
    sources.mlflow = mlflow

    service, sources.service = sources.service, replace(sources.service, url=NOWHERE)
    typed = "/type/shoppers?" + "&".join(f"x{place}=1" for place in range(1, 11))
    assert "does not answer" in client.get(typed).text
    sources.service = service

    assert not any(told(path) for path in PATHS)
    assert "does not answer" not in client.get(typed).text
