"""Respondents on their way into the table in a real Postgres."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import UnitTableError
from dtc_data.tables import IngestResult, UnitTable, transaction
from fakes.at_once import at_once
from fakes.units import count_rows, ingest, load
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JANUARY = Wave(2025, 1)


def test_units_come_back_exactly(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    assert ingest(engine, table, january) == IngestResult(inserted=200, unchanged=0)

    pd.testing.assert_frame_equal(load(engine, table, JANUARY).drop(columns="model_version"), january, check_exact=True)


def test_odd_numbers_and_ids_come_back_exactly(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    numbers = [0.1 + 0.2, 5e-324, -1e11, 1 / 3, 123456789012.34567]
    ids = ["\\N", "a\tb\\", '"quoted", and more', "J\u00f6rg \U0001f600", "Robert'); DROP TABLE small_features;--"]
    odd = january.head(5).assign(price=numbers, unit_id=ids)

    ingest(engine, table, odd)

    loaded = load(engine, table, JANUARY).set_index("unit_id")["price"]
    assert loaded.to_dict() == dict(zip(ids, numbers, strict=True))


def test_the_same_units_again_change_nothing(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    ingest(engine, table, january)

    assert ingest(engine, table, january.iloc[::-1]) == IngestResult(inserted=0, unchanged=200)
    assert count_rows(engine, table.name) == 200


def test_new_units_are_added_to_those_already_there(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    ingest(engine, table, january.head(150))

    assert ingest(engine, table, january.tail(100)) == IngestResult(inserted=50, unchanged=50)


def test_a_file_may_be_taken_in_twice_within_one_transaction(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    with transaction(engine) as connection:
        table.ingest(connection, january)
        assert table.ingest(connection, january) == IngestResult(inserted=0, unchanged=200)


@pytest.mark.parametrize(("column", "named"), [("ecology", "ecology"), ("segment", "persona")])
def test_a_unit_with_other_values_is_refused_and_nothing_is_written(
    column: str, named: str, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    ingest(engine, table, january.head(100))
    other = january.copy()
    other.loc[[17, 40], column] = 3 if column == "ecology" else pd.NA

    with pytest.raises(UnitTableError) as caught:
        ingest(engine, table, other)

    assert "respondent '2025-01-0018' of 2025-01-01 already" in str(caught.value)
    assert f"another value in {named!r} (1 more respondents differ too)" in str(caught.value)
    assert count_rows(engine, table.name) == 100


def test_an_error_later_in_the_transaction_takes_everything_back(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    def ingest_and_fail() -> None:
        with transaction(engine) as connection:
            table.ingest(connection, january)
            raise LookupError("later")

    with pytest.raises(LookupError, match="later"):
        ingest_and_fail()
    assert count_rows(engine, table.name) == 0


def test_the_same_file_at_once_is_taken_in_once(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    results = at_once([partial(ingest, engine, table, january)] * 4)

    assert sorted(result.inserted for result in results) == [0, 0, 0, 200]
    assert count_rows(engine, table.name) == 200


def test_of_two_contradicting_files_at_once_one_is_refused(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    files = [january, january.assign(price=january["price"] + 1)]

    def try_to_ingest(file: pd.DataFrame) -> object:
        try:
            return ingest(engine, table, file)
        except UnitTableError as error:
            return error

    results = at_once(partial(try_to_ingest, file) for file in files)

    assert {type(result) for result in results} == {IngestResult, UnitTableError}
    assert count_rows(engine, table.name) == 200


def test_what_is_taken_in_is_not_changed(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    before = january.copy(deep=True)

    ingest(engine, table, january)

    pd.testing.assert_frame_equal(january, before)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"price": np.inf}, "'price' is inf"),
        ({"price": np.nan}, "'price' is nan"),
        ({"price": 1e13}, "'price' is 1e+13, but the catalogue allows a number from -1e+12 to 1e+12"),
        ({"segment": 8}, "has the persona 8, but the catalogue has 7, 3"),
        ({"unit_id": ""}, "respondent number 10 has no unit_id"),
        ({"unit_id": None}, "respondent number 10 has no unit_id"),
        ({"unit_id": "2025-01-0001"}, "'2025-01-0001' of 2025-01-01 is given twice"),
        ({"date": pd.NaT}, "respondent number 10 has no unit_id or no date"),
    ],
)
def test_a_frame_that_no_file_check_has_seen_is_checked(
    wrong: dict[str, Any], expected: str, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    broken = january.copy()
    for column_name, value in wrong.items():
        broken.loc[9, column_name] = value

    with pytest.raises(UnitTableError) as caught:
        ingest(engine, table, broken)

    assert expected in str(caught.value)
    assert count_rows(engine, table.name) == 0


def test_a_frame_without_a_feature_is_refused_by_name(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    with pytest.raises(UnitTableError, match="without the columns visits"):
        ingest(engine, table, january.drop(columns="visits"))


def test_missing_answers_are_kept_as_gaps_where_the_catalogue_allows_them(
    engine: Engine, small_catalogue: Catalogue, january: pd.DataFrame
) -> None:
    policy = {"missing_answers": {"minimum_answered": 2}, "unit_table": "with_gaps"}
    table = UnitTable(Catalogue.model_validate(small_catalogue.model_dump() | policy))
    with_gaps = january.copy()
    with_gaps.loc[3, "price"] = np.nan
    with transaction(engine) as connection:
        table.create(connection)

    ingest(engine, table, with_gaps)

    assert ingest(engine, table, with_gaps) == IngestResult(inserted=0, unchanged=200)
    pd.testing.assert_frame_equal(load(engine, table, JANUARY).drop(columns="model_version"), with_gaps)
