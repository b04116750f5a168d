"""What failed, what was withdrawn and where data came from, on the pages that people open first."""

from pathlib import Path

import pytest
from dtc_data import Wave
from dtc_data.surveys import ingest_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, make_engine, transaction, withdraw_wave
from dtc_monitoring.checks import RunFailure, record_failed_run
from fakes.pages_data import PagesData
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration


def test_pages_say_what_failed_what_came_and_what_was_withdrawn(
    client: FlaskClient, data: PagesData, tmp_path: Path
) -> None:
    engine, table = make_engine(data.postgres), UnitTable(data.catalogue)
    assert "failed" not in client.get("/").text
    failure = RunFailure(
        "7", data.catalogue.registered_model, "Shoppers", "check", "2025-01", "2025-03", "no <respondents>"
    )
    with transaction(engine) as connection:
        record_failed_run(connection, failure)
    overview = client.get("/").text
    assert "One run failed" in overview
    assert "no &lt;respondents&gt;" in overview
    assert "REFERENCE=2025-01 CURRENT=2025-03" in overview

    path = tmp_path / "march.csv"
    make_wave(data.catalogue, 40, 2.0, 3, Wave(2025, 3), labelled=False).assign(extra=1).to_csv(path, index=False)
    ingest_file(engine, table, path)
    ingest_file(engine, table, path)  # again, and nothing comes of it
    page = client.get("/data").text
    assert page.count("march.csv</th>") == 1
    assert "kept for the way out, which the catalogue does not have" in page
    assert str(tmp_path) not in page

    with transaction(engine) as connection:
        withdraw_wave(connection, table, Wave(2025, 3), by="anna", why="the wrong file")
    page = client.get("/data").text
    assert "Withdrawn waves" in page
    assert "the wrong file" in page
