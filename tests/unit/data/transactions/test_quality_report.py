"""The quality report as text, as a page and as data."""

import json
from pathlib import Path

import pytest
from dtc_data.transactions import QualityReport
from fakes.transaction_files import changed, line, read


@pytest.fixture
def report(tmp_path: Path) -> QualityReport:
    lines = (line(), line(order="2", customer="", price="0.50"), line(order="3", product="post", title="<b>post</b>"))
    return read(tmp_path, *lines, layout=changed(note="Told by the shop & believed."))[1]


def test_the_text_names_each_problem_with_its_figures(report: QualityReport) -> None:
    text = report.to_text()

    assert text.splitlines() == [
        "lines.csv: 3 lines from 2011-06-01 to 2011-06-01, read as small shop; time zone Europe/London.",
        "1 line counts: 1 customer, 1 order, 5.00 GBP net of cancellations, of a revenue of 11.00.",
        "Plain cleaning (known customer, not cancelled, quantity and price above 0) would leave 2 lines of 1 customer.",
        "Told by the shop & believed.",
        "",
        "problem                     count   lines  revenue  treatment    first lines",
        "missing customer            1 line  1      9.1%     quarantined  3",
        "code that is not for goods  1 line  1      45.5%    left out     4",
    ]


def test_a_file_without_problems_is_said_to_have_none(tmp_path: Path) -> None:
    _, report = read(tmp_path, line())

    assert report.to_text().endswith("\n\nNo problems were found.")


def test_the_page_stands_alone_and_says_what_was_done(report: QualityReport) -> None:
    page = report.to_html()

    assert page.startswith("<!DOCTYPE html>")
    assert "<td>missing customer</td>" in page
    assert "quarantined: nobody&#39;s line" in page
    assert "Told by the shop &amp; believed." in page
    assert "Looked for and not found: unreadable date," in page
    assert "http" not in page
    assert "<script" not in page


def test_the_data_survive_json(report: QualityReport) -> None:
    data = json.loads(json.dumps(report.to_dict()))

    assert data["plain"] == {"lines": 2, "customers": 1}
    assert data["first_ordered_at"] == "2011-06-01T09:00:00+00:00"
    found = {problem["name"]: problem for problem in data["problems"]}
    assert found["missing customer"] == {
        "name": "missing customer",
        "treatment": "quarantined",
        "done": "quarantined: nobody's line; the file is refused above a set share of the revenue",
        "counted": "lines",
        "count": 1,
        "lines": 1,
        "share_of_revenue": pytest.approx(1 / 11),
        "first_places": [3],
    }


def test_a_file_without_problems_says_so(tmp_path: Path) -> None:
    _, report = read(tmp_path, line())

    assert report.found == ()
    assert "<p>No problem was found.</p>" in report.to_html()
