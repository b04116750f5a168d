import pandas as pd
import pytest
from click.testing import CliRunner
from dtc_data import Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.commands import main
from dtc_model.decisions import Decisions
from dtc_model.registry import ModelRegistry, RegistryReader
from fakes.served import segmentation
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _settings(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.tracking_uri)
    monkeypatch.setattr("dtc_model.commands.find_segmentation", lambda _: segmentation(registry.catalogue))


def apart() -> CliRunner:
    """Return a runner that tells what is said to people from what is printed for programs."""
    return CliRunner(mix_stderr=False)


def test_the_command_registers_the_catalogue_once_and_prints_the_version(
    registry: ModelRegistry,
) -> None:
    said = []
    for _ in range(2):
        done = apart().invoke(main, ["init"])
        assert (done.exit_code, done.stdout) == (0, "1\n"), done.output
        said.append(done.stderr)
    assert f"now version 1 of the model {registry.name!r} and in production, not measured on a wave" in said[0]
    assert "Nothing was changed: the catalogue is registered, and version 1" in said[1]
    assert registry.production_version() == "1"


@pytest.mark.usefixtures("database_in_environment")
def test_the_reference_wave_is_measured_with_the_first_version(registry: ModelRegistry, engine: Engine) -> None:
    table = UnitTable(registry.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(registry.catalogue, 300, 2.0, 1, Wave(2025, 1)))
    done = apart().invoke(main, ["init", "--reference", "2025-01"])
    assert done.exit_code == 0, done.output
    assert "and in production, measured on wave 2025-01." in done.stderr
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


def _ingest(registry: ModelRegistry, engine: Engine, units: pd.DataFrame) -> None:
    table = UnitTable(registry.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, units)


@pytest.mark.usefixtures("database_in_environment")
def test_a_reference_wave_that_was_left_out_is_added_by_a_new_version(registry: ModelRegistry, engine: Engine) -> None:
    _ingest(registry, engine, make_wave(registry.catalogue, 300, 2.0, 1, Wave(2025, 1)))
    assert apart().invoke(main, ["init"]).stdout == "1\n"
    assert registry.reference_wave() is None

    said = []
    for _ in range(2):
        added = apart().invoke(main, ["init", "--reference", "2025-01"])
        assert (added.exit_code, added.stdout) == (0, "2\n"), added.output
        said.append(added.stderr)
    assert "now measured on wave 2025-01, as version 2" in said[0]
    assert "Nothing was changed" in said[1]

    assert (registry.production_version(), registry.reference_wave()) == ("2", "2025-01")
    assert registry.load("2").centroids.tolist() == registry.load("1").centroids.tolist()
    assert registry.version("2")["reason"] == "version 1, the catalogue, measured on wave 2025-01"
    (decision,) = Decisions(registry, engine).history()
    assert (decision.version, decision.previous_version, decision.by) == ("2", "1", "init")
    assert "measured on wave 2025-01" in decision.why

    other = CliRunner().invoke(main, ["init", "--reference", "2025-02"])
    assert other.exit_code != 0
    assert "2025-02" in other.output
    assert registry.production_version() == "2"


@pytest.mark.usefixtures("database_in_environment")
@pytest.mark.parametrize("begun", [False, True])
def test_a_reference_wave_without_data_is_refused_and_registers_nothing(
    registry: ModelRegistry, engine: Engine, *, begun: bool
) -> None:
    _ingest(registry, engine, make_wave(registry.catalogue, 300, 2.0, 1, Wave(2025, 1)))
    if begun:
        assert CliRunner().invoke(main, ["init"]).exit_code == 0
    refused = CliRunner().invoke(main, ["init", "--reference", "2025-06"])
    assert refused.exit_code != 0
    assert "wave 2025-06" in refused.output
    assert [found["version"] for found in registry.versions()] == (["1"] if begun else [])


@pytest.mark.usefixtures("database_in_environment")
def test_a_catalogue_unlike_its_first_wave_is_registered_only_if_a_person_says_so(
    registry: ModelRegistry, engine: Engine
) -> None:
    units = make_wave(registry.catalogue, 300, 2.0, 1, Wave(2025, 1))
    names = list(registry.catalogue.feature_names)
    units[names] = 50 + 10 * units[names]
    _ingest(registry, engine, units)

    refused = CliRunner().invoke(main, ["init", "--reference", "2025-01"])
    assert refused.exit_code == 9
    for said in ("nothing was registered", "do not lie among the answers", "--anyway"):
        assert said in refused.output
    assert registry.versions() == []

    warned = CliRunner().invoke(main, ["init", "--reference", "2025-01", "--anyway"])
    assert (warned.exit_code, warned.output.splitlines()[-1]) == (0, "1"), warned.output
    assert "Warning: the centroids do not lie among the answers" in warned.output
