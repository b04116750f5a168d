"""Units that a person moved: labelled so from a wave on, by whatever version, until the move is taken back."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.core import DATE, SettingsError
from dtc_data.tables import UnitTable, move_unit, moved_units, moves_of, transaction
from dtc_model.rule import SegmentModel
from fakes.store_catalogue import some_stores, store_catalogue
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

CATALOGUE = store_catalogue()
TABLE = UnitTable(CATALOGUE)
MARCH, JUNE = Wave(2025, 3), Wave(2025, 6)


@pytest.fixture
def stores(engine: Engine) -> Engine:
    """Both quarters in the table, one store with a place that nobody knows."""
    frame = some_stores(40)
    frame.iloc[0, 2] = None
    with transaction(engine) as connection:
        TABLE.create(connection)
        for wave in (MARCH, JUNE):
            date = pd.Timestamp(wave.end) - pd.Timedelta(days=1)
            TABLE.ingest(connection, frame.reset_index().assign(**{DATE: date}))
    return engine


def labelled(engine: Engine, wave: Wave, version: str = "1") -> "pd.Series[int]":
    model = SegmentModel.from_catalogue(CATALOGUE)
    with transaction(engine) as connection:
        TABLE.label_wave(connection, wave, version, model.encoder.features, lambda rows: model.label(rows, 1))
        frame = TABLE.load(connection, wave)
    return frame.set_index("unit_id")["segment"].astype(int)


def test_labels_of_a_mixture_in_the_table_are_those_of_the_model(stores: Engine) -> None:
    model = SegmentModel.from_catalogue(CATALOGUE)
    found = labelled(stores, MARCH)
    frame = some_stores(40).loc[found.index]
    answers = np.column_stack([frame["size"], frame["weekend"], frame["place"].map({"city": 0.0, "mall": 1.0})])
    answers[frame.index == "S0", 2] = np.nan
    assert found.tolist() == model.label(answers, 1).tolist()


def test_a_moved_store_has_its_segment_from_that_wave_on_whichever_version_labels(stores: Engine) -> None:
    before = labelled(stores, MARCH)
    store, other = str(before.index[0]), 8 if before.iloc[0] == 3 else 3
    with transaction(stores) as connection:
        move_unit(connection, TABLE.name, store, other, JUNE, by="Ada", why="it was rebuilt")
    assert labelled(stores, MARCH)[store] == before[store], "the quarter before the move"
    assert labelled(stores, JUNE)[store] == other
    assert labelled(stores, JUNE, "2")[store] == other, "another version"
    others = labelled(stores, JUNE).drop(store)
    assert others.equals(before.drop(store))
    with transaction(stores) as connection:
        move_unit(connection, TABLE.name, store, None, JUNE, by="Ada", why="it was not")
        assert moved_units(connection, TABLE.name, JUNE) == {}
        assert [move.segment for move in moves_of(connection, TABLE.name)] == [other, None], "nothing is forgotten"
    assert labelled(stores, JUNE)[store] == before[store]


def test_a_move_needs_somebody_and_a_reason(stores: Engine) -> None:
    with transaction(stores) as connection, pytest.raises(SettingsError, match="WHY is missing"):
        move_unit(connection, TABLE.name, "S1", 3, JUNE, by="Ada", why=" ")
