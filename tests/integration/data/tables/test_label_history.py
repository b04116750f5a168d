"""The history of the labels that models gave, in a real Postgres."""

from functools import partial
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, from_table, transaction
from dtc_data.tables.record import history_name
from fakes.at_once import at_once
from fakes.units import ingest, write_labels
from sqlalchemy import Engine, Select, column, select, text
from sqlalchemy import table as sql_table

pytestmark = pytest.mark.integration

MARCH, APRIL = Wave(2025, 3), Wave(2025, 4)


def history(engine: Engine, table: UnitTable) -> pd.DataFrame:
    names = ["customer_id", "date", "persona", "model_version", "labelled_at"]
    kept = sql_table(history_name(table.name), *map(column, [*names, "entry"]))
    query: Select[Any] = select(*(kept.c[name] for name in names)).order_by(kept.c.entry)
    with transaction(engine) as connection:
        return from_table(pd.DataFrame(connection.execute(query), columns=names), table.catalogue)


def labellings(engine: Engine, table: UnitTable) -> list[tuple[Wave, str, int]]:
    with transaction(engine) as connection:
        return [(one.wave, one.model_version, one.labels) for one in table.labellings(connection)]


def test_a_table_is_labelled_by_one_registered_model_since_versions_of_two_could_not_be_told_apart(
    engine: Engine, table: UnitTable, march: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    other = UnitTable(small_catalogue.model_copy(update={"registered_model": "another_model"}))
    write_labels(engine, table, march.head(50).assign(segment=7), "1")
    with pytest.raises(UnitTableError, match=r"labels of the registered model 'small_model'.* of its own"):
        write_labels(engine, other, march.assign(segment=3), "1")
    with pytest.raises(UnitTableError, match="'small_model'"), transaction(engine) as connection:
        other.waves_labelled_by_others(connection, "2")
    with pytest.raises(UnitTableError, match="'small_model'"), transaction(engine) as connection:
        other.labellings(connection)
    assert labellings(engine, table) == [(MARCH, "1", 50)]
    assert write_labels(engine, table, march.assign(segment=3), "2") == 100


def test_labels_of_before_it_was_noted_whose_they_are_belong_to_whoever_labels_next(
    engine: Engine, table: UnitTable, march: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")
    with transaction(engine) as connection:
        connection.exec_driver_sql(f"COMMENT ON TABLE {history_name(table.name)} IS NULL")
    assert labellings(engine, table) == [(MARCH, "1", 100)]
    write_labels(engine, table, march.assign(segment=3), "2")
    other = UnitTable(small_catalogue.model_copy(update={"registered_model": "another_model"}))
    with pytest.raises(UnitTableError, match="'small_model'"):
        write_labels(engine, other, march.assign(segment=7), "3")


@pytest.mark.usefixtures("march")
def test_before_the_first_labelling_there_is_nothing(engine: Engine, table: UnitTable) -> None:
    assert labellings(engine, table) == []


def test_each_label_is_kept_with_its_version_and_the_time_in_the_table(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    write_labels(engine, table, march.assign(segment=[7, 3] * 50), "1")
    kept = history(engine, table).sort_values("unit_id")
    assert kept["unit_id"].tolist() == march["unit_id"].tolist()
    assert kept["segment"].tolist() == [7, 3] * 50
    assert set(kept["model_version"]) == {"1"}
    with transaction(engine) as connection:
        times = connection.scalars(text("SELECT DISTINCT labelled_at FROM small_features")).all()
    assert kept["labelled_at"].unique().tolist() == times


def test_the_same_labels_again_add_nothing(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")
    write_labels(engine, table, march.assign(segment=7), "1")
    assert labellings(engine, table) == [(MARCH, "1", 100)]


def test_only_changed_labels_are_added_and_the_old_ones_stay(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")
    write_labels(engine, table, march.assign(segment=[3] + [7] * 99), "1")
    write_labels(engine, table, march.head(1).assign(segment=pd.array([pd.NA], dtype="Int64")), "2")
    kept = history(engine, table)
    of_first = kept[kept["unit_id"] == march["unit_id"][0]]
    assert of_first["model_version"].tolist() == ["1", "1", "2"]
    assert of_first["segment"].astype("Int64").tolist() == [7, 3, pd.NA]
    assert labellings(engine, table) == [(MARCH, "1", 100), (MARCH, "1", 1), (MARCH, "2", 1)]


@pytest.mark.usefixtures("march")
def test_what_the_vendor_gave_is_no_label_of_a_model(
    engine: Engine, table: UnitTable, small_catalogue: Catalogue
) -> None:
    april = make_wave(small_catalogue, 50, 2, 1, APRIL)
    ingest(engine, table, april)
    write_labels(engine, table, april.assign(segment=3), "1")
    assert labellings(engine, table) == []


def test_a_labelling_that_is_rolled_back_adds_nothing(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")
    with engine.connect() as connection:
        assert table.write_labels(connection, march.assign(segment=3), "2") == 100
        connection.rollback()
    assert labellings(engine, table) == [(MARCH, "1", 100)]


def test_labels_from_before_there_was_a_history_are_its_beginning(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    with transaction(engine) as connection:  # as a release without a history left it
        connection.execute(
            text("UPDATE small_features SET persona = 7, model_version = '1', labelled_at = '2025-04-01T06:00Z'")
        )
    assert write_labels(engine, table, march.head(10).assign(segment=3), "2") == 10
    assert labellings(engine, table) == [(MARCH, "1", 100), (MARCH, "2", 10)]


def test_first_labellings_at_once_make_one_history(
    engine: Engine, table: UnitTable, small_catalogue: Catalogue, march: pd.DataFrame
) -> None:
    april = make_wave(small_catalogue, 60, 2, 2, APRIL, labelled=False)
    ingest(engine, table, april)
    parts = (march.head(50), march.tail(50), april.head(30), april.tail(30))
    at_once(partial(write_labels, engine, table, part.assign(segment=7), "1") for part in parts)
    assert sum(labels for *_, labels in labellings(engine, table)) == 160


def test_two_tables_have_two_histories(
    engine: Engine, table: UnitTable, small_catalogue: Catalogue, march: pd.DataFrame
) -> None:
    other = UnitTable(small_catalogue, "small_features_2")
    with transaction(engine) as connection:
        other.create(connection)
    ingest(engine, other, march)
    write_labels(engine, table, march.assign(segment=7), "1")
    assert labellings(engine, other) == []


def test_tables_with_the_longest_names_have_histories_of_their_own(
    engine: Engine, small_catalogue: Catalogue, march: pd.DataFrame
) -> None:
    long_names = ["t" * 62 + end for end in "ab"]
    for name, labels in zip(long_names, (march, march.head(5)), strict=True):
        other = UnitTable(small_catalogue, name)
        with transaction(engine) as connection:
            other.create(connection)
        ingest(engine, other, march)
        write_labels(engine, other, labels.assign(segment=7), "1")
        assert labellings(engine, other) == [(MARCH, "1", len(labels))]


class TestTransitions:
    def test_nobody_who_came_back_takes_no_step(self, engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
        write_labels(engine, table, march.assign(segment=7), "1")
        with transaction(engine) as connection:
            assert table.transitions(connection).empty

    def test_a_step_leads_to_the_next_wave_with_a_segment(self, engine: Engine, table: UnitTable) -> None:
        rows = [
            ("a", "2025-03-01", 7),
            ("a", "2025-04-30T23:59", 3),
            ("a", "2025-06-01", 3),
            ("b", "2025-03-01", 7),
            ("b", "2025-04-01", None),  # seen, but without a persona
            ("b", "2025-05-01", 7),
            ("c", "2025-03-02", 3),  # answers twice in March: the later answers count
            ("c", "2025-03-03", 7),
            ("c", "2025-04-01", 3),
            ("d", "2025-03-01", 3),
        ]
        frame = pd.DataFrame(rows, columns=["unit_id", "date", "segment"])
        frame = frame.assign(
            date=pd.to_datetime(frame["date"], format="ISO8601", utc=True),
            price=[float(row) for row in range(len(rows))],  # whoever answers twice answers otherwise
            ecology=2.0,
            visits=30.0,
        )
        with transaction(engine) as connection:
            table.ingest(connection, frame)
            found = table.transitions(connection)
        steps = {(row.from_segment, row.to_segment): (row.steps, row.same_version) for row in found.itertuples()}
        assert steps == {(3, 3): (1, 1), (7, 3): (2, 2), (7, 7): (1, 1)}

    def test_steps_between_two_versions_are_told_from_the_others(
        self, engine: Engine, table: UnitTable, march: pd.DataFrame
    ) -> None:
        april = march.assign(date=pd.Timestamp("2025-04-01", tz="UTC"))
        ingest(engine, table, april)
        write_labels(engine, table, march.assign(segment=7), "1")
        write_labels(engine, table, april.assign(segment=7), "1")
        write_labels(engine, table, april.head(30).assign(segment=3), "2")
        with transaction(engine) as connection:
            found = table.transitions(connection)
        assert found.to_numpy().tolist() == [[7, 3, 30, 0], [7, 7, 70, 70]]
