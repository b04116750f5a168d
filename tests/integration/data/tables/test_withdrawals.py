"""Waves are withdrawn on a real Postgres."""

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SettingsError, WaveError
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction, withdraw_wave, withdrawals_of, withdrawn_since
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration

JANUARY, FEBRUARY = Wave(2025, 1), Wave(2025, 2)


def twenty(catalogue: Catalogue, wave: Wave) -> pd.DataFrame:
    return make_wave(catalogue, 20, 3.0, wave.month, wave)


@pytest.fixture
def table(engine: Engine, catalogue: Catalogue) -> UnitTable:
    """January and February, 20 respondents each."""
    units = UnitTable(catalogue)
    with transaction(engine) as connection:
        units.create(connection)
        for wave in (JANUARY, FEBRUARY):
            units.ingest(connection, twenty(catalogue, wave))
    return units


def load(engine: Engine, table: UnitTable, wave: Wave) -> pd.DataFrame:
    with transaction(engine) as connection:
        return table.load(connection, wave)


def test_the_rows_leave_the_table_and_stay_in_the_record(engine: Engine, table: UnitTable) -> None:
    before = load(engine, table, FEBRUARY)

    with transaction(engine) as connection:
        done = withdraw_wave(connection, table, FEBRUARY, by="Ada", why="wrong weights")

    assert (done.units, done.by, done.why) == (20, "Ada", "wrong weights")
    with transaction(engine) as connection:
        assert table.waves(connection) == [JANUARY]
        assert withdrawals_of(connection, table.name) == [done]
        kept = connection.execute(
            text('SELECT unit_id, content FROM withdrawn_units ORDER BY date, unit_id COLLATE "C"')
        ).all()
    assert [row.unit_id for row in kept] == before["unit_id"].tolist()
    assert [row.content["x1"] for row in kept] == before["x1"].tolist()


def test_a_corrected_wave_can_be_ingested_afterwards(engine: Engine, table: UnitTable, catalogue: Catalogue) -> None:
    corrected = twenty(catalogue, FEBRUARY).assign(x1=1.5)
    with transaction(engine) as connection:
        withdraw_wave(connection, table, FEBRUARY, by="Ada", why="x1 was wrong")
        table.ingest(connection, corrected)

    assert (load(engine, table, FEBRUARY)["x1"] == 1.5).all()


def test_a_wave_can_be_withdrawn_again_after_its_correction(
    engine: Engine, table: UnitTable, catalogue: Catalogue
) -> None:
    with transaction(engine) as connection:
        withdraw_wave(connection, table, FEBRUARY, by="Ada", why="first")
        table.ingest(connection, twenty(catalogue, FEBRUARY).assign(x1=1.5))
        withdraw_wave(connection, table, FEBRUARY, by="Bo", why="second")
        found = withdrawals_of(connection, table.name)

    assert [one.why for one in found] == ["first", "second"]
    assert found[0].at < found[1].at


def test_nothing_is_withdrawn_of_a_month_without_anybody_or_by_nobody(engine: Engine, table: UnitTable) -> None:
    with pytest.raises(WaveError, match="nothing was withdrawn"), transaction(engine) as connection:
        withdraw_wave(connection, table, Wave(2024, 12), by="Ada", why="why not")
    with pytest.raises(SettingsError, match="WHY is missing"), transaction(engine) as connection:
        withdraw_wave(connection, table, JANUARY, by="Ada", why=" ")

    with transaction(engine) as connection:
        assert withdrawals_of(connection, table.name) == []


def test_only_what_came_before_rests_on_the_old_rows(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        before = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        done = withdraw_wave(connection, table, FEBRUARY, by="Ada", why="wrong")
        after = connection.execute(text("SELECT clock_timestamp()")).scalar_one()

    assert withdrawn_since([done], [JANUARY, FEBRUARY], before)
    assert not withdrawn_since([done], [JANUARY], before)
    assert not withdrawn_since([done], [FEBRUARY], after)
