"""A person decides on a page: by the rules and into the record of command and bot."""

import re

import pytest
from dtc_dashboard.queries import Sources
from dtc_data.tables import make_engine
from fakes.pages import NO_POSTGRES
from fakes.pages_data import N_UNITS, PagesData
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

pytestmark = pytest.mark.integration


def send(client: FlaskClient, act: str, **form: str) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/decisions").text)
    assert found is not None
    return client.post(f"/decisions/shoppers/{act}", data={"csrf_token": found[1]} | form, follow_redirects=True)


def test_pages_answer_and_a_person_decides(client: FlaskClient, data: PagesData, sources: Sources) -> None:
    overview = client.get("/").text
    assert "waiting for a decision" in overview
    assert str(N_UNITS) in overview

    profile = client.get("/segments/shoppers?segment=2&with=0").text
    assert "What sets Bargain-Hunting Bella apart (2025-02)" in profile
    assert "much higher" in profile

    page = client.get("/decisions").text
    assert "Should version 2 go into production?" in page
    assert "passed" in page
    assert re.search(r"What would change.*Bargain-Hunting Bella</th>", page, re.DOTALL)

    # Somebody else decides first; who still sees the old page is told so, and nothing is changed.
    incomplete = send(client, "promote", version="2", by="", why="because", expected="1")
    assert "enter your name and a reason" in incomplete.text
    done = send(client, "promote", version="2", by="anna", why="it fits", expected="1")
    assert "Version 2 is in production" in done.text
    late = send(client, "rollback", version="1", by="berta", why="too late", expected="1")
    assert "Not done" in late.text
    assert data.decisions().registry.production_version() == "2"

    recorded = data.decisions().history()[-1]
    assert (recorded.action, recorded.by, recorded.why, recorded.source) == ("promoted", "anna", "it fits", "dashboard")
    back = send(client, "rollback", version="1", by="berta", why="it does not", expected="2")
    assert "Version 1 is in production" in back.text
    # A person with a reason may bring back what was in production before; a button without one may not.
    again = send(client, "promote", version="2", by="anna", why="it does after all", expected="1")
    assert "Version 2 is in production" in again.text

    # An outage is told, and over as soon as the server is back.
    engine, sources.engine = sources.engine, make_engine(NO_POSTGRES)
    assert "cannot be shown right now" in client.get("/").text
    sources.engine = engine
    assert "cannot be shown right now" not in client.get("/").text
