"""A command whose output goes to a disk that is full."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_output_that_cannot_be_written_is_an_error_of_its_own() -> None:
    code = "import click; from dtc_data.core.command_line import DtcCommand\n"
    code += "click.command(cls=DtcCommand)(lambda: click.echo('history'))()"
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 3
    assert result.stderr.startswith("Error: the output cannot be written: No space left on device")
    assert "Traceback" not in result.stderr
