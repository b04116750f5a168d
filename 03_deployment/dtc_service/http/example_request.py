"""A request as a client sends it: one respondent near each persona."""

from dataclasses import dataclass

import httpx
import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Catalogue
from pydantic import SecretStr

from dtc_service.errors import ServiceUnreachableError

NEARNESS = 0.9
"""Weight of the own centroid in an example respondent; the rest is the next persona's."""

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class ExampleAnswer:
    """What the service said about the example respondents."""

    near: tuple[str, ...]
    """The persona that each respondent was made from."""
    labels: tuple[int, ...]
    segments: tuple[str, ...]
    model_version: str


def example_units(catalogue: Catalogue) -> npt.NDArray[np.float64]:
    """Make one respondent near each persona, ``(n_segments, n_features)``, always the same.

    Each lies on the way from one centroid to the next, so the answers stay within the catalogue's ranges.
    """
    own = catalogue.centroids
    return NEARNESS * own + (1 - NEARNESS) * np.roll(own, -1, axis=0)


def send_examples(service_url: str, catalogue: Catalogue, api_key: SecretStr | None = None) -> ExampleAnswer:
    """Send the example respondents to the service by feature name.

    Raises
    ------
    ServiceUnreachableError
        If the service cannot be reached, answers an error, or answers something else than labels.
    """
    rows = [dict(zip(catalogue.feature_names, row, strict=True)) for row in example_units(catalogue).tolist()]
    headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"} if api_key else {}
    try:
        answer = httpx.post(f"{service_url}/predict", json=rows, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        raise ServiceUnreachableError(
            f"the service at {service_url} does not answer ({error}): start it with make gunicorn, "
            "or correct SERVICE_HOST and SERVICE_PORT"
        ) from error
    if not answer.is_success:
        raise ServiceUnreachableError(f"the service at {service_url} answers {answer.status_code}: {_message(answer)}")
    try:
        content = answer.json()
        labels, segments, version = content["labels"], content["personas"], content["model_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceUnreachableError(f"{service_url} answers, but is not the persona service") from error
    return ExampleAnswer(catalogue.segment_names, tuple(labels), tuple(segments), version)


def _message(answer: httpx.Response) -> str:
    """Return the message in an error of the service; whatever else answers has only its text."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
