"""How the fake Telegram may treat a call."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """How the server treats one call: a status with a body, or silence, or a closed connection."""

    status: int = 200
    body: dict[str, Any] | bytes | None = None
    """JSON document, raw bytes, or None for what Telegram answers."""
    delay_seconds: float = 0.0
    hang_up: bool = False


OK = Reply()
HANG_UP = Reply(hang_up=True)


def error(status: int, description: str, **parameters: int) -> Reply:
    """Refuse a call in the form that Telegram does."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Reply(status, body | ({"parameters": parameters} if parameters else {}))


SERVER_ERROR = error(500, "Internal Server Error")
BLOCKED = error(403, "Forbidden: bot was kicked from the group chat")
UNAUTHORIZED = error(401, "Unauthorized")
CONFLICT = error(
    409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


def too_many_requests(retry_after_seconds: int) -> Reply:
    """Ask to wait."""
    description = f"Too Many Requests: retry after {retry_after_seconds}"
    return error(429, description, retry_after=retry_after_seconds)


def upgraded(new_chat_id: int) -> Reply:
    """Say that the group has another id since it became a supergroup."""
    return error(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new_chat_id)
