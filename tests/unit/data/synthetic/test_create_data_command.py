"""`python create_data.py`, as a person types it."""

import runpy
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue
from dtc_data.surveys import read_survey_file
from dtc_stack.settings import PROJECT_FOLDER

STAGE_FOLDER = PROJECT_FOLDER / "00_create_data"


@pytest.fixture(autouse=True)
def _folder_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGMENTATION", "")


@pytest.fixture(scope="module")
def command() -> click.Command:
    command: click.Command = runpy.run_path(str(STAGE_FOLDER / "create_data.py"))["create_data"]
    return command


def run(command: click.Command, arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(command, arguments.split())


def test_the_file_is_written_and_said_in_one_line(command: click.Command, catalogue: Catalogue, tmp_path: Path) -> None:
    result = run(command, "20 2 42 January wave.csv")

    assert result.exit_code == 0
    assert result.output == "wave.csv: 20 respondents of 2025-01, std 2, seed 42, with personas\n"
    assert len(read_survey_file("wave.csv", catalogue)) == 20
    assert list(tmp_path.iterdir()) == [tmp_path / "wave.csv"]


@pytest.mark.parametrize(
    ("arguments", "wave", "given_segments"),
    [
        ("1", "2025-01", 10),
        ("03", "2025-03", 0),
        ("march", "2025-03", 0),
        ("2024-12", "2024-12", 0),
        ("1 --year 2026", "2026-01", 10),
        ("1 --unlabelled", "2025-01", 0),
        ("5 --labelled", "2025-05", 10),
    ],
)
def test_month_year_and_labels_can_be_given(
    arguments: str, wave: str, given_segments: int, command: click.Command, catalogue: Catalogue
) -> None:
    month, *options = arguments.split()
    assert run(command, f"10 2 42 {month} wave.csv {' '.join(options)}").exit_code == 0

    units = read_survey_file("wave.csv", catalogue)
    assert (units["date"] == pd.Timestamp(f"{wave}-01", tz="UTC")).all()
    assert units["segment"].notna().sum() == given_segments


def test_shares_can_be_given(command: click.Command, catalogue: Catalogue) -> None:
    assert run(command, "500 2 42 1 wave.csv --shares 60,30,10").exit_code == 0

    shares = read_survey_file("wave.csv", catalogue)["segment"].value_counts().to_dict()
    assert shares == {0: 300, 1: 150, 2: 50}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "expected"),
    [
        ("0 2 42 1 wave.csv", 2, "n_units is 0"),
        ("-5 2 42 1 wave.csv", 2, "n_units is -5"),
        ("10 -2 42 1 wave.csv", 2, "std_dev is -2"),
        ("10 2 -1 1 wave.csv", 2, "seed is -1"),
        ("10 2 42 13 wave.csv", 4, "'13' is not a month"),
        ("10 2 42 1 nowhere/wave.csv", 3, "nowhere/wave.csv: the file cannot be written"),
        ("10 2 42 1 wave.csv --shares 1,2", 2, "shares holds 2 numbers, but there are 3 personas"),
        ("10 2 42 1 wave.csv --shares a,b,c", 2, "write one number per segment"),
        ("10 2 42 1 wave.csv --segmentation nowhere.yaml", 2, "nowhere.yaml: the catalogue cannot be read"),
        ("10 2 42 1 wave.csv --segmentation nowhere", 2, "there is no segmentation 'nowhere'"),
        ("ten 2 42 1 wave.csv", 2, "'ten' is not a valid integer"),
        ("10 2 42 1", 2, "Missing argument 'FILE'"),
    ],
)
def test_a_mistake_ends_in_a_message_and_no_file(
    arguments: str, exit_code: int, expected: str, command: click.Command, tmp_path: Path
) -> None:
    result = run(command, arguments)

    assert result.exit_code == exit_code
    assert expected in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_of_the_environment_is_used(
    command: click.Command, small_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small.yaml").write_text(small_catalogue.model_dump_json())  # JSON is YAML
    monkeypatch.setenv("SEGMENTATION", "small.yaml")

    assert run(command, "10 2 42 1 wave.csv").exit_code == 0
    assert len(read_survey_file("wave.csv", small_catalogue)) == 10


def test_a_catalogue_named_in_a_settings_file_is_found_from_a_folder_below(
    command: click.Command, small_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGMENTATION")
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "small.yaml").write_text(small_catalogue.model_dump_json())
    (tmp_path / ".env").write_text("SEGMENTATION=catalogues/small.yaml\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")

    assert run(command, "10 2 42 1 wave.csv").exit_code == 0
    assert len(read_survey_file("wave.csv", small_catalogue)) == 10


def test_a_settings_file_that_is_named_stands_in_the_place_of_the_nearest_one(
    command: click.Command, small_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGMENTATION")
    (tmp_path / ".env").write_text("SEGMENTATION=nothing_of_this_name\n")
    own = tmp_path / "own"
    own.mkdir()
    (own / "small.yaml").write_text(small_catalogue.model_dump_json())
    (own / "settings.env").write_text("SEGMENTATION=./small.yaml\n")
    monkeypatch.setenv("DTC_ENV_FILE", str(own / "settings.env"))

    assert run(command, "10 2 42 1 wave.csv").exit_code == 0
    assert len(read_survey_file("wave.csv", small_catalogue)) == 10


def test_a_settings_file_that_cannot_be_read_is_named(command: click.Command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\xfe\n")

    result = run(command, "10 2 42 1 wave.csv")

    assert result.exit_code == 2
    assert "the settings cannot be read" in result.stderr
