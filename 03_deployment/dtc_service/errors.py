"""What can go wrong between a client and the service, as types with a meaning (see ``dtc_data.core.errors``).

Where an error concerns one row or field of a request, it says so in attributes beside the message. Rows count from 0.
"""

from dtc_data.core import DtcError


class InvalidRequestError(DtcError):
    """The body of a request cannot be read as respondents.

    Parameters
    ----------
    message : str
        What is wrong and what is expected, with row and field; it never repeats an answer.
    row : int, optional
        Position of the respondent in the request, from 0.
    field : str, optional
        Name of the field, as the client wrote it or as the catalogue names it.
    """

    http_status = 400
    exit_code = 3

    def __init__(self, message: str, *, row: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.row = row
        self.field = field


class StalledRequestError(DtcError):
    """A client stopped in the middle of a body."""

    http_status = 408
    exit_code = 3


class TooLargeError(DtcError):
    """A request has more rows or bytes than the service takes; the message names the limit."""

    http_status = 413
    exit_code = 3


class UnsupportedMediaTypeError(DtcError):
    """A body is declared as something that the service does not read; the message names what it reads."""

    http_status = 415
    exit_code = 3


class NotAcceptableError(DtcError):
    """A client takes none of the types in which answers are written; the message names them."""

    http_status = 406
    exit_code = 3


class NotBuiltInError(DtcError):
    """The service was installed without the packages for what is asked; the message says how to get them."""

    http_status = 501
    exit_code = 3


class UnauthorizedError(DtcError):
    """A request comes without one of the API keys."""

    http_status = 401
    exit_code = 3


class ApiKeysError(DtcError):
    """The file of API keys cannot be used; the message names the line."""

    http_status = 500
    exit_code = 2


class NoModelError(DtcError):
    """No model has been loaded yet; the service loads one by itself as soon as the registry has it."""

    http_status = 503
    exit_code = 6

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ServiceUnreachableError(DtcError):
    """The service does not answer, or answers with an error."""

    http_status = 502
    exit_code = 11


class NoFormulaError(DtcError):
    """A rule has a part that a spreadsheet cannot compute; the message names it and says why."""

    http_status = 422
    exit_code = 3


class OutputError(DtcError):
    """A file cannot be written where it was asked for."""

    http_status = 500
    exit_code = 2
