"""Pages while Postgres and the registry are down: each says so, and does what it can without them."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

LOYAL = "visits=38&mood=good&member=1&region=north"


@pytest.mark.parametrize(
    "path",
    ["/", "/segments/shoppers", "/waves/shoppers", "/waves/shoppers/movement", "/customers", "/data", "/decisions"],
)
def test_a_page_says_what_it_cannot_ask(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "cannot be shown right now" in answer.text
    assert "127.0.0.1:9" in answer.text


def test_a_german_page_says_it_in_german(client: FlaskClient) -> None:
    client.set_cookie("dtc_language", "de")
    assert "Die Datenbank ist nicht erreichbar (Postgres, 127.0.0.1:9" in client.get("/customers").text


def test_what_no_segmentation_could_be_asked_is_told_once(client: FlaskClient, catalogue_file: Path) -> None:
    other = catalogue_file.with_name("others.yaml")
    text = catalogue_file.read_text(encoding="utf-8")
    other.write_text(f"{text}\ntable: others\nregistered_model: others\n", encoding="utf-8")
    page = client.get("/").text
    assert "/segments/others" in page
    assert page.count("Postgres at 127.0.0.1:9") == 1


def test_without_a_segmentation_decisions_lead_to_what_comes_first(client: FlaskClient, catalogue_file: Path) -> None:
    catalogue_file.unlink()
    answer = client.get("/decisions")
    assert (answer.status_code, answer.location) == (302, "/")


def test_the_process_lives_whatever_is_down(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_the_form_follows_the_catalogue(client: FlaskClient) -> None:
    page = client.get("/type/shoppers").text
    assert "How often do you come?" in page
    assert re.search(r"<option[^>]*>fair</option>", page)
    assert 'name="region"' in page
    assert "from 0 to 50" in page


def test_typed_answers_get_the_segment_of_the_service(client: FlaskClient) -> None:
    page = client.get(f"/type/shoppers?{LOYAL}").text
    assert re.search(r'class="answer">.*Loyal', page, re.DOTALL)
    assert "Passing" in page


def test_reasons_say_why_they_cannot_be_given(client: FlaskClient) -> None:
    assert "MLflow server" in client.get(f"/type/shoppers?{LOYAL}").text


def test_the_link_keeps_the_answers(client: FlaskClient) -> None:
    page = client.get(f"/type/shoppers?{LOYAL}").text
    assert 'value="38"' in page
    assert re.search(r"<option selected>good</option>", page)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("visits=many&mood=good&member=1&region=north", "a number from 0 to 50"),
        ("visits=51&mood=good&member=1&region=north", "a number from 0 to 50"),
        ("visits=3&mood=splendid&member=1&region=north", "one of bad, fair, good"),
        ("visits=3&mood=good&member=&region=north", "This answer is required."),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_at_its_field(client: FlaskClient, query: str, told: str) -> None:
    page = client.get(f"/type/shoppers?{query}").text
    assert told in page
    assert 'aria-invalid="true"' in page
    assert 'class="answer"' not in page


def test_a_decimal_comma_is_a_decimal_point(client: FlaskClient) -> None:
    assert 'class="answer"' in client.get("/type/shoppers?visits=3,5&mood=good&member=1&region=north").text


def test_what_was_typed_is_text_and_nothing_else(client: FlaskClient) -> None:
    page = client.get('/type/shoppers?visits="><script>alert(1)</script>').text
    assert "<script>alert" not in page


def test_an_unknown_segmentation_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/segments/nobody")
    assert answer.status_code == 404
    assert "shoppers" in answer.text


def test_an_unknown_page_is_not_found(client: FlaskClient) -> None:
    assert client.get("/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/", "/type/shoppers", "/nothing", "/healthz"])
def test_every_answer_forbids_scripts_and_frames_of_others(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_without_a_login_another_name_for_this_machine_leads_nowhere(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_chosen_language_is_kept(client: FlaskClient) -> None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/type/shoppers").text)
    assert found is not None
    answer = client.post("/language/de", data={"csrf_token": found[1], "next": "/type/shoppers"})
    assert answer.location == "/type/shoppers"
    page = client.get("/type/shoppers").text
    assert '<html lang="de">' in page
    assert "Entscheidungen" in page


def test_a_decision_without_registry_is_refused_in_words(client: FlaskClient) -> None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/type/shoppers").text)
    assert found is not None
    form = {"csrf_token": found[1], "version": "2", "by": "anna", "why": "because", "expected": "1"}
    answer = client.post("/decisions/shoppers/promote", data=form, follow_redirects=True)
    assert "cannot be done right now" in answer.text


def test_a_catalogue_that_breaks_is_named_and_comes_back(client: FlaskClient, catalogue_file: Path) -> None:
    kept = catalogue_file.read_text()
    catalogue_file.write_text("name: [broken")
    assert "shoppers.yaml" in client.get("/").text
    assert client.get("/type/shoppers").status_code == 404
    catalogue_file.write_text(kept)
    assert client.get("/type/shoppers").status_code == 200
