"""The unit table with features of every type, and under the names of another catalogue than the shipped one."""

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from fakes.mixed_features import MIXED, mixed_catalogue
from fakes.units import ingest, load, write_labels
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

pytestmark = pytest.mark.integration

JANUARY = Wave(2025, 1)
CATALOGUE = mixed_catalogue(columns={"id": "household_id"}, missing_answers={"minimum_answered": 3})


def made(engine: Engine, catalogue: Catalogue = CATALOGUE) -> UnitTable:
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
    return table


@pytest.fixture
def wave() -> pd.DataFrame:
    """A wave with gaps in words and in numbers."""
    wave = make_wave(CATALOGUE, 500, 1, 1, JANUARY)
    wave.loc[::5, "region"], wave.loc[::7, "calm"] = None, float("nan")
    return wave


def test_units_come_back_as_they_went_in(engine: Engine, wave: pd.DataFrame) -> None:
    table = made(engine)
    assert ingest(engine, table, wave).inserted == 500
    assert str(ingest(engine, table, wave)) == "nothing changed: all 500 households were already there"
    kept = load(engine, table, JANUARY)
    pd.testing.assert_frame_equal(kept.drop(columns="model_version"), wave, check_names=False)


def test_the_table_bears_the_names_of_the_catalogue(engine: Engine, wave: pd.DataFrame) -> None:
    ingest(engine, made(engine), wave)
    query = "SELECT household_id, region, owns_car, segment FROM households ORDER BY household_id LIMIT 2"
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    assert rows[0] == ("2025-01-0001", None, wave["owns_car"][0], wave["segment"][0])
    assert rows[1].region == wave["region"][1]


def test_labels_and_their_history_work_under_these_names(engine: Engine, wave: pd.DataFrame) -> None:
    table = made(engine)
    ingest(engine, table, wave.drop(columns="segment"))
    assert write_labels(engine, table, wave.assign(segment=1), "1") == 500
    assert write_labels(engine, table, wave.head(10).assign(segment=2), "2") == 10
    assert load(engine, table, JANUARY)["segment"].tolist() == [2] * 10 + [1] * 490
    with engine.connect() as connection:
        counted = connection.execute(
            text("SELECT count(*), count(DISTINCT household_id) FROM label_history_households")
        )
        assert tuple(counted.one()) == (510, 500)


def test_another_value_is_refused_by_us_and_by_the_database(engine: Engine, wave: pd.DataFrame) -> None:
    table = made(engine)
    with pytest.raises(UnitTableError, match="the households cannot be ingested: column 'region' holds 'east'"):
        ingest(engine, table, wave.assign(region="east"))
    ingest(engine, table, wave)
    with engine.connect() as connection, pytest.raises(IntegrityError, match="values_of_"):
        connection.execute(text("UPDATE households SET region = 'east'"))


def test_another_answer_for_the_same_unit_is_refused_and_named(engine: Engine, wave: pd.DataFrame) -> None:
    table = made(engine)
    ingest(engine, table, wave)
    other = wave.assign(region=wave["region"].replace("south", "abroad"))
    with pytest.raises(UnitTableError, match=r"has the household .* with another value in 'region'"):
        ingest(engine, table, other)


@pytest.mark.parametrize(
    ("values", "shares"),
    [(["north", "south", "abroad", "at sea"], [0.5, 0.3, 0.1, 0.1]), (["south", "north", "abroad"], [0.3, 0.5, 0.2])],
    ids=["one more", "in another order"],
)
def test_values_may_join_the_catalogue_later(
    values: list[str], shares: list[float], engine: Engine, wave: pd.DataFrame
) -> None:
    ingest(engine, made(engine), wave)
    features = [*MIXED["features"][:4], MIXED["features"][4] | {"values": values, "shares": shares}]
    wider = CATALOGUE.model_copy(update={"features": mixed_catalogue(features=features).features})
    table = made(engine, wider)
    later = make_wave(CATALOGUE, 20, 1, 2, Wave(2025, 2)).assign(region=values[-1])
    assert ingest(engine, table, later).inserted == 20
    assert (
        load(engine, table, JANUARY)["region"].tolist() == load(engine, made(engine, wider), JANUARY)["region"].tolist()
    )


def test_a_value_that_units_have_cannot_leave_the_catalogue(engine: Engine, wave: pd.DataFrame) -> None:
    ingest(engine, made(engine), wave)
    features = [*MIXED["features"][:4], MIXED["features"][4] | {"values": ["north", "abroad"], "shares": [0.6, 0.4]}]
    segments = [segment | {"centroid": [*segment["centroid"][:4], "north"]} for segment in MIXED["segments"]]
    narrower = mixed_catalogue(features=features, segments=segments, columns={"id": "household_id"}, **TOLERANT)
    with pytest.raises(UnitTableError, match="holds values that the catalogue 'Households' does not have any more"):
        made(engine, narrower)


TOLERANT = {"missing_answers": {"minimum_answered": 3}}


def test_odd_values_are_kept_exactly(engine: Engine) -> None:
    values = ["50% off", 'O\'Brien \\ "x"', "tab\\tand :colon", "ünïcode 環境"]
    catalogue = mixed_catalogue(
        features=[{"name": "kind", "type": "category", "values": values, "shares": [0.25] * 4}],
        segments=[{"id": 1, "name": "A", "centroid": [values[0]]}, {"id": 2, "name": "B", "centroid": [values[1]]}],
    )
    wave = make_wave(catalogue, 4, 1, 1, JANUARY).assign(kind=values)
    table = made(engine, catalogue)
    ingest(engine, table, wave)
    assert load(engine, table, JANUARY)["kind"].tolist() == values
