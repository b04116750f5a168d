"""Reads models from an MLflow registry over HTTP, for processes that must stay small: MLflow is not imported."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Final, Self

import httpx

from dtc_model.errors import ModelBrokenError, ModelUnavailableError, NoProductionVersionError
from dtc_model.rule import SegmentModel, read_model

PRODUCTION_ALIAS: Final = "production"
"""Alias of the version that labels."""

PROMOTED_AT: Final = "promoted_at"
"""Tag of a version that is or was in production."""

FROM_CATALOGUE: Final = "catalogue"
"""Value of the tag ``source`` of the version that the catalogue is."""

DOCUMENT_PATH: Final = "artifacts/persona_model.json"
"""Where a logged model keeps its JSON document."""

CATALOGUE_PATH: Final = "artifacts/catalogue.json"
"""Where a version that a catalogue became keeps that catalogue; versions of earlier days have none."""

_PAGE: Final = 200
"""Versions that are asked for at a time."""
_NOT_FOUND = "RESOURCE_DOES_NOT_EXIST"
_NO_SUCH_ALIAS = "INVALID_PARAMETER_VALUE"


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: that takes longer (25 ms) than most questions to a registry."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class RegisteredVersion:
    """A registered version and what it says about itself."""

    version: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class ServedModel:
    """A registered version and the persona model in it."""

    version: str
    model: SegmentModel


class RegistryReader:
    """Reads the versions of one registered model; safe to share between threads, not across a fork.

    Parameters
    ----------
    tracking_uri : str
        Address of the MLflow server. Nothing is connected before the first question.
    registered_model : str
        Name of the registered model.
    timeout_seconds : float
        Longest wait for the server to connect, and for each piece of its answer.
    """

    def __init__(self, tracking_uri: str, registered_model: str, *, timeout_seconds: float = 5.0) -> None:
        self._tracking_uri = tracking_uri.rstrip("/")
        self._registered_model = registered_model
        self._client = httpx.Client(base_url=self._tracking_uri, timeout=timeout_seconds, verify=trusted())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def production_version(self) -> str:
        """Return the version that carries the alias ``production``.

        Raises
        ------
        NoProductionVersionError
            If the registered model does not exist, or no version of it is in production.
        ModelUnavailableError
            If the registry cannot be reached or answers something else.
        """
        query = {"name": self._registered_model, "alias": PRODUCTION_ALIAS}
        response = self._get("/api/2.0/mlflow/registered-models/alias", query)
        if (code := _error_code(response)) in {_NOT_FOUND, _NO_SUCH_ALIAS}:
            promoted = self._last_promoted() if code == _NO_SUCH_ALIAS else None
            way_out = "put the catalogue there with `make init`"
            if promoted is not None:
                way_out = (
                    f"somebody took the alias {PRODUCTION_ALIAS!r} away, which version {promoted} had last. Say which version "
                    f"should label: make promote VERSION={promoted} BY=... WHY=..."
                )
            raise NoProductionVersionError(
                f"no version of {self._registered_model!r} is in production at {self._tracking_uri}: {way_out}"
            )
        try:
            return str(self._checked(response).json()["model_version"]["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelUnavailableError(f"{self._tracking_uri} answers, but not like an MLflow registry") from error

    def versions(self) -> list[RegisteredVersion]:
        """Return all versions, oldest first; none if the registered model does not exist.

        Raises
        ------
        ModelUnavailableError
            If the registry cannot be reached or answers something else.
        """
        query = {"filter": f"name='{self._registered_model}'", "max_results": str(_PAGE)}
        found: list[RegisteredVersion] = []
        while True:
            response = self._checked(self._get("/api/2.0/mlflow/model-versions/search", query))
            try:
                page = response.json()
                found += [_version(one) for one in page.get("model_versions", ())]
                token = page.get("next_page_token")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ModelUnavailableError(f"{self._tracking_uri} answers, but not like an MLflow registry") from error
            if not token:
                return sorted(found, key=lambda one: int(one.version))
            query["page_token"] = token

    def fetch(self, version: str) -> ServedModel:
        """Read the persona model of a version, wherever the server keeps its artifacts.

        Raises
        ------
        ModelBrokenError
            If there is no such version, it has no model document, or the document is broken.
        ModelUnavailableError
            If the registry cannot be reached or answers something else.
        """
        what = f"version {version} of {self._registered_model!r}"
        response = self._artifact(version, DOCUMENT_PATH)
        if _error_code(response) == _NOT_FOUND:
            raise ModelBrokenError(f"{what} has no model document: {response.json().get('message')}")
        try:
            model = read_model(self._checked(response).content.decode("utf-8"))
        except (UnicodeDecodeError, ModelBrokenError) as error:
            raise ModelBrokenError(f"{what}: {error}") from error
        return ServedModel(version, model)

    def fetch_text(self, version: str, path: str) -> str:
        """Read a text that the logged model of a version keeps.

        Raises
        ------
        ModelBrokenError
            If there is no such version or file, or it is not text.
        ModelUnavailableError
            If the registry cannot be reached or answers something else.
        """
        answer = self._artifact(version, path)
        if _error_code(answer) == _NOT_FOUND:
            raise ModelBrokenError(f"version {version} of {self._registered_model!r} has no {path}")
        try:
            return self._checked(answer).content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ModelBrokenError(f"{path} of version {version} of {self._registered_model!r} is not text") from error

    def fetch_catalogue(self, version: str) -> dict[str, Any] | None:
        """Read the catalogue that a version was made from, as plain JSON types; None if none was kept or it is broken.

        Raises
        ------
        ModelUnavailableError
            If the registry cannot be reached.
        """
        response = self._artifact(version, CATALOGUE_PATH)
        try:
            document: Any = response.json() if response.is_success else None
        except ValueError:
            return None
        return document if isinstance(document, dict) else None

    def _artifact(self, version: str, path: str) -> httpx.Response:
        # The route by which MLflow's own pages show a version's files: the server finds out where they are.
        query = {"name": self._registered_model, "version": version, "path": path}
        return self._get("/model-versions/get-artifact", query)

    def _last_promoted(self) -> str | None:
        """Return the version that went into production last; None if only the catalogue did, or it cannot be told."""
        try:
            promoted = {one.version: one.tags for one in self.versions() if PROMOTED_AT in one.tags}
        except ModelUnavailableError:
            return None
        if all(own.get("source") == FROM_CATALOGUE for own in promoted.values()):
            return None
        return max(promoted, key=lambda version: promoted[version][PROMOTED_AT])

    def _get(self, path: str, query: dict[str, str]) -> httpx.Response:
        try:
            return self._client.get(path, params=query)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelUnavailableError(
                f"the MLflow server at {self._tracking_uri} cannot be reached ({type(error).__name__}: {error}): "
                "start it, or correct MLFLOW_TRACKING_URI"
            ) from error

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            raise ModelUnavailableError(
                f"the MLflow server at {self._tracking_uri} answers {response.status_code} {response.reason_phrase}: "
                f"{response.text[:200].strip()}"
            )
        return response


def _version(entry: Mapping[str, Any]) -> RegisteredVersion:
    tags = {str(tag["key"]): str(tag["value"]) for tag in entry.get("tags", ())}
    return RegisteredVersion(str(int(entry["version"])), tags)


def _error_code(response: httpx.Response) -> str | None:
    """Return MLflow's error code, if this is an error of MLflow."""
    if response.is_success:
        return None
    try:
        document: Any = response.json()
    except ValueError:
        return None
    return document.get("error_code") if isinstance(document, dict) else None
