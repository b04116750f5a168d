"""What the commands that a person types have in common: the environment, and errors without a traceback."""

import errno
import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from dotenv import dotenv_values, find_dotenv

from dtc_data.core.errors import DiskError, DtcError, SettingsError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CATALOGUE_VARIABLE: Final = "PERSONA_CATALOGUE"
"""Environment variable of ``CatalogueSettings.persona_catalogue``."""


_DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EPERM})
_NO_TEMPORARY_FOLDER: Final = "No usable temporary directory"
"""What `tempfile` says where nothing can be written at all."""


class _ReportedError(click.ClickException):
    """A `DtcError` as click shows it: the message on stderr, and the error type's own exit code."""

    def __init__(self, error: DtcError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code


class DtcCommand(click.Command):
    """A click command that loads ``.env`` first and turns a `DtcError`, or a disk that takes nothing, into a message and an exit code."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Load the environment, since options may be read from it, then parse the arguments."""
        if parent is None:
            with _errors_reported():
                load_environment()
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
    """Put the settings of the nearest ``.env``, in the working directory or above, into the environment.

    What the environment holds already wins. A relative path to the catalogue counts from the folder of ``.env``, so that
    a command works the same in every folder.

    Raises
    ------
    SettingsError
        If the file is there but cannot be read.
    """
    path = find_dotenv(usecwd=True)
    if not path:
        return
    try:
        values = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the settings cannot be read: {error}") from error
    for name, value in values.items():
        if value is None or name in os.environ:
            continue
        is_path = name == CATALOGUE_VARIABLE and value
        os.environ[name] = str(Path(path).parent / value) if is_path else value


def catalogue_as_typed() -> str:
    """Give ``PERSONA_CATALOGUE=… `` as it must stand before a command that shall act on the same catalogue as this one.

    Empty if it is the catalogue that commands act on anyway, by ``.env``, or none is given.
    """
    if not (given := os.environ.get(CATALOGUE_VARIABLE, "")):
        return ""
    path = find_dotenv(usecwd=True)
    usual = (dotenv_values(path).get(CATALOGUE_VARIABLE) if path else None) or given
    if (Path(path).parent / usual).resolve() == Path(given).resolve() or usual == given:
        return ""
    return f"{CATALOGUE_VARIABLE}={shlex.quote(given)} "


def catalogue_option(default: Path) -> Callable[[Decorated], Decorated]:
    """Add the option ``--catalogue`` to a command: the option, else PERSONA_CATALOGUE, else a default."""
    return click.option(
        "--catalogue",
        "catalogue_path",
        type=click.Path(path_type=Path),
        envvar=CATALOGUE_VARIABLE,
        default=default,
        show_default=default.name,
        show_envvar=True,
        help="The catalogue.",
    )
