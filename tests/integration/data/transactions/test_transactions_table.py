"""Transaction files in a real Postgres."""

import multiprocessing
import signal
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from dtc_data.core import TransactionsError
from dtc_data.tables import transaction
from dtc_data.transactions import customer_features, ingest_transactions, read_lines, stored_lines
from fakes.at_once import at_once
from fakes.killed_ingestion import ingest_and_die
from fakes.transaction_files import SHOP, changed, line, write_lines
from fakes.units import count_rows
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

LATER = datetime(2011, 8, 1, tzinfo=UTC)


@pytest.fixture
def june(tmp_path: Path) -> Path:
    """A file of June: two purchases, a cancellation of May's, and a line of nobody."""
    return write_lines(
        tmp_path / "june.csv",
        [
            line(),
            line(order="2", time="2011-06-20 10:00", customer="17851", country=""),
            line(order="C3", pieces="-1", product="cup"),
            line(order="4", customer="", price="0.01"),
        ],
    )


def sorted_lines(lines: pd.DataFrame) -> pd.DataFrame:
    columns = ["ordered_at", "order_id", "product_id", "arrived_at", "quantity"]
    return lines.sort_values(columns, ignore_index=True)


def test_everything_that_came_is_kept_with_its_file_and_its_fate(june: Path, engine: Engine) -> None:
    taken, report = ingest_transactions(engine, june, SHOP)

    assert str(taken) == "4 lines inserted, 0 were there already"
    assert report is not None
    assert report.lines == 4
    with transaction(engine) as connection:
        query = "SELECT place, problem, treatment, file, ingested_at > now() - interval '1 hour' FROM transactions ORDER BY place"
        rows = [tuple(row) for row in connection.exec_driver_sql(query)]
        (file,) = connection.exec_driver_sql("SELECT file, name, currency, report->'lines' FROM transaction_files")
    number = file[0]
    assert rows == [
        *((place, None, None, number, True) for place in (2, 3, 4)),
        (5, "missing customer", "quarantined", number, True),
    ]
    assert tuple(file) == (number, "june.csv", "GBP", 4)


def test_stored_lines_are_those_of_the_file(june: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)

    lines, _ = read_lines(june, SHOP)
    pd.testing.assert_frame_equal(sorted_lines(stored_lines(engine)), sorted_lines(lines), check_exact=True)
    since = stored_lines(engine, since=datetime(2011, 6, 10, tzinfo=UTC))
    assert since["order_id"].tolist() == ["2"]


def test_the_same_file_again_changes_nothing(june: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)

    taken, report = ingest_transactions(engine, june, SHOP)

    assert str(taken).startswith("nothing changed: this file was ingested on 20")
    assert report is None
    assert (count_rows(engine, "transactions"), count_rows(engine, "transaction_files")) == (4, 1)


def test_two_people_may_take_in_the_same_file_at_once(june: Path, engine: Engine) -> None:
    results = at_once([lambda: ingest_transactions(engine, june, SHOP)[0]] * 2)

    assert sorted(taken.inserted for taken in results) == [0, 4]
    assert count_rows(engine, "transactions") == 4


@pytest.mark.usefixtures("database_in_environment")
def test_a_process_that_is_killed_leaves_nothing_and_the_next_takes_the_whole_file(june: Path, engine: Engine) -> None:
    process = multiprocessing.get_context("spawn").Process(target=ingest_and_die, args=(june,))
    process.start()
    process.join(300)

    assert process.exitcode == -signal.SIGKILL
    taken, _ = ingest_transactions(engine, june, SHOP)
    assert (taken.inserted, count_rows(engine, "transaction_files")) == (4, 1)


def test_a_file_that_overlaps_brings_only_what_is_new(june: Path, tmp_path: Path, engine: Engine) -> None:
    """The same lines, two of them equal, saved again with a description changed and July behind."""
    ingest_transactions(engine, june, SHOP)
    new = pd.DataFrame([line(), line(order="5", time="2011-07-01 10:00")])
    again = pd.concat([pd.read_csv(june, dtype=str).assign(title="A blue mug"), new])
    again.to_csv(july := tmp_path / "july.csv", index=False)

    taken, _ = ingest_transactions(engine, july, SHOP, arrived_at=LATER)

    assert (taken.inserted, taken.unchanged, taken.late) == (2, 4, 1)
    assert count_rows(engine, "transactions") == 6


