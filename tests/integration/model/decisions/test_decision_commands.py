"""The commands behind make versions, promote, reject and rollback."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.commands import main
from dtc_model.registry import ModelRegistry
from fakes.served import segmentation
from fakes.waves import wave_around
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

Register = Callable[..., str]


@pytest.fixture(autouse=True)
def _settings(
    registry: ModelRegistry,
    database_in_environment: None,  # noqa: ARG001 - what it sets is needed
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    found = segmentation(registry.catalogue)
    monkeypatch.setattr("dtc_model.decisions.decision_commands.find_segmentation", lambda _: found)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which nothing is wrapped."""
    monkeypatch.setenv("COLUMNS", "400")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.output
    return result


@pytest.mark.usefixtures("wide")
def test_a_person_promotes_rolls_back_and_reads_who_did_what(register: Register) -> None:
    version, other = register(), register(seed=1)
    promoted = run("promote", version, "--by", "Ada", "--why", 'it\'s fine; "really"')
    assert promoted.exit_code == 0
    assert f"version {version} was put into production by Ada" in promoted.output
    assert "Nothing to do" in run("promote", version, "--by", "Ada", "--why", "again").output
    assert "In production: version 1" in run("rollback", "--by", "Bob", "--why", "complaints").output
    assert run("reject", other, "--by", "Bob", "--why", "no").exit_code == 0
    listed = {found["version"]: found for found in json.loads(run("versions", "--json").output)}
    states = {number: found["state"] for number, found in listed.items()}
    assert states == {"1": "production", version: "was in production", other: "rejected"}
    made, undone = listed[version]["decisions"]
    assert (made["by"], made["why"], made["source"]) == ("Ada", 'it\'s fine; "really"', "command")
    assert f"version {version} was in production before and was taken back by Bob on " in undone["words"]
    table = run("versions").output
    assert "Bob" in table
    assert "rejected" in table
    assert "taken back by Bob" in table


@pytest.mark.usefixtures("wide")
def test_the_list_has_a_line_of_what_the_gate_found_and_one_version_can_be_read_in_full(
    register: Register, decide_on: Callable[..., object], own_catalogue: Catalogue
) -> None:
    decide_on(register())
    moved = own_catalogue.centroids + np.outer([0, 1, 0], [3.0] * 3 + [0.0] * 7)
    decide_on(register(centroids=moved, std=2.0, seed=7), wave_around(own_catalogue, moved, 2.0, 7))
    run("rollback", "--by", "Bob", "--why", "complaints")
    table = run("versions").output
    assert "of respondents get another persona than by production (at most 20%)" in table
    assert "stopped it: Eco-Conscious Haley lies " in table
    full = run("versions", "2").output
    for words in (
        "Version 2 of ",
        "was in production",
        "from wave 2025-03",
        "What the gate found against version 1",
        "passed  old and new labels agree",
        "version 2 was put into production by pipeline",
        "version 2 was in production before and was taken back by Bob",
        "complaints",
    ):
        assert words in full
    assert "STOPS   Eco-Conscious Haley lies " in run("versions", "3").output
    assert [found["version"] for found in json.loads(run("versions", "3", "--json").output)] == ["3"]
    assert run("versions", "9").exit_code == 9


def test_a_decision_says_which_waves_carry_labels_of_another_version(
    register: Register, own_catalogue: Catalogue, engine: Engine
) -> None:
    version = register()
    table = UnitTable(own_catalogue)
    april = make_wave(own_catalogue, 30, 2.0, 3, Wave(2025, 4), labelled=False)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, april)
        table.write_labels(connection, april.assign(segment=own_catalogue.segment_ids[0]), "1")
    promoted = run("promote", version, "--by", "Ada", "--why", "fine").output
    assert "Labels in the database are still by another version in 2025-04" in promoted
    assert "make label WAVE=2025-04" in promoted
    assert "make label" not in run("rollback", "--by", "Ada", "--why", "not fine").output


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("promote", "9", "--by", "Ada", "--why", "x"), 9, "no version '9'"),
        (("promote", "1", "--by", "Ada", "--why", "x"), 9, "in production already"),
        (("promote", "1", "--by", "Ada"), 2, "WHY is empty"),
        (("promote", ""), 2, "VERSION, BY and WHY are empty: say which version (VERSION=3), who decides (BY=...)"),
        (("reject", "", "--by", "Ada", "--why", "x"), 2, "VERSION is empty"),
        (("rollback",), 2, "BY and WHY are empty"),
        (("rollback", "--by", "Ada", "--why", "x"), 9, "to go back to"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    registry: ModelRegistry, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    registry.ensure_catalogue_in_production()
    result = run(*arguments)
    assert (result.exit_code, words in result.output) == (exit_code, True), result.output
