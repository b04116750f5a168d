"""What can go wrong, as types with a meaning.

One root and one class for each thing that a caller can act on. Each class carries the HTTP status that a service answers
and the exit code that a command ends with, so that nobody translates errors twice.
"""

from typing import ClassVar


class DtcError(Exception):
    """Root of all errors that the product raises on purpose; the message says what, where and what to do next."""

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1


class SettingsError(DtcError):
    """A setting or an argument is missing, unknown or wrong; the message names it."""

    exit_code = 2


class CatalogueError(DtcError):
    """The persona catalogue cannot be used; the message names the file and the entry."""

    exit_code = 2


class SurveyFileError(DtcError):
    """A survey file cannot be ingested; the message names the file, the row and the column."""

    http_status = 400
    exit_code = 3


class UnitTableError(DtcError):
    """The respondent table and what should be written to it do not fit together."""

    http_status = 409
    exit_code = 3


class WaveError(DtcError):
    """A wave is not written like ``2025-01``, or holds no respondents."""

    http_status = 404
    exit_code = 4


class DiskError(DtcError):
    """A disk is full, or may not be written to; the message names the place."""

    exit_code = 3


class DatabaseUnavailableError(DtcError):
    """Postgres cannot be reached or refuses the login."""

    http_status = 503
    exit_code = 5
