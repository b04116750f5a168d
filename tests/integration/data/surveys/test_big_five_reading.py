"""Reading the survey out of its package, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


def test_reading_it_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    program = (
        "from dtc_data.surveys import read_big_five; import sys; read_big_five(); print('pydataset' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), list(tmp_path.iterdir())) == ("False", [])
