"""What can go wrong between a person and the dashboard, as types with a meaning (see ``dtc_data.core.errors``)."""

from typing import Final

from dtc_data.core import DtcError

FIGURES_PENDING: Final = "These figures are being worked out for the first time. Ask again in a few seconds."


class UsersFileError(DtcError):
    """The file of users cannot be used; the message names the line."""

    http_status = 500
    exit_code = 2


class ServiceRefusesError(DtcError):
    """The prediction service refuses what it was sent; the message is its own, with row and field."""

    http_status = 400
    exit_code = 3


class ServiceDownError(DtcError):
    """The prediction service does not answer, or has no model yet."""

    http_status = 503
    exit_code = 11


class UploadError(DtcError):
    """An uploaded file cannot be read; the message names the file, the row and the column."""

    http_status = 400
    exit_code = 3


class DrawingError(DtcError):
    """A picture or the browser's Vega cannot be made; the numbers are on the page all the same."""

    http_status = 500
    exit_code = 1


class FiguresPendingError(DtcError):
    """Figures are being made for the first time; whoever asks again in a moment gets them."""

    http_status = 503
    exit_code = 11

    def __init__(self) -> None:
        super().__init__(FIGURES_PENDING)
