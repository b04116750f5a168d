"""Prepared figures are prepared again once the table has changed."""

import pytest
from dtc_dashboard.queries import Sources, read_overview
from dtc_data.tables import transaction
from fakes.pages_data import WAVES, PagesData
from flask.testing import FlaskClient
from sqlalchemy import column, delete
from sqlalchemy import table as sql_table

pytestmark = pytest.mark.integration


def test_figures_follow_the_table(client: FlaskClient, data: PagesData, sources: Sources) -> None:
    client.get("/")
    with transaction(sources.engine) as connection:
        units = sql_table(data.catalogue.unit_table, column("date"))
        connection.execute(delete(units).where(units.c.date >= WAVES[1].start))
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    waves = read_overview(sources).outlines[0].waves.value
    assert waves is not None
    assert [line.counts.wave for line in waves] == [WAVES[0]]
