import pytest
from click.testing import CliRunner
from dtc_data import Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.commands import main
from dtc_model.registry import ModelRegistry, RegistryReader
from fakes.served import segmentation
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _settings(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    monkeypatch.setattr("dtc_model.commands.find_segmentation", lambda _: segmentation(registry.catalogue))


def test_the_command_registers_the_catalogue_once_and_prints_the_version(
    registry: ModelRegistry,
) -> None:
    for _ in range(2):
        done = CliRunner().invoke(main, ["init"])
        assert (done.exit_code, done.stdout) == (0, "1\n"), done.output
    assert registry.production_version() == "1"


@pytest.mark.usefixtures("database_in_environment")
def test_the_reference_wave_is_measured_with_the_first_version(registry: ModelRegistry, engine: Engine) -> None:
    table = UnitTable(registry.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(registry.catalogue, 300, 2.0, 1, Wave(2025, 1)))
    done = CliRunner().invoke(main, ["init", "--reference", "2025-01"])
    assert done.exit_code == 0, done.output
    with RegistryReader(registry.tracking_uri, registry.name) as reader:
        reference = reader.fetch("1").model.reference
    assert reference is not None
    assert reference.wave == "2025-01"
    assert reference.spread == pytest.approx(2.0, rel=0.1)


def test_a_registry_that_is_not_there_gives_its_exit_code_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 6
    assert "MLFLOW_TRACKING_URI" in done.output
    assert "Traceback" not in done.output
