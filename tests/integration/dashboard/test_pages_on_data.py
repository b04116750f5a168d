"""Pages on real data: they show what the packages give, and have decisions made by them."""

import re

import pytest
from dtc_dashboard.queries import Sources, read_overview
from dtc_data.core import Wave
from dtc_data.tables import UnitTable, make_engine, segment_means, transaction, wave_counts
from dtc_monitoring.history import wave_history
from fakes.pages import NO_POSTGRES
from fakes.pages_data import N_UNITS, WAVES, PagesData
from flask.testing import FlaskClient
from sqlalchemy import column, delete
from sqlalchemy import table as sql_table
from werkzeug.test import TestResponse

pytestmark = pytest.mark.integration


def send(client: FlaskClient, act: str, **form: str) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/decisions").text)
    assert found is not None
    return client.post(f"/decisions/shoppers/{act}", data={"csrf_token": found[1]} | form, follow_redirects=True)


def test_counted_shares_are_those_of_the_history(data: PagesData) -> None:
    engine = make_engine(data.postgres)
    with transaction(engine) as connection:
        counted = wave_counts(connection, data.catalogue)
    history = wave_history(engine, data.catalogue, data.mlflow_uri)
    assert [found.wave for found in counted] == [summary.wave for summary in history] == list(WAVES)
    for found, summary in zip(counted, history, strict=True):
        shares = {segment.name: found.share(segment.id) for segment in data.catalogue.segments}
        assert shares == pytest.approx(dict(summary.shares))
        assert (found.units, dict(found.by_version)) == (summary.units, dict(summary.by_version))


def test_means_are_those_of_the_loaded_wave(data: PagesData) -> None:
    with transaction(make_engine(data.postgres)) as connection:
        means = segment_means(connection, data.catalogue, WAVES[0])
        units = UnitTable(data.catalogue).load(connection, WAVES[0])
    for feature in data.catalogue.feature_names:
        assert means.overall[feature].mean == pytest.approx(units[feature].mean())
        for id_, own in units.groupby("segment"):
            found = means.by_segment[int(str(id_))][feature]
            assert found.n == len(own)
            assert found.mean == pytest.approx(own[feature].mean())
            assert found.deviation == pytest.approx(own[feature].std())


def test_a_wave_without_labels_has_no_means(data: PagesData) -> None:
    with transaction(make_engine(data.postgres)) as connection:
        means = segment_means(connection, data.catalogue, Wave(2020, 1))
    assert means.by_segment == {}
    assert means.overall == {}


def test_pages_answer_and_a_person_decides(client: FlaskClient, data: PagesData, sources: Sources) -> None:
    overview = client.get("/").text
    assert "waits for a decision" in overview
    assert str(N_UNITS) in overview

    profile = client.get("/segments/shoppers?segment=2&with=0").text
    assert "What sets Bargain-Hunting Bella apart (2025-02)" in profile
    assert "much higher" in profile

    page = client.get("/decisions").text
    assert "Should version 2 take over?" in page
    assert "passed" in page

    # Somebody else decides first; who still sees the old page is told so, and nothing is changed.
    incomplete = send(client, "promote", version="2", by="", why="because", expected="1")
    assert "give your name and a reason" in incomplete.text
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
    assert "cannot be shown now" in client.get("/").text
    sources.engine = engine
    assert "cannot be shown now" not in client.get("/").text


def test_figures_follow_the_table(client: FlaskClient, data: PagesData, sources: Sources) -> None:
    client.get("/")
    with transaction(sources.engine) as connection:
        units = sql_table(data.catalogue.unit_table, column("date"))
        connection.execute(delete(units).where(units.c.date >= WAVES[1].start))
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    waves = read_overview(sources).outlines[0].waves.value
    assert waves is not None
    assert [line.counts.wave for line in waves] == [WAVES[0]]
