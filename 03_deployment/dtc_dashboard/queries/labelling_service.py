"""The prediction service as the dashboard asks it: over HTTP, as any client does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from dtc_dashboard.errors import ServiceDownError, ServiceRefusesError

TIMEOUT_SECONDS: Final = 60.0
"""Longest wait for an answer; a chunk of a file takes a second or two."""
_CONNECT_SECONDS: Final = 3.0


@dataclass(frozen=True)
class LabellingService:
    """The service at an address."""

    url: str
    api_key: SecretStr | None = None

    def label(self, name: str, units: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what the service says in full about units, each given by feature name.

        Raises
        ------
        ServiceRefusesError
            If an answer cannot be labelled; the message names row and field.
        ServiceDownError
            If the service does not answer.
        """
        return dict(self._post(name, "application/json", json=list(units)).json())

    def _post(self, name: str, content_type: str, *, accept: str = "application/json", **body: Any) -> httpx.Response:
        headers = {"Content-Type": content_type, "Accept": accept}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key.get_secret_value()}"
        address = f"{self.url}/predict/{quote(name)}"
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
        try:
            answer = httpx.post(address, params={"detail": "full"}, headers=headers, timeout=timeout, **body)
        except httpx.HTTPError as error:
            raise ServiceDownError(
                f"the prediction service at {self.url} does not answer ({type(error).__name__}): `make status` says how it is"
            ) from error
        if answer.is_success:
            return answer
        refused = answer.status_code in {400, 413, 422}
        raise (ServiceRefusesError if refused else ServiceDownError)(_message(answer))


def _message(answer: httpx.Response) -> str:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"the prediction service answers {answer.status_code}"
    place = [f"row {error['row'] + 1}"] if error.get("row") is not None else []
    place += [str(error["field"])] if error.get("field") else []
    return f"{', '.join(place)}: {error['message']}" if place else str(error["message"])
