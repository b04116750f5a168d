"""`python ingest.py` and `python create_months.py` against a real Postgres, as a person types them."""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.core import PostgresSettings
from dtc_data.surveys import read_big_five, write_survey_file
from dtc_data.synthetic import create_shipped_waves, make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_stack.settings import PROJECT_FOLDER
from fakes.catalogues import BIG_FIVE_CATALOGUE
from fakes.units import count_rows
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

STAGE_FOLDER = PROJECT_FOLDER / "00_create_data"


@pytest.fixture
def folder(customer_database: PostgresSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a `.env`."""
    settings = customer_database.model_dump() | {"password": customer_database.password.get_secret_value()}
    lines = [f"POSTGRES_{name.upper()}={value}\n" for name, value in settings.items()]
    (tmp_path / ".env").write_text("".join(lines))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def no_settings_in_the_environment() -> Iterator[None]:
    """Leave it to `.env` to say where Postgres is, and forget afterwards what a command read from it."""
    with patch.dict(os.environ):
        for name in list(os.environ):
            if name.startswith(("POSTGRES_", "SEGMENTATION", "CATALOGUE_")):
                del os.environ[name]
        yield


def run(script: str, *arguments: str) -> Result:
    """Run a command in this process."""
    command = runpy.run_path(str(STAGE_FOLDER / script))[Path(script).stem]
    with no_settings_in_the_environment():
        return CliRunner(mix_stderr=False).invoke(command, arguments)


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    with no_settings_in_the_environment():
        return subprocess.Popen(
            [sys.executable, str(STAGE_FOLDER / script), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def write_wave(folder: Path, catalogue: Catalogue, seed: int = 1) -> None:
    write_survey_file(make_wave(catalogue, 50, 2, seed, Wave(2025, 1)), catalogue, folder / "wave.csv")


def test_a_file_is_taken_in_once(folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    write_wave(folder, catalogue)

    first = run("ingest.py", "shoppers", "wave.csv")
    again = run("ingest.py", "shoppers", "wave.csv")

    read = "wave.csv: 50 lines read (utf-8, commas)\nshoppers: "
    assert (first.exit_code, first.stdout) == (0, f"{read}50 respondents inserted, 0 unchanged\n")
    assert (again.exit_code, again.stdout) == (0, f"{read}nothing changed: all 50 respondents were already there\n")
    assert count_rows(engine, "shoppers") == 50


def test_a_bad_cell_stops_the_whole_file(folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    write_wave(folder, catalogue)
    file = folder / "wave.csv"
    file.write_text(file.read_text() + "late,2025-01-01,many,1,1,1,1,1,1,1,1,1,\n")

    process = start("ingest.py", "shoppers", "wave.csv")
    stdout, stderr = process.communicate(timeout=300)

    assert (process.returncode, stdout) == (3, "")
    assert "wave.csv" in stderr
    assert "line 52, column 'x1': 'many' is not a number" in stderr
    assert "Traceback" not in stderr
    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT to_regclass('shoppers')").scalar() is None


def test_contradicting_answers_are_refused(folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    write_wave(folder, catalogue)
    run("ingest.py", "shoppers", "wave.csv")
    write_wave(folder, catalogue, seed=2)

    result = run("ingest.py", "shoppers", "wave.csv")

    assert result.exit_code == 3
    assert "'2025-01-0001' of 2025-01-01 already, with another value in 'x1'" in result.stderr
    assert count_rows(engine, "shoppers") == 50


@pytest.mark.parametrize(
    "name",
    ["shoppers; DROP TABLE victim", 'victim"; DROP TABLE victim; --', "victim' OR '1'='1", "public.victim", "drift_verdicts"],
)  # fmt: skip
def test_a_table_name_cannot_smuggle_in_sql(name: str, folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    write_wave(folder, catalogue)
    with transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE victim (n integer)")

    result = run("ingest.py", name, "wave.csv")

    assert result.exit_code == 3
    assert repr(name) in result.stderr
    assert count_rows(engine, "victim") == 0


def test_two_people_may_take_in_the_same_file_at_once(folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    write_wave(folder, catalogue)

    processes = [start("ingest.py", "shoppers", "wave.csv") for _ in range(2)]
    outputs = [process.communicate(timeout=300) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sorted("nothing changed" in stdout for stdout, _ in outputs) == [False, True]
    assert count_rows(engine, "shoppers") == 50


def test_a_table_of_another_catalogue_is_refused(folder: Path, catalogue: Catalogue) -> None:
    write_wave(folder, catalogue)
    run("ingest.py", "shoppers", "wave.csv")

    big_five = load_catalogue(BIG_FIVE_CATALOGUE)
    write_survey_file(make_wave(big_five, 5, 0.1, 1, Wave(2025, 1)), big_five, folder / "big_five.csv")
    result = run("ingest.py", "shoppers", "big_five.csv", "--segmentation", str(BIG_FIVE_CATALOGUE))

    assert result.exit_code == 3
    assert "column 'a1' is missing" in result.stderr
    assert "column 'x1' is not in the catalogue" in result.stderr


def test_missing_settings_and_a_silent_server_are_named(folder: Path, catalogue: Catalogue) -> None:
    write_wave(folder, catalogue)
    settings = (folder / ".env").read_text()

    (folder / ".env").write_text(settings.replace("POSTGRES_PORT=", "POSTGRES_PORT=1 # "))
    silent = run("ingest.py", "shoppers", "wave.csv")
    (folder / ".env").write_text(settings.replace("POSTGRES_PORT=", "# "))
    missing = run("ingest.py", "shoppers", "wave.csv")

    assert silent.exit_code == 5
    assert "Postgres at 127.0.0.1:1" in silent.stderr
    assert missing.exit_code == 2
    assert "POSTGRES_PORT is not set" in missing.stderr


def test_the_sample_months_are_made_and_taken_in(folder: Path, catalogue: Catalogue, engine: Engine) -> None:
    first = run("create_months.py", "--folder", "months")
    again = run("create_months.py", "--folder", "months")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert [line[:24] for line in first.stdout.splitlines()] == [
        f"2025-0{month}: 500 respondents" for month in range(1, 6)
    ]
    assert again.stdout.count("nothing changed: all 500 respondents were already there") == 5
    assert sorted(path.name for path in (folder / "months").iterdir()) == [
        f"2025-0{month}.csv" for month in range(1, 6)
    ]

    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        assert table.waves(connection) == [Wave(2025, month) for month in range(1, 6)]
        january, march = (table.load(connection, Wave(2025, month)) for month in (1, 3))
    columns = ["unit_id", "date", *catalogue.feature_names, "segment"]
    pd.testing.assert_frame_equal(january[columns], make_wave(catalogue, 500, 2, 42, Wave(2025, 1)), check_exact=True)
    expected = make_wave(catalogue, 500, 3.1, 5977, Wave(2025, 3), labelled=False)
    pd.testing.assert_frame_equal(march[columns], expected, check_exact=True)


def test_another_job_can_make_the_sample_months_for_any_catalogue(
    engine: Engine, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    said: list[str] = []

    create_shipped_waves(engine, small_catalogue, tmp_path / "a" / "b", said.append)

    assert len(said) == 5
    assert count_rows(engine, "small_features") == 2_500


def test_the_big_five_survey_fits_its_table(engine: Engine) -> None:
    table = UnitTable(load_catalogue(BIG_FIVE_CATALOGUE))
    with transaction(engine) as connection:
        table.create(connection)
        assert table.ingest(connection, read_big_five()).inserted == 2_800
        assert table.waves(connection) == [Wave(2025, month) for month in (1, 2, 3, 4)]
        assert len(table.load(connection, Wave(2025, 2))) == 700


def test_synthetic_months_are_not_added_to_a_table_with_others(
    folder: Path, catalogue: Catalogue, engine: Engine
) -> None:
    real = make_wave(catalogue, 50, 2, 1, Wave(2025, 1))
    write_survey_file(real.assign(unit_id="C" + real["unit_id"]), catalogue, folder / "wave.csv")
    assert run("ingest.py", "wave.csv").exit_code == 0, "the table of the segmentation is meant"

    refused = run("create_months.py", "--folder", "months")

    assert refused.exit_code == 3
    assert "table 'customer_features' holds 50 respondents that are not synthetic" in refused.stderr
    assert not (folder / "months").exists()
    assert count_rows(engine, "customer_features") == 50


def test_synthetic_months_that_are_there_stay_as_they_are_beside_others(
    folder: Path, catalogue: Catalogue, engine: Engine
) -> None:
    assert run("create_months.py", "--folder", "months").exit_code == 0
    write_survey_file(make_wave(catalogue, 7, 2, 1, Wave(2025, 6)), catalogue, folder / "june.csv")
    assert run("ingest.py", "june.csv").exit_code == 0

    again = run("create_months.py", "--folder", "months")

    assert again.exit_code == 0
    assert again.stdout.count("nothing changed") == 5
    assert count_rows(engine, "customer_features") == 2_507


def test_one_file_is_taken_in_at_a_time(folder: Path) -> None:  # noqa: ARG001 - the settings
    refused = run("ingest.py", "shoppers", "one.csv", "another.csv")
    assert refused.exit_code == 2
    assert "one file at a time" in refused.stderr
