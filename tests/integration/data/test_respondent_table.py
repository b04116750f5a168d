"""The respondent table in a real Postgres: made, filled, read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.database import transaction
from dtc_data.errors import RespondentTableError, WaveError
from dtc_data.respondents import IngestResult, RespondentTable
from dtc_data.synthetic import make_wave
from sqlalchemy import Engine, Select, column, func, select, text
from sqlalchemy import table as sql_table

pytestmark = pytest.mark.integration

Result = TypeVar("Result")

JANUARY = Wave(2025, 1)


@pytest.fixture
def table(engine: Engine, small_catalogue: Catalogue) -> RespondentTable:
    """An empty respondent table."""
    table = RespondentTable(small_catalogue)
    with transaction(engine) as connection:
        table.create(connection)
    return table


@pytest.fixture
def january(small_catalogue: Catalogue) -> pd.DataFrame:
    return make_wave(small_catalogue, 200, 2, 42, JANUARY)


def ingest(engine: Engine, table: RespondentTable, frame: pd.DataFrame) -> IngestResult:
    with transaction(engine) as connection:
        return table.ingest(connection, frame)


def load(engine: Engine, table: RespondentTable, wave: Wave = JANUARY) -> pd.DataFrame:
    with transaction(engine) as connection:
        return table.load(connection, wave)


def count(engine: Engine, table: RespondentTable) -> int:
    with transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(sql_table(table.name))) or 0


def at_once(work: Callable[[], Result], times: int) -> list[Result]:
    """Do the same work in several threads that start together."""
    start = Barrier(times)

    def wait_and_work(_: int) -> Result:
        start.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(wait_and_work, range(times)))


class TestCreate:
    def test_the_columns_follow_the_catalogue(self, engine: Engine, table: RespondentTable) -> None:
        with transaction(engine) as connection:
            query = (
                "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = :name"
            )
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

    def test_a_table_that_is_there_is_left_as_it_is(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january)

        with transaction(engine) as connection:
            table.create(connection)

        assert count(engine, table) == len(january)

    def test_several_processes_may_make_it_at_once(self, engine: Engine, small_catalogue: Catalogue) -> None:
        def create() -> None:
            with transaction(engine) as connection:
                RespondentTable(small_catalogue).create(connection)

        at_once(create, 4)

        assert count(engine, RespondentTable(small_catalogue)) == 0

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
        self, change: str, expected: str, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        with transaction(engine) as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} {change}")

        with pytest.raises(RespondentTableError) as caught, transaction(engine) as connection:
            table.create(connection)
        assert f"table 'small_features' does not fit the catalogue 'small': {expected}" in str(caught.value)
        with pytest.raises(RespondentTableError, match="does not fit"):
            ingest(engine, table, january)

    def test_a_missing_table_is_named(self, engine: Engine, small_catalogue: Catalogue, january: pd.DataFrame) -> None:
        table = RespondentTable(small_catalogue, "nowhere")

        with pytest.raises(RespondentTableError, match="there is no table 'nowhere'"):
            load(engine, table)
        with pytest.raises(RespondentTableError, match="there is no table 'nowhere'"):
            ingest(engine, table, january)


class TestIngest:
    def test_respondents_come_back_exactly(self, engine: Engine, table: RespondentTable, january: pd.DataFrame) -> None:
        assert ingest(engine, table, january) == IngestResult(inserted=200, unchanged=0)

        pd.testing.assert_frame_equal(load(engine, table).drop(columns="model_version"), january, check_exact=True)

    def test_odd_numbers_and_ids_come_back_exactly(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        numbers = [0.1 + 0.2, 5e-324, -1e11, 1 / 3, 123456789012.34567]
        ids = ["\\N", "a\tb\\", '"quoted", and more', "J\u00f6rg \U0001f600", "Robert'); DROP TABLE small_features;--"]
        odd = january.head(5).assign(price=numbers, customer_id=ids)

        ingest(engine, table, odd)

        loaded = load(engine, table).set_index("customer_id")["price"]
        assert loaded.to_dict() == dict(zip(ids, numbers, strict=True))

    def test_the_same_respondents_again_change_nothing(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january)

        assert ingest(engine, table, january.iloc[::-1]) == IngestResult(inserted=0, unchanged=200)
        assert count(engine, table) == 200

    def test_new_respondents_are_added_to_those_already_there(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january.head(150))

        assert ingest(engine, table, january.tail(100)) == IngestResult(inserted=50, unchanged=50)

    def test_a_file_may_be_taken_in_twice_within_one_transaction(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        with transaction(engine) as connection:
            table.ingest(connection, january)
            assert table.ingest(connection, january) == IngestResult(inserted=0, unchanged=200)

    @pytest.mark.parametrize("column", ["ecology", "persona"])
    def test_a_respondent_with_other_values_is_refused_and_nothing_is_written(
        self, column: str, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january.head(100))
        other = january.copy()
        other.loc[[17, 40], column] = 3 if column == "ecology" else pd.NA

        with pytest.raises(RespondentTableError) as caught:
            ingest(engine, table, other)

        assert "respondent '2025-01-0018' of 2025-01-01 already" in str(caught.value)
        assert f"another value in {column!r} (1 more respondents differ too)" in str(caught.value)
        assert count(engine, table) == 100

    def test_an_error_later_in_the_transaction_takes_everything_back(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        def ingest_and_fail() -> None:
            with transaction(engine) as connection:
                table.ingest(connection, january)
                raise LookupError("later")

        with pytest.raises(LookupError, match="later"):
            ingest_and_fail()
        assert count(engine, table) == 0

    def test_the_same_file_at_once_is_taken_in_once(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        results = at_once(lambda: ingest(engine, table, january), 4)

        assert sorted(result.inserted for result in results) == [0, 0, 0, 200]
        assert count(engine, table) == 200

    def test_of_two_contradicting_files_at_once_one_is_refused(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        files = iter([january, january.assign(price=january["price"] + 1)])

        def try_to_ingest() -> object:
            try:
                return ingest(engine, table, next(files))
            except RespondentTableError as error:
                return error

        results = at_once(try_to_ingest, 2)

        assert {type(result) for result in results} == {IngestResult, RespondentTableError}
        assert count(engine, table) == 200

    def test_what_is_taken_in_is_not_changed(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        before = january.copy(deep=True)

        ingest(engine, table, january)

        pd.testing.assert_frame_equal(january, before)

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"price": np.inf}, "'price' is inf"),
            ({"price": np.nan}, "'price' is nan"),
            ({"price": 1e13}, "'price' is 1e+13, but the catalogue allows -1e+12 to 1e+12"),
            ({"persona": 8}, "has the persona 8, but the catalogue has 7, 3"),
            ({"customer_id": ""}, "respondent number 10 has no customer_id"),
            ({"customer_id": None}, "respondent number 10 has no customer_id"),
            ({"customer_id": "2025-01-0001"}, "'2025-01-0001' of 2025-01-01 is given twice"),
            ({"date": pd.NaT}, "respondent number 10 has no customer_id or no date"),
        ],
    )
    def test_a_frame_that_no_file_check_has_seen_is_checked(
        self, wrong: dict[str, Any], expected: str, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        broken = january.copy()
        for column_name, value in wrong.items():
            broken.loc[9, column_name] = value

        with pytest.raises(RespondentTableError) as caught:
            ingest(engine, table, broken)

        assert expected in str(caught.value)
        assert count(engine, table) == 0

    def test_a_frame_without_a_feature_is_refused_by_name(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        with pytest.raises(RespondentTableError, match="without the columns visits"):
            ingest(engine, table, january.drop(columns="visits"))

    def test_missing_answers_are_kept_as_gaps_where_the_catalogue_allows_them(
        self, engine: Engine, small_catalogue: Catalogue, january: pd.DataFrame
    ) -> None:
        policy = {"missing_answers": {"minimum_answered": 2}, "respondent_table": "with_gaps"}
        table = RespondentTable(Catalogue.model_validate(small_catalogue.model_dump() | policy))
        with_gaps = january.copy()
        with_gaps.loc[3, "price"] = np.nan
        with transaction(engine) as connection:
            table.create(connection)

        ingest(engine, table, with_gaps)

        assert ingest(engine, table, with_gaps) == IngestResult(inserted=0, unchanged=200)
        pd.testing.assert_frame_equal(load(engine, table).drop(columns="model_version"), with_gaps)


class TestLoad:
    def test_a_wave_is_a_half_open_range(self, engine: Engine, table: RespondentTable, january: pd.DataFrame) -> None:
        edges = [
            "2024-12-31T23:59:59.999999Z",
            "2025-01-01T00:00:00Z",
            "2025-01-31T23:59:59.999999Z",
            "2025-02-01T00:00:00Z",
        ]
        ingest(engine, table, january.head(4).assign(date=pd.to_datetime(edges, format="ISO8601")))

        assert load(engine, table)["customer_id"].tolist() == ["2025-01-0002", "2025-01-0003"]

    def test_respondents_are_ordered_by_date_and_id(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        days = [datetime(2025, 1, day, tzinfo=UTC) for day in (2, 1, 1, 1)]
        ingest(engine, table, january.head(4).assign(customer_id=["a", "b", "B", "_"], date=days))

        assert load(engine, table)["customer_id"].tolist() == ["B", "_", "b", "a"]

    def test_an_empty_wave_is_named_with_its_table(self, engine: Engine, table: RespondentTable) -> None:
        with pytest.raises(WaveError, match=r"wave 2025-07: table 'small_features' holds no respondents"):
            load(engine, table, Wave(2025, 7))

    def test_rows_read_for_an_update_wait_for_nobody_else(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january)
        lock: Select[Any] = (
            select(column("customer_id")).select_from(sql_table(table.name)).with_for_update(skip_locked=True)
        )

        with transaction(engine) as connection, transaction(engine) as other:
            table.load(connection, JANUARY)
            assert len(other.execute(lock).all()) == 200
        with transaction(engine) as connection, transaction(engine) as other:
            table.load(connection, JANUARY, for_update=True)
            assert other.execute(lock).all() == []

    def test_the_waves_are_listed_in_order(self, engine: Engine, table: RespondentTable, january: pd.DataFrame) -> None:
        dates = ["2025-03-31T23:59:59Z", "2024-12-01T00:00:00Z", "2025-03-01T00:00:00Z"]
        ingest(engine, table, january.head(3).assign(date=pd.to_datetime(dates)))

        with transaction(engine) as connection:
            assert table.waves(connection) == [Wave(2024, 12), Wave(2025, 3)]

    def test_a_table_without_respondents_has_no_waves(self, engine: Engine, table: RespondentTable) -> None:
        with transaction(engine) as connection:
            assert table.waves(connection) == []


class TestWeights:
    def test_they_come_back_exactly_also_from_a_table_made_before_there_were_any(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        february = january.assign(date=pd.Timestamp("2025-02-03", tz="UTC"))
        ingest(engine, table, february)
        weighted = january.assign(survey_weight=np.random.default_rng(1).uniform(0, 3, 200))

        assert ingest(engine, table, weighted) == IngestResult(inserted=200, unchanged=0)

        assert ingest(engine, table, weighted) == IngestResult(inserted=0, unchanged=200)
        assert ingest(engine, table, february) == IngestResult(inserted=0, unchanged=200)
        pd.testing.assert_frame_equal(load(engine, table).drop(columns="model_version"), weighted, check_exact=True)
        assert "survey_weight" not in load(engine, table, Wave(2025, 2))

    def test_another_weight_of_a_respondent_is_refused(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        ingest(engine, table, january.assign(survey_weight=1.0))

        with pytest.raises(
            RespondentTableError, match=r"another value in 'survey_weight' \(199 more respondents differ"
        ):
            ingest(engine, table, january.assign(survey_weight=2.0))
        with pytest.raises(RespondentTableError, match="another value in 'survey_weight'"):
            ingest(engine, table, january)

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_wave_of_which_only_some_would_have_weights_is_refused(
        self, order: int, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        first, second = [january.head(150).assign(survey_weight=1.0), january.tail(50)][::order]
        ingest(engine, table, first)

        with pytest.raises(RespondentTableError, match=r"wave 2025-01: 50 of 200 respondents .* would have no weight"):
            ingest(engine, table, second)

        assert count(engine, table) == len(first)

    def test_weighted_files_at_once_are_all_taken_in(
        self, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        weighted = january.assign(survey_weight=0.5)
        files = iter([weighted.iloc[start : start + 50] for start in range(0, 200, 50)])

        at_once(lambda: ingest(engine, table, next(files)), 4)

        assert load(engine, table)["survey_weight"].tolist() == [0.5] * 200

    @pytest.mark.parametrize("weight", [-0.5, np.nan, np.inf])
    def test_a_weight_that_no_file_check_has_seen_is_checked(
        self, weight: float, engine: Engine, table: RespondentTable, january: pd.DataFrame
    ) -> None:
        wrong = january.assign(survey_weight=1.0)
        wrong.loc[9, "survey_weight"] = weight

        with pytest.raises(RespondentTableError, match=r"'2025-01-0010': 'survey_weight' is .*from 0 to"):
            ingest(engine, table, wrong)
