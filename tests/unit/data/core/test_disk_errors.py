"""Commands on a disk that is full or that nobody may write to, as a person types them."""

import errno
import os

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
