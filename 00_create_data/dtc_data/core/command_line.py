"""What the commands that a person types have in common: the environment, and errors without a traceback."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from dotenv import dotenv_values, find_dotenv

from dtc_data.core.errors import DiskError, DtcError, SettingsError
from dtc_data.core.process_environment import settle_environment
from dtc_data.core.settings import DEFAULT_SEGMENTATION
from dtc_data.core.terminal import write_every_letter

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

SEGMENTATION_VARIABLE: Final = "SEGMENTATION"
"""Environment variable of ``SegmentationSettings.segmentation``."""
FOLDER_VARIABLE: Final = "CATALOGUE_FOLDER"
"""Environment variable of ``SegmentationSettings.catalogue_folder``."""
ALLOW_REPEATS: Final = "--allow-repeats"
"""Option of the command that ingests a file with units that gave the same answers twice in a month."""
ENV_FILE_VARIABLE: Final = "DTC_ENV_FILE"
"""Environment variable that names a file of settings to use in the place of the nearest ``.env``."""
STANDS_IN_VARIABLE: Final = "DTC_STANDS_IN"
"""Environment variable by which the Makefile says in which folder a person typed ``make -C``."""

_DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EPERM})
_NO_TEMPORARY_FOLDER: Final = "No usable temporary directory"
"""What `tempfile` says where nothing can be written at all."""


class _ReportedError(click.ClickException):
    """A `DtcError` as click shows it: the message on stderr, and the error type's own exit code."""

    def __init__(self, error: DtcError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code


class NamedFile(click.Path):
    """The path of a file that must be named: make hands on an empty text where its variable is not typed.

    Parameters
    ----------
    variable : str
        The variable of the Makefile.
    example : str
        What it may be.
    """

    def __init__(self, variable: str, example: str) -> None:
        super().__init__(path_type=Path)
        self._variable, self._example = variable, example

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if not os.fspath(value):
            self.fail(f"no file is named; with make, write {self._variable}={self._example}", param, ctx)
        return super().convert(value, param, ctx)


class DtcCommand(click.Command):
    """A click command that loads ``.env`` first and turns a `DtcError`, or a disk that takes nothing, into a message and an exit code."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Load the environment, since options may be read from it, then parse the arguments."""
        if parent is None:
            write_every_letter()
            with _errors_reported():
                load_environment()
            settle_environment()
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _errors_reported():
            return super().invoke(ctx)


class DtcGroup(DtcCommand, click.Group):
    """A group of commands with the behaviour of `DtcCommand`."""


@contextmanager
def _errors_reported() -> Iterator[None]:
    try:
        yield
    except DtcError as error:
        raise _ReportedError(error) from error
    except OSError as error:
        if error.errno not in _DISK_ERRORS and _NO_TEMPORARY_FOLDER not in str(error):
            raise
        place = error.filename or ("the output" if error.errno in _DISK_ERRORS else "a temporary file")
        raise _ReportedError(
            DiskError(f"{place} cannot be written: {error.strerror}. Make room or let it be written, then try again")
        ) from error


def load_environment() -> None:
    """Put the settings of ``DTC_ENV_FILE``, else of the nearest ``.env``, in the working directory or above, into the environment.

    What the environment holds already wins. A relative path to a catalogue counts from the folder of ``.env``, so that a
    command works the same in every folder; one that a person typed counts from where the person stands.

    Raises
    ------
    SettingsError
        If the file is there but cannot be read.
    """
    typed_in = os.environ.get(STANDS_IN_VARIABLE)
    if typed_in and (given := os.environ.get(SEGMENTATION_VARIABLE)):
        os.environ[SEGMENTATION_VARIABLE] = _from_folder(Path(typed_in), SEGMENTATION_VARIABLE, given)
    path = _env_file()
    if path is None:
        return
    for name, value in read_env_file(path).items():
        if name not in os.environ:
            os.environ[name] = value


def _env_file() -> Path | None:
    """Return the file of settings: the one that is named, else the nearest ``.env``; None where there is none (yet)."""
    path = Path(os.environ.get(ENV_FILE_VARIABLE) or find_dotenv(usecwd=True))
    return path if path.is_file() else None


def read_env_file(path: Path) -> dict[str, str]:
    """Return the settings in a ``.env`` file; relative paths to catalogues become absolute ones from its folder.

    Raises
    ------
    SettingsError
        If the file cannot be read.
    """
    try:
        values = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the settings cannot be read: {error}") from error
    return {name: _from_folder(path.parent, name, value) for name, value in values.items() if value is not None}


def is_catalogue_path(given: str) -> bool:
    """Tell whether what names a segmentation is the path of a file and not a name."""
    return "/" in given or os.sep in given or given.endswith((".yaml", ".yml"))


def _from_folder(folder: Path, name: str, value: str) -> str:
    is_path = name == FOLDER_VARIABLE or (name == SEGMENTATION_VARIABLE and is_catalogue_path(value))
    return str(folder.absolute() / value) if is_path and value else value


def usual_segmentation() -> str:
    """Return what commands act on where nobody names a segmentation: by the nearest ``.env``, else the default one."""
    path = _env_file()
    named = read_env_file(path).get(SEGMENTATION_VARIABLE) if path else None
    return named or DEFAULT_SEGMENTATION


def segmentation_option(command: Decorated) -> Decorated:
    """Add the option ``--segmentation`` to a command, which gets it as ``segmentation``; None stands for the setting's."""
    return click.option(
        "--segmentation",
        metavar="NAME|FILE",
        help=f"Name of a catalogue in its folder, or path of a catalogue file. Default: {SEGMENTATION_VARIABLE}, else "
        f"{DEFAULT_SEGMENTATION}.",
    )(command)
