"""The widest tables that a catalogue may describe: Postgres takes their longest rows, and one feature more is too many."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import answer_columns
from dtc_data.tables import UnitTable, transaction
from fakes.units import ingest, load, write_labels
from fakes.wide_catalogues import MOST_NUMBERS, wide_catalogue
from sqlalchemy import Column, DateTime, Double, Engine, Integer, MetaData, Table, Text, insert
from sqlalchemy.exc import OperationalError

pytestmark = pytest.mark.integration

JANUARY = Wave(2025, 1)
LONG_TEXT: dict[str, Any] = {"type": "grade", "values": ["a" * 23, "b" * 23]}
TOASTED_TEXT: dict[str, Any] = {"type": "grade", "values": ["a" * 200, "b" * 200]}


def units(catalogue: Catalogue, unit_id: str) -> pd.DataFrame:
    """Return a few units; the first has no segment yet and may bear the longest id that a row must have room for."""
    answers = np.random.default_rng(1).integers(1, 3, (3, len(catalogue.features))).astype(np.float64)
    columns: dict[str, Any] = {"unit_id": [unit_id, "b", "c"], "date": pd.Timestamp("2025-01-01", tz="UTC")}
    columns |= answer_columns(answers, catalogue.features)
    return pd.DataFrame(columns | {"segment": pd.array([None, 1, 2], dtype="Int64"), "survey_weight": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("most", "feature", "unit_id"),
    [
        pytest.param(MOST_NUMBERS, None, "i" * 23, id="numbers"),
        pytest.param(MOST_NUMBERS, None, "i" * 200, id="numbers and a long id"),
        pytest.param(333, LONG_TEXT, "i" * 23, id="texts"),
        pytest.param(333, TOASTED_TEXT, "i" * 200, id="very long texts and a long id"),
    ],
)
def test_the_longest_rows_of_the_widest_catalogue_are_kept_with_labels_and_weights(
    most: int, feature: dict[str, Any] | None, unit_id: str, engine: Engine
) -> None:
    catalogue = wide_catalogue(most, feature)
    table, wave = UnitTable(catalogue), units(catalogue, unit_id)
    with transaction(engine) as connection:
        table.create(connection)
    assert ingest(engine, table, wave).inserted == 3
    assert write_labels(engine, table, wave.assign(segment=None), "v" * 23) == 1  # the vendor's segments stay
    kept = load(engine, table, JANUARY).set_index("unit_id")
    names = list(catalogue.feature_names)
    pd.testing.assert_frame_equal(kept.loc[[unit_id, "b", "c"], names], wave.set_index("unit_id")[names])


def test_one_number_more_would_not_fit(engine: Engine) -> None:
    # A unit that answered too little for a segment, with the id, version, time and weight of the test above.
    numbers = {f"f{number}": 1.0 for number in range(MOST_NUMBERS + 1)}
    now = datetime.now(UTC)
    row: dict[str, Any] = {"i": "i" * 23, "d": now, **numbers, "s": None, "v": "v" * 23, "l": now, "w": 1.0}
    types: dict[str, Any] = {
        "i": Text,
        "d": DateTime(timezone=True),
        "s": Integer,
        "v": Text,
        "l": DateTime(timezone=True),
    }
    table = Table("t", MetaData(), *(Column(name, types.get(name, Double)) for name in row))
    with engine.connect() as connection:
        table.create(connection)
        with pytest.raises(OperationalError, match="row is too big: size 8168, maximum size 8160"):
            connection.execute(insert(table).values(row))
