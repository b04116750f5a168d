"""Monthly waves of customers out of the transactions table."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SettingsError, TransactionsError, UnitTableError, WaveError
from dtc_data.synthetic import write_planted_transactions
from dtc_data.tables import CustomerWave, CustomerWaveTable, UnitTable, transaction
from dtc_data.transactions import (
    FEATURES,
    customer_features,
    customer_statuses,
    ingest_transactions,
    load_customer_wave,
    make_customer_waves,
    read_lines,
)
from fakes.transaction_files import SHOP, line, write_lines
from fakes.units import count_rows
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

MAY, JUNE, JULY = (Wave(2011, month) for month in (5, 6, 7))
BROKEN_OFF = "; the transactions end on 2011-06-21: if more of this month come, make it again with --replace"


def load(engine: Engine, wave: Wave, lookback_days: int = 180) -> pd.DataFrame:
    with transaction(engine) as connection:
        return load_customer_wave(connection, wave, lookback_days)


@pytest.fixture
def taken_in(tmp_path: Path, engine: Engine) -> None:
    lines = [
        line(time="2010-11-01 10:00", customer="old"),
        line(order="2", time="2011-05-20 10:00"),
        line(order="3", time="2011-06-20 10:00", customer="2"),
        line(order="C4", time="2011-06-21 10:00", pieces="-1", customer="3"),
    ]
    ingest_transactions(engine, write_lines(tmp_path / "lines.csv", lines), SHOP)


@pytest.mark.usefixtures("taken_in")
def test_each_month_has_who_bought_in_its_lookback(engine: Engine) -> None:
    made = make_customer_waves(engine, MAY, JUNE)

    assert [str(wave) for wave in made] == [
        "2011-05: 1 customer bought in 180 days; written",
        f"2011-06: 2 customers bought in 180 days, 1 more without a purchase that lasted; written{BROKEN_OFF}",
    ]
    june = load(engine, JUNE)
    assert june.columns.tolist() == ["customer_id", "date", *FEATURES]
    assert june["customer_id"].tolist() == ["17850", "2"]
    assert june["date"].unique().tolist() == [pd.Timestamp("2011-06-30", tz="UTC")]
    assert june["monetary"].tolist() == [5.0, 5.0]
    assert june["days_between_orders"].isna().all()


@pytest.mark.usefixtures("taken_in")
def test_waves_are_kept_with_their_lookback(engine: Engine) -> None:
    make_customer_waves(engine, JUNE, JUNE)
    (year,) = make_customer_waves(engine, JUNE, JUNE, lookback_days=365)

    uncovered = "; no lines from before the lookback: not to be compared with other waves"
    assert str(year).endswith(f"; written{uncovered}{BROKEN_OFF}")
    assert load(engine, JUNE, 365)["customer_id"].tolist() == ["17850", "2", "old"]
    assert len(load(engine, JUNE)) == 2
    with transaction(engine) as connection:
        assert CustomerWaveTable(FEATURES).waves(connection) == [
            CustomerWave(JUNE, 180, is_covered=True),
            CustomerWave(JUNE, 365, is_covered=False),
        ]


@pytest.mark.usefixtures("taken_in")
def test_the_same_waves_again_change_nothing_even_after_late_lines(tmp_path: Path, engine: Engine) -> None:
    make_customer_waves(engine, MAY, JUNE)
    late = write_lines(
        tmp_path / "late.csv", [line(order="5", time="2011-06-01 10:00"), line(order="6", time="2011-07-05 10:00")]
    )
    ingest_transactions(engine, late, SHOP, arrived_at=datetime(2011, 7, 3, tzinfo=UTC))

    again = make_customer_waves(engine, MAY, JULY)

    assert [wave.changed for wave in again] == [False, False, True]
    assert load(engine, JULY).set_index("customer_id").loc["17850", "frequency"] == 3


@pytest.mark.usefixtures("taken_in")
def test_a_month_that_breaks_off_is_refused_where_it_must_be_whole_unless_somebody_made_it(engine: Engine) -> None:
    assert [wave.changed for wave in make_customer_waves(engine, MAY, MAY, whole=True)] == [True]
    with pytest.raises(
        TransactionsError, match=r"end on 2011-06-21, days before 2011-06 does.* FROM=2011-06 TO=2011-06"
    ):
        make_customer_waves(engine, JUNE, JUNE, whole=True)
    make_customer_waves(engine, JUNE, JUNE)

    (june,) = make_customer_waves(engine, JUNE, JUNE, whole=True)

    assert not june.changed


@pytest.mark.usefixtures("taken_in")
def test_a_wave_that_would_be_another_is_only_replaced_on_request(tmp_path: Path, engine: Engine) -> None:
    make_customer_waves(engine, JUNE, JUNE)
    rest = write_lines(tmp_path / "rest.csv", [line(order="5", time="2011-06-01 10:00", customer="new")])
    ingest_transactions(engine, rest, SHOP, known_as_ordered=True)

    with pytest.raises(
        UnitTableError,
        match=r"wave 2011-06 with a lookback of 180 days is there already, and customers in it differ now \(1\)",
    ):
        make_customer_waves(engine, JUNE, JUNE)
    assert len(load(engine, JUNE)) == 2
    (replaced,) = make_customer_waves(engine, JUNE, JUNE, replace=True)

    assert replaced.changed
    assert load(engine, JUNE)["customer_id"].tolist() == ["17850", "2", "new"]
    assert count_rows(engine, "transaction_waves") == 1


@pytest.mark.usefixtures("taken_in")
def test_wrong_requests_are_explained(engine: Engine) -> None:
    with pytest.raises(SettingsError, match="from 2011-06 to 2011-05"):
        make_customer_waves(engine, JUNE, MAY)
    with pytest.raises(SettingsError, match="Features of all history are refused"):
        make_customer_waves(engine, JUNE, JUNE, lookback_days=100_000)
    with pytest.raises(WaveError, match="no waves of customers were made yet"):
        load(engine, JUNE)
    make_customer_waves(engine, MAY, MAY)
    with pytest.raises(WaveError, match="2011-06: it holds no customers with a lookback of 180 days"):
        load(engine, JUNE)


@pytest.mark.usefixtures("taken_in")
def test_a_month_without_any_transactions_is_refused(engine: Engine) -> None:
    with pytest.raises(TransactionsError, match=r"no transactions of 2011-07: they end on 2011-06-21.*up to 2011-06"):
        make_customer_waves(engine, MAY, JULY)
    with pytest.raises(TransactionsError, match=r"end on 2011-06-21. Ingest those of the month \(.*\)$"):
        make_customer_waves(engine, JULY, JULY)


def test_without_lines_there_are_no_waves(engine: Engine) -> None:
    with pytest.raises(TransactionsError, match="there are no transactions"):
        make_customer_waves(engine, JUNE, JUNE)


def test_waves_of_a_shop_with_every_problem_are_those_of_its_lines(tmp_path: Path, engine: Engine) -> None:
    write_planted_transactions(tmp_path / "shop.parquet", 300, Wave(2024, 1), 10, seed=3)
    ingest_transactions(engine, tmp_path / "shop.parquet")
    lines, _ = read_lines(tmp_path / "shop.parquet")

    made = make_customer_waves(engine, Wave(2024, 7), Wave(2024, 10))

    for wave in made:
        expected = customer_features(lines, wave.made.wave)
        stored = load(engine, wave.made.wave).drop(columns="date")
        pd.testing.assert_frame_equal(stored, expected, check_dtype=False, check_exact=True)
        statuses = customer_statuses(lines, [wave.made.wave])["status"]
        assert wave.others == (statuses != "bought").sum()


CUSTOMER_VALUE = {
    "name": "Customers by value",
    "unit_table": "customer_value",
    "registered_model": "customer_value",
    "transactions": {"lookback_days": 180},
    "features": [{"name": "recency_days"}, {"name": "frequency"}, {"name": "monetary"}],
    "segments": [
        {"id": 0, "name": "Champions", "centroid": [10, 5, 100]},
        {"id": 1, "name": "Hibernating", "centroid": [150, 1, 5]},
    ],
}


def units_of(engine: Engine, catalogue: Catalogue, wave: Wave) -> pd.DataFrame:
    with transaction(engine) as connection:
        return UnitTable(catalogue).load(connection, wave)


@pytest.mark.usefixtures("taken_in")
def test_the_table_of_a_segmentation_gets_those_who_bought(engine: Engine) -> None:
    catalogue = Catalogue.model_validate(CUSTOMER_VALUE)

    (june,) = make_customer_waves(engine, JUNE, JUNE, catalogue=catalogue)
    (again,) = make_customer_waves(engine, JUNE, JUNE, catalogue=catalogue)

    assert str(june).endswith(f"without a purchase that lasted; written; 2 units inserted, 0 unchanged{BROKEN_OFF}")
    assert str(again).endswith(f"made before; nothing changed: all 2 units were already there{BROKEN_OFF}")
    units = units_of(engine, catalogue, JUNE)
    assert units["unit_id"].tolist() == ["17850", "2"]
    assert units["date"].unique().tolist() == [pd.Timestamp("2011-06-30", tz="UTC")]
    stored = load(engine, JUNE)[["recency_days", "frequency", "monetary"]]
    pd.testing.assert_frame_equal(units[stored.columns.tolist()], stored)


@pytest.mark.usefixtures("taken_in")
def test_a_wave_without_a_whole_lookback_is_no_wave_of_the_segmentation(engine: Engine) -> None:
    catalogue = Catalogue.model_validate(CUSTOMER_VALUE | {"transactions": {"lookback_days": 365}})

    (june,) = make_customer_waves(engine, JUNE, JUNE, catalogue=catalogue)

    assert (june.ingested, june.made.lookback_days) == (None, 365)
    assert "not to be compared with other waves" in str(june)


@pytest.mark.usefixtures("taken_in")
def test_replaced_customers_give_way_in_the_table_of_the_segmentation_too(tmp_path: Path, engine: Engine) -> None:
    catalogue = Catalogue.model_validate(CUSTOMER_VALUE)
    make_customer_waves(engine, MAY, JUNE, catalogue=catalogue)
    rest = write_lines(tmp_path / "rest.csv", [line(order="5", time="2011-06-25 10:00", customer="2")])
    ingest_transactions(engine, rest, SHOP, known_as_ordered=True)

    with pytest.raises(UnitTableError, match=r"customers in it differ now \(1\)"):
        make_customer_waves(engine, MAY, JUNE, catalogue=catalogue)
    _, june = make_customer_waves(engine, MAY, JUNE, catalogue=catalogue, replace=True)

    assert str(june.ingested) == "2 units inserted, 0 unchanged"
    assert units_of(engine, catalogue, JUNE).set_index("unit_id")["frequency"].to_dict() == {"17850": 1, "2": 2}
    assert len(units_of(engine, catalogue, MAY)) == 1


@pytest.mark.usefixtures("taken_in")
def test_a_segmentation_that_these_customers_do_not_fit_is_refused(engine: Engine, small_catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match="'small' is not of customers by their transactions"):
        make_customer_waves(engine, JUNE, JUNE, catalogue=small_catalogue)
    with pytest.raises(SettingsError, match="look back 180 days, and 90 days would give its features another meaning"):
        make_customer_waves(engine, JUNE, JUNE, 90, catalogue=Catalogue.model_validate(CUSTOMER_VALUE))
    odd = CUSTOMER_VALUE | {"features": [{"name": "recency_days"}, {"name": "clicks"}, {"name": "monetary"}]}
    with pytest.raises(UnitTableError, match="names clicks, but features of customers are recency_days"):
        make_customer_waves(engine, JUNE, JUNE, catalogue=Catalogue.model_validate(odd))
