"""Stores on their page: archetypes, the ranking within each, what to do, who moved, and the checks of the data."""

import csv
import io
import re

import pytest
from dtc_data import Wave, load_catalogue
from dtc_data.tables import make_engine, move_unit, transaction
from fakes.pages_data import PagesData
from fakes.pages_stores import add_stores
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", autouse=True)
def _stores(data: PagesData) -> None:
    add_stores(data, make_engine(data.postgres))


def test_stores_are_ranked_within_their_archetype_with_what_to_do(client: FlaskClient) -> None:
    page = client.get("/stores?archetype=Daily+needs").text
    ranking = page[page.index('id="ranking"') : page.index('id="moved"')]
    assert re.search(r"1</th>.*s2.*Restock more often.*out of stock on 9 days.*2</th>.*s1.*=s3", ranking, re.DOTALL)
    assert "±" in ranking
    assert re.search(r"s1</a></span>.*>10 above it<", ranking, re.DOTALL)
    assert "13%" in ranking


def test_stores_that_moved_and_checks_of_the_data_are_told(client: FlaskClient) -> None:
    page = client.get("/stores").text
    moved = page[page.index('id="moved"') :]
    assert "One store has changed archetype since 2025-Q1" in moved
    assert re.search(r"s2</a></th>.*Weekend shops.*Daily needs.*basket_value", moved, re.DOTALL)
    assert "20 checks; 1 found problems" in moved
    assert "the store is in the table of stores" in moved
    client.set_cookie("dtc_language", "de")
    assert "die Filiale steht in der Tabelle der Filialen" in client.get("/stores").text


def test_one_store_is_found_and_another_is_not(client: FlaskClient) -> None:
    found = client.get("/stores?store=s2").text
    own = found[found.index('id="one-store"') : found.index('id="ranking"')]
    assert re.search(r"out of stock on 9 days.*What to do with each Daily needs.*Open early", own, re.DOTALL)
    assert re.search(r"From quarter to quarter.*2025-03</th>.*(Daily needs|Weekend shops).*vendor", own, re.DOTALL)
    assert "What would have to change for Weekend shops" in own
    closed = client.get("/stores?store=s9").text
    assert re.search(r"There is no store s9 in this quarter.*2025-03</th>", closed, re.DOTALL)
    assert "From quarter to quarter" not in client.get("/stores?store=nobody").text


def test_all_stores_are_taken_away_and_no_cell_is_a_formula(client: FlaskClient) -> None:
    content = client.get("/stores/stores.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    places = [(row["unit_id"], row["place"]) for row in rows if row["archetype"] == "Daily needs"]
    assert places == [("s2", "1"), ("s1", "2"), ("'=s3", "")]
    assert client.get("/stores/stores.xlsx").data.startswith(b"PK")
    assert client.get("/stores/stores.pdf").status_code == 404


def test_each_archetype_is_told_what_fits_it_most(client: FlaskClient) -> None:
    page = client.get("/stores").text
    table = page[: page.index('id="ranking"')]
    assert re.search(r"Daily needs.*Look after Daily needs \(and 1 more\).*baskets of 10.*Open early", table, re.DOTALL)
    assert "Look after Weekend shops" in table


def test_a_long_list_is_short_until_a_person_asks_for_all(client: FlaskClient) -> None:
    few = client.get("/stores?archetype=Weekend+shops").text
    assert "Show all 12" in few
    assert ">t11<" in few
    assert ">t1<" not in few
    everything = client.get("/stores?archetype=Weekend+shops&all=ranking").text
    assert ">t1<" in everything
    assert "Show the first few" in everything


def test_a_move_that_the_features_contradict_asks_for_another_look(client: FlaskClient) -> None:
    page = client.get("/stores").text
    moves = page[page.index('id="by-people"') : page.index('id="checks"')]
    assert re.search(
        r"=s3</a></th>.*Weekend shops.*Ada: it was rebuilt.*2025-03, 2025-06.*Confirm.*s1</a></th>", moves, re.DOTALL
    )
    assert moves.count("Confirm the move") == 1


def test_moves_since_the_last_run_are_shown_and_count_from_the_next(client: FlaskClient, data: PagesData) -> None:
    catalogue = load_catalogue(data.catalogue_file.with_name("stores.yaml"))
    with transaction(make_engine(data.postgres)) as connection:
        move_unit(connection, catalogue.unit_table, "t1", 0, Wave(2025, 6), by="Bo", why="new owner")
        move_unit(connection, catalogue.unit_table, "s1", None, Wave(2025, 6), by="Bo", why="was wrong")
    page = client.get("/stores").text
    moves = page[page.index('id="by-people"') : page.index('id="checks"')]
    assert re.search(r"t1</a></th>.*Daily needs.*Bo: new owner.*counts from the next run", moves, re.DOTALL)
    assert re.search(r"s1</a></th>.*Weekend shops.*taken back as of the next run", moves, re.DOTALL)
