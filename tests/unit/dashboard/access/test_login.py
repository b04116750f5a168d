"""Who is let in where people log in, and for how long."""

import re
import shutil
import time
from pathlib import Path

import pytest
from dtc_dashboard.access import write_user
from dtc_dashboard.access.gate import MOST_FAILURES
from dtc_dashboard.pages import create_app
from dtc_dashboard.queries import Sources
from dtc_dashboard.settings import DashboardSettings
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def written_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users"
    write_user(path, "anna", "approver", PASSWORD)
    write_user(path, "victor", "viewer", PASSWORD)
    return path


@pytest.fixture
def users(written_users: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written_users, tmp_path / "users"))


@pytest.fixture
def app(sources: Sources, tmp_path: Path, users: Path) -> Flask:
    return create_app(DashboardSettings(host="0.0.0.0", users_file=users, state_folder=tmp_path), sources)  # noqa: S104


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def log_in(client: FlaskClient, name: str, password: str = PASSWORD, target: str = "") -> TestResponse:
    form = {"csrf_token": token(client, "/login"), "name": name, "password": password, "next": target}
    return client.post("/login", data=form)


@pytest.mark.parametrize("path", ["/", "/segments/shoppers", "/type/shoppers", "/decisions"])
def test_whoever_is_not_logged_in_is_sent_to_the_login(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_health_needs_no_login(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_after_the_login_one_is_where_one_wanted_to_be(client: FlaskClient) -> None:
    answer = log_in(client, "anna", target="/type/shoppers?visits=3")
    assert answer.location == "/type/shoppers?visits=3"
    assert "anna" in client.get("/type/shoppers").text


@pytest.mark.parametrize("target", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"])
def test_a_login_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    assert log_in(client, "anna", target=target).location == "/"


def test_a_wrong_password_lets_nobody_in(client: FlaskClient) -> None:
    assert log_in(client, "anna", "something else").status_code == 401
    assert client.get("/").status_code == 302


def test_after_many_wrong_passwords_the_right_one_must_wait(client: FlaskClient) -> None:
    for _ in range(MOST_FAILURES):
        log_in(client, "anna", "something else")
    assert log_in(client, "anna").status_code == 401
    assert log_in(client, "victor").status_code == 302


def test_a_viewer_looks_and_does_not_decide(client: FlaskClient) -> None:
    log_in(client, "victor")
    form = {"csrf_token": token(client, "/type/shoppers"), "version": "1", "why": "because"}
    assert client.post("/decisions/shoppers/promote", data=form).status_code == 403


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    log_in(client, "anna")
    assert client.post("/decisions/shoppers/promote", data={"version": "1", "why": "because"}).status_code == 400
    assert client.post("/login", data={"name": "anna", "password": PASSWORD}).status_code == 400


def test_logging_out_ends_the_session(client: FlaskClient) -> None:
    log_in(client, "anna")
    client.post("/logout", data={"csrf_token": token(client, "/type/shoppers")})
    assert client.get("/type/shoppers").status_code == 302


def test_a_session_ends_after_its_hours(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(client, "anna")
    later = time.time() + 9 * 3600
    monkeypatch.setattr("dtc_dashboard.access.gate.time.time", lambda: later)
    assert client.get("/type/shoppers").status_code == 302


def test_a_changed_role_ends_the_session(client: FlaskClient, users: Path) -> None:
    log_in(client, "anna")
    write_user(users, "anna", "viewer", PASSWORD)
    assert client.get("/type/shoppers").status_code == 302


def test_the_session_s_cookie_is_out_of_reach_for_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = log_in(client, "anna").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("values", "with_login"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),  # noqa: S104 - the question
        ({"host": "pages.example.com"}, True),
        ({"host": "0.0.0.0", "published_host": "127.0.0.1"}, False),  # noqa: S104 - in a container
        ({"login": "on"}, True),
        ({"host": "0.0.0.0", "login": "off"}, False),  # noqa: S104 - likewise
    ],
)
def test_people_log_in_wherever_other_machines_reach_the_pages(values: dict[str, str], *, with_login: bool) -> None:
    assert DashboardSettings.model_validate(values).with_login is with_login
