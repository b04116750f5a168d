"""A request as a client sends it: one unit near each segment."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
from dtc_data.catalogue import Catalogue, Segmentation, answer_columns
from dtc_model.rule import Encoder
from pydantic import SecretStr

from dtc_service.errors import ServiceUnreachableError

NEARNESS = 0.9
"""Weight of the own centroid in an example unit; the rest is the next segment's."""

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class ExampleAnswer:
    """What the service said about the example units."""

    near: tuple[str, ...]
    """The segment that each unit was made from."""
    labels: tuple[int, ...]
    segments: tuple[str, ...]
    model_version: str


def example_units(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Make one unit near each segment, always the same, by feature name.

    Each lies on the way from one centroid to the next, so the answers stay within the catalogue's ranges. Where only whole
    numbers or values are answers it gives the nearest, or the most frequent.
    """
    own = catalogue.centroids
    between = NEARNESS * own + (1 - NEARNESS) * np.roll(own, -1, axis=0)
    answers = Encoder.of_catalogue(catalogue).typical_answers(between)
    columns = answer_columns(answers, catalogue.features)
    return [
        {
            name: column[row].item() if isinstance(column[row], np.generic) else column[row]
            for name, column in columns.items()
        }
        for row in range(len(answers))
    ]


def send_examples(service_url: str, segmentation: Segmentation, api_key: SecretStr | None = None) -> ExampleAnswer:
    """Send the example units to the service by feature name, to the address of their segmentation.

    Raises
    ------
    ServiceUnreachableError
        If the service cannot be reached, answers an error, or answers something else than labels.
    """
    catalogue = segmentation.catalogue
    rows = example_units(catalogue)
    headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"} if api_key else {}
    try:
        address = f"{service_url}/predict/{quote(segmentation.name)}"
        answer = httpx.post(address, json=rows, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise ServiceUnreachableError(
            f"the service at {service_url} does not answer ({error}): start it with make gunicorn, "
            "or correct SERVICE_HOST and SERVICE_PORT"
        ) from error
    if not answer.is_success:
        raise ServiceUnreachableError(f"the service at {service_url} answers {answer.status_code}: {_message(answer)}")
    try:
        content = answer.json()
        labels, version = content["labels"], content["model_version"]
        segments = content[f"{catalogue.segment_column}s"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceUnreachableError(f"{service_url} answers, but is not the service of {catalogue.name!r}") from error
    return ExampleAnswer(catalogue.segment_names, tuple(labels), tuple(segments), version)


def _message(answer: httpx.Response) -> str:
    """Return the message in an error of the service; whatever else answers has only its text."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
