"""Commands on terminals that do not know every letter."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from dtc_data import Catalogue, load_catalogue
from dtc_data.core import DtcCommand
from dtc_model.registry import ModelRegistry
from dtc_stack.programs import env_file
from dtc_stack.settings import PROJECT_FOLDER
from fakes.catalogues import in_a_file_of_its_own

pytestmark = pytest.mark.integration

TERMINALS = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.fixture(params=TERMINALS)
def terminal(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a terminal, eighty letters wide."""
    return dict(os.environ | TERMINALS[request.param] | {"COLUMNS": "80"})


def run(environment: dict[str, str], folder: Path, *command: str) -> tuple[int, bytes]:
    """Run a command as make does, and give its exit code and what the terminal gets."""
    result = subprocess.run(
        [sys.executable, "-m", *command],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    assert b"Traceback" not in result.stdout, result.stdout.decode(errors="replace")
    return result.returncode, result.stdout


@pytest.mark.usefixtures("database_in_environment")
def test_versions_are_listed(mlflow_uri: str, catalogue: Catalogue, terminal: dict[str, str], tmp_path: Path) -> None:
    path = in_a_file_of_its_own(catalogue, tmp_path / "catalogue.yaml")
    ModelRegistry(mlflow_uri, load_catalogue(path)).ensure_catalogue_in_production()
    environment = terminal | {"MLFLOW_TRACKING_URI": mlflow_uri, "SEGMENTATION": str(path)}
    code, output = run(environment, tmp_path, "dtc_model", "versions")
    assert code == 0, output
    assert b"production" in output


def test_the_status_of_a_stack_is_shown(terminal: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / ".env"
    env_file.write_if_absent(PROJECT_FOLDER / ".env.example", path)
    text = re.sub(r"(_PORT=|:)\d{4}$", r"\g<1>9", path.read_text(), flags=re.MULTILINE)  # where nothing listens
    path.write_text(text + f"STATE_FOLDER={tmp_path}\n")
    kept = {name: value for name, value in terminal.items() if name not in env_file.known_names()}
    code, output = run(kept | {"DTC_ENV_FILE": str(path)}, tmp_path, "dtc_stack", "status")
    assert code == 12, output
    assert output.count(b"down") == 5


@pytest.mark.parametrize(
    "module", ["dtc_model.commands", "dtc_monitoring.commands", "dtc_service.commands", "dtc_stack.commands"]
)
def test_every_command_is_made_the_same_way(module: str) -> None:
    assert isinstance(import_module(module).main, DtcCommand)
