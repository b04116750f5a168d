"""Commands on a disk that is full or that nobody may write to, as a person types them."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from dtc_data.core import DtcCommand


def command_that_fails_with(error: Exception) -> click.Command:
    @click.command(cls=DtcCommand)
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES])
def test_a_disk_that_takes_nothing_is_named_without_a_traceback(number: int) -> None:
    error = OSError(number, os.strerror(number), "/data/report.html")
    result = CliRunner().invoke(command_that_fails_with(error))
    assert result.exit_code == 3
    assert f"Error: /data/report.html cannot be written: {os.strerror(number)}" in result.output


def test_a_machine_without_a_folder_for_temporary_files_is_told_so() -> None:
    error = FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']")
    result = CliRunner().invoke(command_that_fails_with(error))
    assert (result.exit_code, "No usable temporary directory found" in result.output) == (3, True)


def test_other_errors_stay_what_they_are() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "forgotten.txt")
    assert CliRunner().invoke(command_that_fails_with(error)).exception is error


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
