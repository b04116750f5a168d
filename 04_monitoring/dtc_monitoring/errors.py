"""What can go wrong with a drift check or the bot, as types with a meaning (see ``dtc_data.core.errors``)."""

from dtc_data.core import DtcError


class DriftCheckError(DtcError):
    """Two waves cannot be compared; the message names the wave and the column. It never means "no drift"."""

    http_status = 422
    exit_code = 10


class BotRunsAlreadyError(DtcError):
    """Another bot asks Telegram for the same updates."""

    http_status = 409
    exit_code = 12
