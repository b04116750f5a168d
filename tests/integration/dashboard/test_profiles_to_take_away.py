"""Profiles, tables and forecasts on real data, as pages and as files."""

import csv
import io

import pytest
from dtc_data.tables import UnitTable, make_engine, transaction
from fakes.pages_data import N_UNITS, WAVES, PagesData
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration


def test_the_numbers_are_those_of_the_wave(client: FlaskClient, data: PagesData) -> None:
    answer = client.get("/segments/shoppers/2/2025-02.csv")
    rows = {row["feature"]: row for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))}
    with transaction(make_engine(data.postgres)) as connection:
        units = UnitTable(data.catalogue).load(connection, WAVES[1])
    own = units[units["segment"] == 2]
    assert rows.keys() == set(data.catalogue.feature_names)
    for name, row in rows.items():
        assert float(row["mean"]) == pytest.approx(own[name].mean())
        assert float(row["low"]) < float(row["mean"]) < float(row["high"])
        assert float(row["mean_of_all"]) == pytest.approx(units[name].mean())


def test_a_page_for_a_meeting_is_a_pdf(client: FlaskClient) -> None:
    assert client.get("/segments/shoppers/2/2025-02.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize(
    "path", ["/segments/shoppers/9/2025-02.csv", "/segments/shoppers/2/1999-01.csv", "/segments/shoppers/2/2025-02.exe"]
)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_data_page_says_what_was_labelled_when(client: FlaskClient) -> None:
    page = client.get("/data").text
    assert "2025-01" in page
    assert str(N_UNITS) in page
    assert "make ingest_transactions" in page
