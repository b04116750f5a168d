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
    """The catalogue cannot be used; the message names the file and the entry."""

    exit_code = 2


class UnknownSegmentationError(CatalogueError):
    """There is no segmentation of that name; the message lists those that there are."""

    http_status = 404


class SurveyFileError(DtcError):
    """A survey file cannot be ingested; the message names the file, the row and the column."""

    http_status = 400
    exit_code = 3


class LayoutError(DtcError):
    """A description of a retailer's files, such as ``transactions.yaml``, cannot be used; the message names the entry."""

    exit_code = 2


class TransactionsError(DtcError):
    """Transactions cannot be used; the message names the file, the line and the column, or what the lines lack."""

    http_status = 400
    exit_code = 3


class RetailDataError(DtcError):
    """A retailer's files cannot be used; the message names the file or table, the check and the way out."""

    http_status = 400
    exit_code = 3


class AnswersError(DtcError):
    """Answers cannot be labelled or trained on as they are; the message names the row and the feature."""

    http_status = 400
    exit_code = 3


class UnitTableError(DtcError):
    """The unit table and what should be written to it do not fit together."""

    http_status = 409
    exit_code = 3


class WaveError(DtcError):
    """A wave is not written like ``2025-01``, or holds no units."""

    http_status = 404
    exit_code = 4


class DiskError(DtcError):
    """A disk is full, or may not be written to; the message names the place."""

    exit_code = 3


class DatabaseUnavailableError(DtcError):
    """Postgres cannot be reached or refuses the login."""

    http_status = 503
    exit_code = 5


class RunStepError(DtcError):
    """A step of a pipeline run failed in another execution of the same run; the message is that error's."""

    exit_code = 13
