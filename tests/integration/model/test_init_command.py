import pytest
from click.testing import CliRunner
from dtc_model.commands import main
from dtc_model.registry import ModelRegistry

pytestmark = pytest.mark.integration


def test_the_command_registers_the_catalogue_once_and_prints_the_version(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    monkeypatch.setenv("PERSONA_CATALOGUE", "personas.yaml")
    monkeypatch.setattr("dtc_model.commands.load_catalogue", lambda _: registry.catalogue)
    for _ in range(2):
        done = CliRunner().invoke(main, ["init"])
        assert (done.exit_code, done.stdout) == (0, "1\n"), done.output
    assert registry.production_version() == "1"


def test_a_registry_that_is_not_there_gives_its_exit_code_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, registry: ModelRegistry
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("PERSONA_CATALOGUE", "personas.yaml")
    monkeypatch.setattr("dtc_model.commands.load_catalogue", lambda _: registry.catalogue)
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 6
    assert "MLFLOW_TRACKING_URI" in done.output
    assert "Traceback" not in done.output
