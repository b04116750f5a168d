"""A response, before a server or Flask sends it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from dtc_service.formats import JSON

_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Status, body and headers."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def status_line(self) -> str:
        """Status and reason, as WSGI wants them."""
        return _REASONS.get(self.status) or f"{self.status} Unknown"

    def all_headers(self) -> list[tuple[str, str]]:
        """Headers with type and length of the body."""
        own = [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))]
        return [*own, *self.headers]


def json_response(content: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> HttpResponse:
    """Return a response with a JSON document."""
    return HttpResponse(status, msgspec.json.encode(content), JSON, headers)
