"""Labels that a model gives, in a real Postgres."""

from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.synthetic import make_wave
from dtc_data.tables import IngestResult, UnitTable, transaction
from fakes.units import ingest, load, write_labels
from sqlalchemy import Engine, Select, column, select
from sqlalchemy import table as sql_table

pytestmark = pytest.mark.integration

MARCH = Wave(2025, 3)


def labelling_times(engine: Engine, table: UnitTable) -> list[object]:
    with transaction(engine) as connection:
        query: Select[Any] = (
            select(column("labelled_at")).select_from(sql_table(table.name)).order_by(column("customer_id"))
        )
        return list(connection.scalars(query))


def test_labels_are_written_with_their_version_and_time(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    assert write_labels(engine, table, march.assign(segment=[7, 3] * 50), "1") == 100

    loaded = load(engine, table, MARCH)
    assert loaded["segment"].tolist() == [7, 3] * 50
    assert set(loaded["model_version"]) == {"1"}
    assert None not in labelling_times(engine, table)


def test_the_same_labels_again_change_nothing(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    labels = march.assign(segment=7)
    write_labels(engine, table, labels, "1")
    times = labelling_times(engine, table)

    assert write_labels(engine, table, labels, "1") == 0
    assert labelling_times(engine, table) == times


def test_only_rows_whose_segment_or_version_changes_are_written(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")

    assert write_labels(engine, table, march.assign(segment=[3] + [7] * 99), "1") == 1
    assert write_labels(engine, table, march.head(10).assign(segment=7), "2") == 10
    assert load(engine, table, MARCH)["model_version"].tolist() == ["2"] * 10 + ["1"] * 90


@pytest.mark.usefixtures("march")
def test_what_the_vendor_gave_is_never_overwritten(
    engine: Engine, table: UnitTable, small_catalogue: Catalogue
) -> None:
    january = make_wave(small_catalogue, 50, 2, 1, Wave(2025, 1))
    ingest(engine, table, january)

    assert write_labels(engine, table, january.assign(segment=3), "1") == 0

    loaded = load(engine, table, Wave(2025, 1))
    assert loaded["segment"].tolist() == january["segment"].tolist()
    assert loaded["model_version"].isna().all()


def test_a_labelled_file_can_be_taken_in_again(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")

    assert ingest(engine, table, march) == IngestResult(inserted=0, unchanged=100)
    assert set(load(engine, table, MARCH)["segment"]) == {7}


def test_a_vendor_who_names_a_segment_later_is_a_conflict(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")

    with pytest.raises(UnitTableError, match="another value in 'persona'"):
        ingest(engine, table, march.assign(segment=7))


def test_a_model_may_take_a_label_back(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    write_labels(engine, table, march.assign(segment=7), "1")

    assert write_labels(engine, table, march.head(1).assign(segment=pd.array([pd.NA], dtype="Int64")), "2") == 1
    assert load(engine, table, MARCH)["segment"].isna().tolist() == [True] + [False] * 99


def test_a_unit_who_is_not_there_is_named_and_nobody_is_labelled(
    engine: Engine, table: UnitTable, march: pd.DataFrame
) -> None:
    labels = march.assign(segment=7)
    labels.loc[5, "unit_id"] = "stranger"

    with pytest.raises(UnitTableError, match=r"no respondent 'stranger' of 2025-03-01 to label"):
        write_labels(engine, table, labels, "1")
    assert load(engine, table, MARCH)["segment"].isna().all()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.DataFrame({"unit_id": ["2025-03-0001"], "date": ["2025-03-01"], "segment": [9]}), "has the persona 9"),
        (
            pd.DataFrame({"unit_id": ["2025-03-0001"] * 2, "date": ["2025-03-01"] * 2, "segment": [7, 3]}),
            "given twice",
        ),
        (pd.DataFrame({"unit_id": ["2025-03-0001"], "segment": [7]}), "without the columns date"),
    ],
    ids=["unknown persona", "two labels for one", "no date"],
)
@pytest.mark.usefixtures("march")
def test_labels_that_make_no_sense_are_refused(
    labels: pd.DataFrame, expected: str, engine: Engine, table: UnitTable
) -> None:
    with pytest.raises(UnitTableError, match=expected):
        write_labels(engine, table, labels, "1")


def test_a_version_is_only_text(engine: Engine, table: UnitTable, march: pd.DataFrame) -> None:
    version = "1'; DROP TABLE small_features; --"
    write_labels(engine, table, march.assign(segment=7), version)

    assert set(load(engine, table, MARCH)["model_version"]) == {version}
