"""No program of ours reports to the makers of its libraries, and no proxy is asked for this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_data.core import TELEMETRY_OFF
from dtc_stack.containers.compose import FOLDER
from fakes.catalogues import in_a_file_of_its_own
from fakes.outgoing import FakeProxy, behind_proxy, watched

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

REPORTING_LIBRARY = (
    "import mlflow; mlflow.MlflowClient('{uri}').create_experiment('{name}'); __import__('time').sleep(3)"
)


@pytest.fixture
def settings(mlflow_uri: str, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the commands read: real servers, and a registered model that no other test has."""
    monkeypatch.setenv("SEGMENTATION", str(in_a_file_of_its_own(catalogue, tmp_path / "catalogue.yaml")))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    return dict(os.environ)


def run(environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with some arguments."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_commands_that_work_with_mlflow_call_nobody(settings: dict[str, str], tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    for command in (["dtc_model", "init"], ["dtc_model", "versions"]):
        result = run(watched(settings, calls), tmp_path, "-m", *command)
        assert result.returncode == 0, result.stderr
    assert not calls.exists(), calls.read_text()


def test_the_watcher_sees_a_program_that_reports(settings: dict[str, str], mlflow_uri: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    code = REPORTING_LIBRARY.format(uri=mlflow_uri, name=tmp_path)
    run(watched(settings, calls), tmp_path, "-c", code)
    assert "mlflow" in calls.read_text()


@pytest.mark.parametrize("image", ["mage", "mlflow"])
def test_the_images_with_such_libraries_say_so_too(image: str) -> None:
    text = (FOLDER / f"{image}.Dockerfile").read_text()
    assert "ENV " + " ".join(f"{name}={value}" for name, value in TELEMETRY_OFF.items()) in text


def test_no_proxy_is_asked_for_this_machine(settings: dict[str, str], tmp_path: Path) -> None:
    with FakeProxy() as proxy:
        environment = behind_proxy(settings, proxy.url)
        for command in (["dtc_model", "init"], ["dtc_model", "versions"]):
            result = run(environment, tmp_path, "-m", *command)
            assert result.returncode == 0, result.stderr
        health = "from dtc_stack.programs.health import check; print(check('mlflow'))"
        code = f"import click; from dtc_data.core import DtcCommand\n@click.command(cls=DtcCommand)\ndef ask():\n {health}\nask()"
        assert "healthy=True" in run(environment, tmp_path, "-c", code).stdout
    assert proxy.asked == []


def test_a_socks_proxy_does_not_keep_commands_from_this_machine(settings: dict[str, str], tmp_path: Path) -> None:
    result = run(behind_proxy(settings, "socks5://127.0.0.1:9"), tmp_path, "-m", "dtc_model", "init")
    assert (result.returncode, result.stdout) == (0, "1\n"), result.stderr
