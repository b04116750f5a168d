"""Customers on their page: whom to call, one of them closely, and whether forecasts came true."""

import csv
import io
import re

import openpyxl
import pytest
from dtc_data.forecasts import ForecastTable
from dtc_data.tables import make_engine
from fakes.pages_customers import add_customers
from fakes.pages_data import PagesData
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", autouse=True)
def _customers(data: PagesData) -> None:
    add_customers(data, make_engine(data.postgres))


def listed(client: FlaskClient, query: str) -> list[str]:
    content = client.get(f"/customers/call_list.csv?{query}").data.decode("utf-8-sig")
    return [row["customer_id"] for row in csv.DictReader(io.StringIO(content))]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("capacity=3", ["'=cmd", "cid", "bob"]),
        ("order=value", ["ann", "bob", "cid", "'=cmd"]),
        ("order=loss", ["bob", "ann", "cid", "'=cmd"]),
        ("risk=50", ["'=cmd", "cid", "bob"]),
        ("risk=80&order=value", ["cid", "'=cmd"]),
        ("amount=50", ["bob", "ann"]),
        ("segment=Loyal&capacity=2", ["'=cmd", "cid"]),
        ("segment=Nobody", []),
        ("capacity=many&risk=nan&amount=x&order=other", ["'=cmd", "cid", "bob", "ann"]),
    ],
)
def test_customers_are_listed_by_what_is_asked_for(client: FlaskClient, query: str, ids: list[str]) -> None:
    assert listed(client, query) == ids


def test_the_page_shows_the_list_with_reasons_and_says_how_many_fit(client: FlaskClient) -> None:
    page = client.get("/customers?capacity=2").text
    assert "The 2 to call" in page
    assert "4 customers match" in page
    assert "No order for 90 days" in page
    assert 'data-slider="4"' in page, "as many as there are"
    assert "No customer matches" in client.get("/customers?risk=99").text


def test_the_list_as_a_workbook_runs_no_formula(client: FlaskClient) -> None:
    content = client.get("/customers/call_list.xlsx?capacity=1").data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.value == "=cmd" and cell.data_type == "s"] == ["=cmd"]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_one_customer_is_shown_from_wave_to_wave(client: FlaskClient) -> None:
    page = client.get("/customers?customer=ann").text
    own = page[page.index('id="one"') : page.index('id="calls"')]
    assert "20%" in own
    assert re.search(r"2025-02.*Gone quiet.*moved.*2025-01.*Loyal", own, re.DOTALL)
    assert "No order for 90 days" in own
    assert "Earlier forecasts" in own


def test_somebody_who_is_not_known_is_told_and_others_are_suggested(client: FlaskClient) -> None:
    page = client.get("/customers?customer=a").text
    assert "There is no customer a." in page
    assert re.search(r'href="/customers\?customer=ann"', page)
    assert "There is no customer %_" in client.get("/customers?customer=%25_").text


def test_what_was_forecast_stands_beside_what_came(client: FlaskClient) -> None:
    page = client.get("/customers").text
    settled = page[page.index('id="settled"') :]
    assert "60.0%" in settled
    assert "50.0%" in settled
    assert "The forecasts kept what they promised." in settled


def test_a_list_of_another_kind_is_not_there(client: FlaskClient) -> None:
    assert client.get("/customers/call_list.exe").status_code == 404


def test_a_table_of_earlier_days_without_segments_and_reasons_is_shown_without_them(
    client: FlaskClient, data: PagesData
) -> None:
    with make_engine(data.postgres).begin() as connection:
        for name in ("segment", "expected_segment", "reason_1", "reason_2", "reason_3"):
            connection.exec_driver_sql(f"ALTER TABLE customer_forecasts DROP COLUMN {name}")
    page = client.get("/customers?customer=ann").text
    assert "The 4 to call" in page
    assert "Customer ann" in page
    with make_engine(data.postgres).begin() as connection:
        ForecastTable("customer_churn").create(connection)
