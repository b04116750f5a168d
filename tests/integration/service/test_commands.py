import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dtc_data import Catalogue, Wave
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.errors import ModelUnavailableError
from dtc_service.commands import main
from dtc_service.errors import ServiceUnreachableError
from fakes.registry import FakeRegistry
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(main, arguments)


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch,
    database_in_environment: None,  # noqa: ARG001 - what it sets is needed
    engine: Engine,
    registry: FakeRegistry,
    catalogue: Catalogue,
) -> None:
    """The settings of a database with April in it and of a registry with version 1."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.url)
    monkeypatch.setenv("SEGMENTATION", "dtc_personas")
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        table.ingest(connection, make_wave(catalogue, 90, 2.0, 3, Wave(2025, 4), labelled=False))


@pytest.mark.usefixtures("environment")
def test_label_prints_the_shares_of_the_segments(catalogue: Catalogue) -> None:
    result = run("label", "2025-04")
    assert result.exit_code == 0, result.output
    for name in catalogue.segment_names:
        assert name in result.output
    assert "33.3%" in result.output
    assert "90 of 90 respondents labelled for the first time by version 1" in " ".join(result.output.split())
    assert "changed" not in result.output
    assert "0 of 90 respondents changed by version 1" in run("label", "2025-04").output


@pytest.mark.usefixtures("environment")
def test_label_again_prints_that_nothing_changed() -> None:
    first = json.loads(run("label", "2025-04", "--json").output)
    second = json.loads(run("label", "2025-04", "--json").output)
    assert (first["changed"], second["changed"]) == (90, 0)
    assert (first["first"], second["first"]) == (90, 0)
    assert first["shares"] == second["shares"]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("wave", "words"),
    [
        ("2025-06", "wave 2025-06: table 'customer_features' holds no respondents"),
        ("April", "'April' is not a wave"),
        ("", "no wave is named"),
    ],
)
def test_a_wave_that_cannot_be_labelled_ends_with_its_exit_code(wave: str, words: str) -> None:
    result = run("label", wave)
    assert result.exit_code == 4
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("environment")
def test_a_registry_that_is_down_ends_with_its_exit_code(registry: FakeRegistry) -> None:
    registry.stop()
    result = run("label", "2025-04")
    assert result.exit_code == ModelUnavailableError.exit_code
    assert registry.url in result.output


@pytest.mark.usefixtures("environment")
def test_another_table_can_be_named() -> None:
    result = run("label", "2025-04", "--table", "elsewhere")
    assert result.exit_code == 3
    assert "there is no table 'elsewhere'" in " ".join(result.output.split())


@pytest.mark.usefixtures("environment")
def test_predict_prints_the_segments_of_the_examples(
    monkeypatch: pytest.MonkeyPatch, steady_service: Any, catalogue: Catalogue
) -> None:
    monkeypatch.setenv("SERVICE_PORT", str(steady_service.port))
    table = run("predict")
    assert table.exit_code == 0, table.output
    assert all(table.output.count(name) == 2 for name in catalogue.segment_names)
    answer = json.loads(run("predict", "--json").output)
    assert answer["segments"] == answer["near"] == list(catalogue.segment_names)


@pytest.mark.usefixtures("environment")
def test_predict_says_that_the_service_is_down(monkeypatch: pytest.MonkeyPatch, registry: FakeRegistry) -> None:
    registry.stop()
    monkeypatch.setenv("SERVICE_PORT", registry.url.rpartition(":")[2])  # nobody listens there now
    result = run("predict")
    assert result.exit_code == ServiceUnreachableError.exit_code
    assert "make gunicorn" in result.output
