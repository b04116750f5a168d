"""The commands behind make versions, promote, reject and rollback."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from dtc_data.settings import PostgresSettings
from dtc_model.commands import main
from dtc_model.registry import ModelRegistry

pytestmark = pytest.mark.integration

Register = Callable[..., str]


@pytest.fixture(autouse=True)
def _settings(registry: ModelRegistry, customer_database: PostgresSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    monkeypatch.setenv("PERSONA_CATALOGUE", "personas.yaml")
    monkeypatch.setattr("dtc_model.decision_commands.load_catalogue", lambda _: registry.catalogue)
    for name in ("user", "dbname", "host", "port"):
        monkeypatch.setenv(f"POSTGRES_{name.upper()}", str(getattr(customer_database, name)))
    monkeypatch.setenv("POSTGRES_PASSWORD", customer_database.password.get_secret_value())


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.output
    return result


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
    (made,) = listed[version]["decisions"]
    assert (made["by"], made["why"], made["source"]) == ("Ada", 'it\'s fine; "really"', "command")
    table = run("versions").output
    assert "Bob" in table
    assert "rejected" in table


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("promote", "9", "--by", "Ada", "--why", "x"), 9, "no version '9'"),
        (("promote", "1", "--by", "Ada", "--why", "x"), 9, "in production already"),
        (("promote", "1", "--by", "Ada"), 2, "WHY is empty"),
        (("rollback", "--by", "Ada", "--why", "x"), 9, "to go back to"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    registry: ModelRegistry, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    registry.ensure_catalogue_in_production()
    result = run(*arguments)
    assert (result.exit_code, words in result.output) == (exit_code, True), result.output
