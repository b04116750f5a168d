"""A page waits for no scan: it shows what was prepared, with its age, until there is something newer."""

from pathlib import Path

import pytest
from dtc_dashboard.pages import create_app, warm_up
from dtc_dashboard.settings import DashboardSettings
from dtc_data.tables import transaction
from fakes.pages import make_sources
from fakes.pages_data import PagesData
from sqlalchemy import column, update
from sqlalchemy import table as sql_table

pytestmark = pytest.mark.integration

OLDER, PENDING = "newer figures are being worked out", "being worked out for the first time"


def test_pages_show_the_last_figures_with_their_age_while_newer_ones_are_made(data: PagesData, tmp_path: Path) -> None:
    sources = make_sources(
        data.catalogue_file, postgres=data.postgres, mlflow_uri=data.mlflow_uri, patience_seconds=0.0
    )
    app = create_app(DashboardSettings(state_folder=tmp_path), sources)
    client, table = app.test_client(), data.catalogue.unit_table
    assert PENDING in client.get("/").text
    warm_up(app)
    for path in ("/", f"/segments/{data.name}", "/data"):
        page = client.get(path).text
        assert OLDER not in page
        assert PENDING not in page

    with transaction(sources.engine) as connection:
        units = sql_table(table, column("date"))
        connection.execute(update(units).values(date=units.c.date))
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    with transaction(sources.engine) as connection:
        connection.exec_driver_sql(f"LOCK TABLE {table}")  # a scan that lasts as long as this test wants
        for path in ("/", f"/segments/{data.name}"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert OLDER in answer.text
            assert data.catalogue.segments[0].name in answer.text

    warm_up(app)
    assert OLDER not in client.get("/").text
