"""What the first command on a fresh checkout writes and passes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dtc_stack.programs.env_file import known_names

pytestmark = pytest.mark.integration

SHOW = "import os, runpy, sys; sys.argv = ['dtc_stack', 'stop']\ntry: runpy.run_module('dtc_stack', run_name='__main__')\nexcept SystemExit: print(os.environ['SEGMENTATION'], os.environ['CATALOGUE_FOLDER'])"


@pytest.mark.parametrize("given", ["", "dtc_personas", "own.yaml"])
def test_programs_find_the_catalogues_in_whatever_folder_they_run(given: str, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in known_names()}
    own = {"DTC_ENV_FILE": str(tmp_path / ".env"), "STATE_FOLDER": str(tmp_path / "state")}
    environment = kept | own | ({"SEGMENTATION": given} if given else {})
    result = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (tmp_path / ".env").exists()
    segmentation, folder = result.stdout.splitlines()[-1].split()
    assert segmentation == (str(tmp_path / given) if given == "own.yaml" else "dtc_personas")
    assert (Path(folder) / "dtc_personas.yaml").is_file()


@pytest.mark.parametrize(
    "command", [["--help"], ["run", "--help"], ["docker", "--help"], ["docker", "start", "--help"]]
)
def test_whoever_asks_for_help_gets_it_and_nothing_is_written(command: list[str], tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in known_names()}
    own = {"DTC_ENV_FILE": str(tmp_path / ".env"), "STATE_FOLDER": str(tmp_path / "state"), "SEGMENTATION": "nobody's"}
    result = subprocess.run(
        [sys.executable, "-m", "dtc_stack", *command],
        cwd=tmp_path,
        env=kept | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout.startswith("Usage: ")) == (0, True), result.stderr
    assert list(tmp_path.iterdir()) == []
