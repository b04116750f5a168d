"""Pages on real data: they show what the packages give, and have decisions made by them."""

import re

import pytest
from dtc_dashboard.queries import movement
from dtc_data.core import Wave
from dtc_data.tables import UnitTable, make_engine, segment_means, transaction, wave_counts
from dtc_monitoring.history import wave_history
from fakes.pages_data import WAVES, PagesData
from flask.testing import FlaskClient

pytestmark = pytest.mark.integration


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


def test_more_units_than_a_page_works_through_still_show_who_moved(
    client: FlaskClient, data: PagesData, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = client.get(f"/waves/{data.name}/movement").text
    monkeypatch.setattr(movement, "MOST_UNITS", 1)
    many = client.get(f"/waves/{data.name}/movement").text
    sankeys, said = (re.findall(pattern, few) for pattern in (r'data-spec="[^"]+"', r"stayed the same [^<]+"))
    assert sankeys
    assert said
    assert re.findall(r'data-spec="[^"]+"', many) == sankeys
    assert re.findall(r"stayed the same [^<]+", many) == said
    assert "<code>make history" in many
    assert "<code>make history" not in few