def test_late_lines_count_from_their_arrival_on(june: Path, tmp_path: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)
    before = customer_features(stored_lines(engine), "2011-07-01")
    late = write_lines(
        tmp_path / "late.csv", [line(order="6", time="2011-06-10 10:00"), line(order="7", time="2011-07-02 10:00")]
    )

    taken, _ = ingest_transactions(engine, late, SHOP, arrived_at=LATER)

    assert str(taken) == "2 lines inserted, 1 of them late (known from now on), 0 were there already"
    lines = stored_lines(engine).set_index("order_id")["arrived_at"]
    assert lines["6"] == pd.Timestamp(LATER)
    assert lines["7"] == pd.Timestamp("2011-07-02 09:00", tz="UTC")
    pd.testing.assert_frame_equal(customer_features(stored_lines(engine), "2011-07-01"), before, check_exact=True)
    assert customer_features(stored_lines(engine), "2011-08-02")["frequency"].tolist() == [3, 1]


def test_a_past_that_comes_in_pieces_may_count_as_known_when_it_was_ordered(
    june: Path, tmp_path: Path, engine: Engine
) -> None:
    ingest_transactions(engine, june, SHOP)
    rest = write_lines(tmp_path / "rest.csv", [line(order="6", time="2011-06-10 10:00")])

    taken, _ = ingest_transactions(engine, rest, SHOP, known_as_ordered=True)

    assert taken.late == 0
    assert (stored_lines(engine)["arrived_at"] < "2011-07-01").all()


def test_a_later_file_corrects_lines_by_their_id(tmp_path: Path, engine: Engine) -> None:
    layout = changed(columns={"line_id": "id"})
    first = write_lines(tmp_path / "first.csv", [line(id="a"), line(id="b", product="cup")])
    second = write_lines(tmp_path / "second.csv", [line(id="a", pieces="5"), line(id="b", product="cup")])
    ingest_transactions(engine, first, layout)

    taken, _ = ingest_transactions(engine, second, layout, arrived_at=LATER)

    assert (taken.inserted, taken.late) == (1, 1)
    before, after = (customer_features(stored_lines(engine), day).iloc[0] for day in ("2011-08-01", "2011-08-02"))
    assert before[["frequency", "items", "monetary"]].tolist() == [1, 4, 10]
    assert after[["frequency", "items", "monetary"]].tolist() == [1, 7, 17.5]


def test_a_file_that_says_when_lines_arrived_is_believed(june: Path, tmp_path: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)
    told = write_lines(tmp_path / "told.csv", [line(order="6", known="2011-06-03 10:00"), line(order="7", known="")])

    taken, _ = ingest_transactions(engine, told, changed(columns={"arrived_at": "known"}))

    assert taken.late == 0
    arrivals = stored_lines(engine).set_index("order_id")["arrived_at"]
    assert arrivals[["6", "7"]].dt.day.tolist() == [3, 1]


def test_a_refused_file_leaves_nothing(tmp_path: Path, engine: Engine) -> None:
    bad = write_lines(tmp_path / "bad.csv", [line(), line(pieces="many")])

    with pytest.raises(TransactionsError, match="line 3, column 'pieces'"):
        ingest_transactions(engine, bad, SHOP)

    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT to_regclass('transactions')").scalar() is None


def test_a_file_in_another_currency_than_those_before_is_refused(june: Path, tmp_path: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)
    euros = write_lines(tmp_path / "euros.csv", [line(order="9")])

    with pytest.raises(TransactionsError, match="amounts are in EUR, those of earlier files in GBP"):
        ingest_transactions(engine, euros, changed(currency="EUR"))

    assert (count_rows(engine, "transactions"), count_rows(engine, "transaction_files")) == (4, 1)


def test_an_order_of_two_customers_in_two_files_is_refused(june: Path, tmp_path: Path, engine: Engine) -> None:
    ingest_transactions(engine, june, SHOP)
    other = write_lines(tmp_path / "other.csv", [line(product="cup", customer="1")])

    with pytest.raises(TransactionsError, match=r"order '1' \(place 2\) is of customer '1', but .* '17850'"):
        ingest_transactions(engine, other, SHOP)

    assert count_rows(engine, "transactions") == 4


def test_without_any_file_there_are_no_lines(engine: Engine) -> None:
    with pytest.raises(TransactionsError, match="there are no transactions; ingest a file first"):
        stored_lines(engine)
