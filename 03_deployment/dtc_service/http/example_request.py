"""A request as a client sends it, with one unit near each segment, and what came back."""

from dataclasses import dataclass
from urllib.parse import quote

import httpx
from dtc_data.catalogue import Segmentation
from pydantic import SecretStr

from dtc_service.errors import ServiceUnreachableError
from dtc_service.http.example_units import example_units

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class ExampleResponse:
    """What the service said about the example units."""

    near: tuple[str, ...]
    """The segment that each unit was made from."""
    labels: tuple[int, ...]
    segments: tuple[str, ...]
    model_version: str


def send_examples(service_url: str, segmentation: Segmentation, api_key: SecretStr | None = None) -> ExampleResponse:
    """Send the example units to the service by feature name, to the address of their segmentation.

    Raises
    ------
    ServiceUnreachableError
        If the service cannot be reached, answers an error, or answers something other than labels.
    """
    catalogue = segmentation.catalogue
    rows = example_units(catalogue)
    headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"} if api_key else {}
    try:
        address = f"{service_url}/predict/{quote(segmentation.name)}"
        response = httpx.post(address, json=rows, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise ServiceUnreachableError(
            f"the service at {service_url} does not answer ({error}): start it with make gunicorn, "
            "or correct SERVICE_HOST and SERVICE_PORT"
        ) from error
    if not response.is_success:
        raise ServiceUnreachableError(
            f"the service at {service_url} answers {response.status_code}: {_message(response)}"
        )
    try:
        content = response.json()
        labels, version = content["labels"], content["model_version"]
        segments = content[f"{catalogue.segment_column}s"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceUnreachableError(f"{service_url} answers, but is not the service of {catalogue.name!r}") from error
    return ExampleResponse(catalogue.segment_names, tuple(labels), tuple(segments), version)


def _message(response: httpx.Response) -> str:
    """Return the message in an error of the service; whatever else answers has only its text."""
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
