"""What the first command on a fresh checkout writes and passes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dtc_stack.programs.env_file import known_names

pytestmark = pytest.mark.integration

SHOW = "import os, runpy, sys; sys.argv = ['dtc_stack', 'stop']\ntry: runpy.run_module('dtc_stack', run_name='__main__')\nexcept SystemExit: print(os.environ['PERSONA_CATALOGUE'])"


def test_programs_get_the_catalogue_by_its_whole_path(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in known_names()}
    environment = kept | {"DTC_ENV_FILE": str(tmp_path / ".env"), "STATE_FOLDER": str(tmp_path / "state")}
    result = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (tmp_path / ".env").exists()
    catalogue = Path(result.stdout.splitlines()[-1])
    assert catalogue.is_absolute()
    assert catalogue.is_file()
