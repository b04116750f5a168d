"""What can go wrong with a drift check, as types with a meaning (see ``dtc_data.errors``)."""

from dtc_data.errors import DtcError


class DriftCheckError(DtcError):
    """Two waves cannot be compared; the message names the wave and the column. It never means "no drift"."""

    http_status = 422
    exit_code = 10
