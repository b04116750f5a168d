"""How the bot reads Telegram's updates: one that nobody can read must not hold up those behind it."""

from typing import Any

import structlog
from telegram import Update
from telegram.request import HTTPXRequest

_log = structlog.get_logger()


class AskingRequest(HTTPXRequest):
    """The connection on which updates arrive.

    The library reads all updates of an answer or none. Telegram sends what was not confirmed again, so one that it cannot
    read would be all that the bot ever gets.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; of an update that cannot be read only its number is left."""
        reply: dict[str, Any] = HTTPXRequest.parse_json_payload(payload)
        if isinstance(reply, dict) and isinstance(reply.get("result"), list):
            return reply | {"result": [_readable(update) for update in reply["result"]]}
        return reply


def _readable(update: Any) -> Any:
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise TypeError("an update without a number")
    try:
        Update.de_json(update, None)
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over
        _log.warning("ignored an update that cannot be read", update_id=update["update_id"], reason=repr(error))
        return {"update_id": update["update_id"]}
    return update
