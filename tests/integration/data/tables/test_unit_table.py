"""The respondent table in a real Postgres: made, and read by wave."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError, WaveError
from dtc_data.tables import UnitTable, transaction
from fakes.at_once import at_once
from fakes.units import count_rows, ingest, load
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration

JANUARY = Wave(2025, 1)


def test_the_columns_follow_the_catalogue(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        query = "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = :name"
        columns = connection.execute(text(f"{query} ORDER BY ordinal_position"), {"name": table.name}).all()

    timestamp = "timestamp with time zone"
    assert [tuple(column) for column in columns] == [
        ("customer_id", "text", "NO"),
        ("date", timestamp, "NO"),
        ("price", "double precision", "NO"),
        ("ecology", "double precision", "NO"),
        ("visits", "double precision", "NO"),
        ("persona", "integer", "YES"),
        ("model_version", "text", "YES"),
        ("labelled_at", timestamp, "YES"),
    ]


def test_a_table_that_is_there_is_left_as_it_is(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    ingest(engine, table, january)

    with transaction(engine) as connection:
        table.create(connection)

    assert count_rows(engine, table.name) == len(january)


def test_several_processes_may_make_it_at_once(engine: Engine, small_catalogue: Catalogue) -> None:
    def create() -> None:
        with transaction(engine) as connection:
            UnitTable(small_catalogue).create(connection)

    at_once([create] * 4)

    assert count_rows(engine, small_catalogue.unit_table) == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DROP COLUMN price", "column 'price' is missing"),
        ("ADD COLUMN colour text", "column 'colour' is not in the catalogue"),
        ("ALTER COLUMN price TYPE integer", "column 'price' is INTEGER NOT NULL instead of DOUBLE PRECISION NOT NULL"),
        ("ALTER COLUMN price DROP NOT NULL", "column 'price' is DOUBLE PRECISION NULL instead of DOUBLE PRECISION NOT NULL"),
        ("ALTER COLUMN date TYPE timestamp", "column 'date' is TIMESTAMP WITHOUT TIME ZONE"),
        ("DROP CONSTRAINT small_features_pkey", "the primary key is () instead of (customer_id, date)"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_named_with_the_difference(
    change: str, expected: str, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    with transaction(engine) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} {change}")

    with pytest.raises(UnitTableError) as caught, transaction(engine) as connection:
        table.create(connection)
    assert f"table 'small_features' does not fit the catalogue 'small': {expected}" in str(caught.value)
    with pytest.raises(UnitTableError, match="does not fit"):
        ingest(engine, table, january)


def test_a_missing_table_is_named(engine: Engine, small_catalogue: Catalogue, january: pd.DataFrame) -> None:
    table = UnitTable(small_catalogue, "nowhere")

    with pytest.raises(UnitTableError, match="there is no table 'nowhere'"):
        load(engine, table, JANUARY)
    with pytest.raises(UnitTableError, match="there is no table 'nowhere'"):
        ingest(engine, table, january)


def test_a_wave_is_a_half_open_range(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    edges = [
        "2024-12-31T23:59:59.999999Z",
        "2025-01-01T00:00:00Z",
        "2025-01-31T23:59:59.999999Z",
        "2025-02-01T00:00:00Z",
    ]
    ingest(engine, table, january.head(4).assign(date=pd.to_datetime(edges, format="ISO8601")))

    assert load(engine, table, JANUARY)["unit_id"].tolist() == ["2025-01-0002", "2025-01-0003"]


def test_units_are_ordered_by_date_and_id(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    days = [datetime(2025, 1, day, tzinfo=UTC) for day in (2, 1, 1, 1)]
    ingest(engine, table, january.head(4).assign(unit_id=["a", "b", "B", "_"], date=days))

    assert load(engine, table, JANUARY)["unit_id"].tolist() == ["B", "_", "b", "a"]


def test_an_empty_wave_is_named_with_its_table(engine: Engine, table: UnitTable) -> None:
    with pytest.raises(WaveError, match=r"wave 2025-07: table 'small_features' holds no respondents"):
        load(engine, table, Wave(2025, 7))


def test_the_waves_are_listed_in_order(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    dates = ["2025-03-31T23:59:59Z", "2024-12-01T00:00:00Z", "2025-03-01T00:00:00Z"]
    ingest(engine, table, january.head(3).assign(date=pd.to_datetime(dates)))

    with transaction(engine) as connection:
        assert table.waves(connection) == [Wave(2024, 12), Wave(2025, 3)]


def test_a_table_without_units_has_no_waves(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        assert table.waves(connection) == []
