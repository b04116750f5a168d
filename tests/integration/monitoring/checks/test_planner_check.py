"""A store that a person moved, and whose features say otherwise for two quarters, is told in history, check and report."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import DATE
from dtc_data.tables import UnitTable, move_unit, stack_waves, transaction
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_monitoring.checks import check_drift, latest_checks, planner_moves
from dtc_monitoring.history import print_history, segment_history
from dtc_monitoring.report import read_content, segments
from dtc_monitoring.report.report_page import report_html
from dtc_service.batch import label_wave
from fakes.store_catalogue import some_stores, store_catalogue
from rich.console import Console
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

MARCH, JUNE, SEPTEMBER = (Wave(2025, month) for month in (3, 6, 9))
WORDS = (
    "was moved to Warehouse in 2025-03 by Ada (it was rebuilt), but its features contradict that in 2025-06, 2025-09"
)


@pytest.fixture
def catalogue(engine: Engine, mlflow_uri: str) -> Catalogue:
    """Three quarters of stores, of which the first two are labelled, and a corner shop that Ada moved in the first one."""
    name = f"stores_{uuid.uuid4().hex[:8]}"
    catalogue = store_catalogue(unit_table=name, registered_model=name)
    ModelRegistry(mlflow_uri, catalogue).ensure_catalogue_in_production()
    reader, table = RegistryReader(mlflow_uri, name), UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        for wave in (MARCH, JUNE, SEPTEMBER):
            date = pd.Timestamp(wave.end) - pd.Timedelta(days=1)
            table.ingest(connection, some_stores(120).reset_index().assign(**{DATE: date}))
        move_unit(connection, name, corner_shop(), 8, MARCH, by="Ada", why="it was rebuilt")
        for wave in (MARCH, JUNE):
            label_wave(connection, table, wave, reader.fetch("1"))
    return catalogue


def corner_shop() -> str:
    stores = some_stores(120)
    return str(stores["size"].idxmin())


@pytest.fixture
def check(engine: Engine, catalogue: Catalogue, mlflow_uri: str) -> Callable[[Wave], dict[str, Any]]:
    """Check a quarter against March."""

    def checked(wave: Wave) -> dict[str, Any]:
        table = UnitTable(catalogue)
        with transaction(engine) as connection:
            both = table.load(connection, MARCH), table.load(connection, wave)
        samples = stack_waves(*both, catalogue, MARCH, wave)
        return check_drift(
            samples,
            catalogue,
            reference_wave=str(MARCH),
            current_wave=str(wave),
            run_id=uuid.uuid4().hex,
            engine=engine,
            tracking_uri=mlflow_uri,
        )

    return checked


def test_the_second_quarter_that_contradicts_a_move_is_told_beside_the_verdict(
    engine: Engine, catalogue: Catalogue, check: Callable[[Wave], dict[str, Any]]
) -> None:
    assert "moves" not in check(JUNE)
    found = check(SEPTEMBER)
    assert found["moves"]["units"] == [corner_shop()]
    assert WORDS in found["moves"]["words"]
    with transaction(engine) as connection:
        newest = latest_checks(connection, catalogue.registered_model)[0]
    assert newest.beside["moves"] == found["moves"]
    content = read_content(found, segments=catalogue.segment_names, words=catalogue.words)
    assert segments(content)[-1] == found["moves"]["words"]
    assert WORDS in report_html(content)


def test_history_says_it_once_both_quarters_are_labelled(engine: Engine, catalogue: Catalogue, mlflow_uri: str) -> None:
    (move,) = segment_history(engine, catalogue, mlflow_uri).moves
    assert (move.contradicted_in, move.is_flagged) == (("2025-06",), False)
    with transaction(engine) as connection:
        reader = RegistryReader(mlflow_uri, catalogue.registered_model)
        label_wave(connection, UnitTable(catalogue), SEPTEMBER, reader.fetch("1"))
    history = segment_history(engine, catalogue, mlflow_uri)
    assert history.to_dict()["moves"][0]["flagged"]
    printed = io.StringIO()
    print_history(history, Console(width=400, file=printed))
    assert f"! {corner_shop()} {WORDS}: confirm the move, or take it back" in printed.getvalue()


def test_a_move_that_is_taken_back_is_told_no_more(engine: Engine, catalogue: Catalogue) -> None:
    with transaction(engine) as connection:
        move_unit(connection, catalogue.unit_table, corner_shop(), None, JUNE, by="Ada", why="it was not")
        assert planner_moves(connection, UnitTable(catalogue), lambda _: None) == []
