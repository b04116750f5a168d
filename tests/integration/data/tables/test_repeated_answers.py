"""The same answers at another time of the same month: a wave that was exported twice must not count twice in silence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.core import UnitTableError
from dtc_data.surveys import ingest_file
from dtc_data.tables import IngestResult, UnitTable, transaction
from fakes.units import count_rows, ingest
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

LATER = pd.Timedelta(hours=30)


def test_a_wave_exported_again_at_another_time_is_refused_with_the_way_out(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    ingest(engine, table, january)

    with pytest.raises(UnitTableError) as caught:
        ingest(engine, table, january.assign(date=january["date"] + LATER))

    message = str(caught.value)
    assert "200 respondents gave the same answers at another time of the same month" in message
    assert "'2025-01-0001' on 2025-01-01 00:00 and on 2025-01-02 06:00 (UTC)" in message
    assert "--allow-repeats" in message
    assert count_rows(engine, table.name) == 200


def test_it_may_be_allowed_and_is_told_then_and_nothing_changes_the_next_time(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    ingest(engine, table, january)
    again = january.head(30).assign(date=january["date"] - LATER + pd.Timedelta(days=30))

    with transaction(engine) as connection:
        result = table.ingest(connection, again, allow_repeats=True)

    assert result == IngestResult(inserted=30, unchanged=0, repeated=30)
    assert "30 of them count twice in their month now" in str(result)
    assert ingest(engine, table, again) == IngestResult(inserted=0, unchanged=30)


def test_one_person_within_a_file_is_told_too(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    file = pd.concat([january, january.iloc[[4]].assign(date=january["date"].iloc[4] + LATER)])

    with pytest.raises(
        UnitTableError, match=r"1 respondent gave the same answers .* '2025-01-0005' on 2025-01-01 00:00"
    ):
        ingest(engine, table, file)


@pytest.mark.parametrize("change", ["other answers", "another month", "another person"])
def test_who_did_answer_twice_is_no_repeat(
    change: str, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    ingest(engine, table, january)
    changed = {
        "other answers": january.assign(date=january["date"] + LATER, price=january["price"] + 1),
        "another month": january.assign(date=january["date"] + pd.Timedelta(days=31)),
        "another person": january.assign(date=january["date"] + LATER, unit_id="new " + january["unit_id"]),
    }

    assert ingest(engine, table, changed[change]) == IngestResult(inserted=200, unchanged=0)


def test_answers_that_are_missing_in_both_are_the_same(engine: Engine, small_catalogue: Catalogue) -> None:
    tolerant = small_catalogue.model_dump() | {"missing_answers": {"minimum_answered": 2}, "unit_table": "with_gaps"}
    table = UnitTable(Catalogue.model_validate(tolerant))
    answers = {
        "price": [1.0, np.nan],
        "ecology": [2.0, 3.0],
        "visits": [np.nan, 4.0],
        "segment": pd.array([None] * 2, "Int64"),
    }
    wave = pd.DataFrame({"unit_id": ["A", "B"], "date": pd.Timestamp("2025-01-03", tz="UTC"), **answers})
    with transaction(engine) as connection:
        table.create(connection)
    ingest(engine, table, wave)

    with pytest.raises(UnitTableError, match="2 respondents gave the same answers"):
        ingest(engine, table, wave.assign(date=wave["date"] + LATER))


def test_a_file_without_ids_is_refused_if_it_is_the_wave_again(
    engine: Engine, table: UnitTable, tmp_path: Path
) -> None:
    def file_of(times: list[str], prices: range) -> Path:
        path = tmp_path / f"{times[0][:13]}.csv"
        rows = [f"{times[price % len(times)]},{price},1,2" for price in prices]
        path.write_text("\n".join(["date,price,ecology,visits", *rows]), encoding="utf-8")
        return path

    first, second = ["2025-01-03T09:00", "2025-01-03T10:00"], ["2025-01-20T09:00", "2025-01-20T10:00"]
    assert ingest_file(engine, table, file_of(first, range(40))).inserted == 40

    with pytest.raises(UnitTableError, match=r"40 respondents of wave 2025-01 came without ids, .* one for one"):
        ingest_file(engine, table, file_of(second, range(40)))
    assert ingest_file(engine, table, file_of(second, range(41))).inserted == 41, "one of them is new"


def test_a_few_people_without_ids_may_answer_like_others(engine: Engine, table: UnitTable, tmp_path: Path) -> None:
    def file_of(hours: range) -> Path:
        path = tmp_path / "yes_no.csv"
        rows = [f"2025-01-{1 + hour // 24:02d}T{hour % 24:02d}:00,{hour % 2},1,0" for hour in hours]
        path.write_text("\n".join(["date,price,ecology,visits", *rows]), encoding="utf-8")
        return path

    assert ingest_file(engine, table, file_of(range(100))).inserted == 100
    assert ingest_file(engine, table, file_of(range(100, 120))).inserted == 20
