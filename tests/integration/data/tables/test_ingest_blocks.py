"""Respondents who come block by block, and a process that dies on the way."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SurveyFileError, UnitTableError
from dtc_data.surveys import ingest_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import IngestResult, UnitTable, transaction
from fakes.units import count_rows, load
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JANUARY, FEBRUARY = Wave(2025, 1), Wave(2025, 2)


def ingest_blocks(engine: Engine, table: UnitTable, *blocks: pd.DataFrame, allow_repeats: bool = False) -> IngestResult:
    with transaction(engine) as connection:
        return table.ingest(connection, blocks, allow_repeats=allow_repeats)


def test_blocks_are_taken_as_if_they_were_one_frame(engine: Engine, table: UnitTable, january: pd.DataFrame) -> None:
    blocks = [january.iloc[start : start + 30] for start in range(0, 200, 30)]

    assert ingest_blocks(engine, table, *blocks) == IngestResult(inserted=200, unchanged=0)
    assert ingest_blocks(engine, table, *blocks[::-1]) == IngestResult(inserted=0, unchanged=200)
    pd.testing.assert_frame_equal(load(engine, table, JANUARY).drop(columns="model_version"), january, check_exact=True)


def test_a_month_that_holds_nobody_and_one_that_does_may_come_together(
    engine: Engine, table: UnitTable, january: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    february = make_wave(small_catalogue, 50, 2, 7, FEBRUARY)
    ingest_blocks(engine, table, january.head(150))

    both = pd.concat([january, february]).sample(frac=1, random_state=1)
    assert ingest_blocks(engine, table, both.head(120), both.iloc[120:]) == IngestResult(100, 150)
    assert len(load(engine, table, JANUARY)) == 200
    assert len(load(engine, table, FEBRUARY)) == 50


@pytest.mark.parametrize("there_before", [0, 1])
def test_a_unit_in_two_blocks_is_refused(
    there_before: int, engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    ingest_blocks(engine, table, january.head(there_before))

    with pytest.raises(UnitTableError, match=r"given twice, in two blocks .*2025-01-0051"):
        ingest_blocks(engine, table, january.head(100), january.iloc[50:51])
    assert count_rows(engine, table.name) == there_before


def test_one_person_who_answers_alike_in_two_blocks_is_told(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    again = january.iloc[[4]].assign(date=january["date"].iloc[4] + pd.Timedelta(hours=30))

    with pytest.raises(UnitTableError, match=r"1 respondent gave the same answers .* '2025-01-0005'"):
        ingest_blocks(engine, table, january, again)
    assert ingest_blocks(engine, table, january, again, allow_repeats=True) == IngestResult(201, 0, repeated=1)


def test_an_error_in_a_later_block_takes_everything_back(
    engine: Engine, table: UnitTable, january: pd.DataFrame
) -> None:
    with pytest.raises(UnitTableError, match="has the persona 8"):
        ingest_blocks(engine, table, january.head(100), january.tail(100).assign(segment=8))
    assert count_rows(engine, table.name) == 0


INGESTION = """
import os
import sys
from pathlib import Path
from typing import Any
from dtc_data import load_catalogue
from dtc_data.core import PostgresSettings, read_settings
from dtc_data.surveys import ingest_file
from dtc_data.tables import UnitTable, make_engine

catalogue, file = load_catalogue(Path(sys.argv[1])), Path(sys.argv[2])
for _ in sys.stdin:
    child = os.fork()
    if not child:
        ingest_file(make_engine(read_settings(PostgresSettings)), UnitTable(catalogue), file)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""Ingests a file for each line that it is sent, in a process of its own that can be killed; it says which, and how it ended."""


@pytest.mark.usefixtures("database_in_environment")
def test_a_process_that_is_killed_at_any_moment_leaves_all_of_a_file_or_nothing(
    engine: Engine, table: UnitTable, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    file, catalogue, n_units = tmp_path / "wave.csv", tmp_path / "small.yaml", 60_000
    write_survey_file(make_wave(small_catalogue, n_units, 2, 3, JANUARY), small_catalogue, file)
    catalogue.write_text(small_catalogue.model_dump_json(exclude_defaults=True), encoding="utf-8")
    moments, longest, left = np.random.default_rng(13), 2.0, []
    with subprocess.Popen(
        [sys.executable, "-c", INGESTION, str(catalogue), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for attempt in range(9):
            print(file=nursery.stdin, flush=True)
            child, began = int(nursery.stdout.readline()), time.monotonic()
            if attempt < 8:
                time.sleep(moments.uniform(0, longest))
                with suppress(ProcessLookupError):  # it was faster
                    os.kill(child, signal.SIGKILL)
            if nursery.stdout.readline() == "0\n":
                longest = min(longest, time.monotonic() - began)
            left.append(count_rows(engine, table.name))
        nursery.stdin.close()

    assert set(left) <= {0, n_units}
    assert left[-1] == n_units, "nobody killed the last one"


def test_a_file_that_is_changed_while_it_is_ingested_leaves_nothing(
    engine: Engine, table: UnitTable, january: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "january.csv"
    write_survey_file(january, table.catalogue, path)

    class Slow(UnitTable):
        """A table during whose ingestion somebody adds to the file."""

        def ingest(self, *arguments: Any, **options: Any) -> IngestResult:
            result = super().ingest(*arguments, **options)
            with path.open("a") as file:
                file.write("\n")
            return result

    with pytest.raises(SurveyFileError, match="was changed while it was read, and nothing was ingested"):
        ingest_file(engine, Slow(table.catalogue, table.name), path)
    assert count_rows(engine, table.name) == 0
    assert ingest_file(engine, table, path).inserted == len(january)
