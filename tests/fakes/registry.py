"""Stand-ins for the model registry: a server that speaks the calls of ``RegistryReader``, and a shelf without a server."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from dtc_model.errors import ModelBrokenError, ModelUnavailableError
from dtc_model.registry import PRODUCTION_ALIAS, ServedModel
from dtc_model.registry.registry_reader import DOCUMENT_PATH
from dtc_model.rule import SegmentModel
from fakes.ports import free_port


class ModelShelf:
    """A registry in memory, for tests that need no HTTP; it counts how often a model is fetched."""

    def __init__(self, models: dict[str, SegmentModel]) -> None:
        self.models = models
        self.production: str | None = None
        self.failure: Exception | None = None
        self.fetched: list[str] = []

    def production_version(self) -> str:
        """Return the version in production, unless told to fail."""
        if self.failure is not None:
            raise self.failure
        if self.production is None:
            raise ModelUnavailableError("nothing is in production")
        return self.production

    def fetch(self, version: str) -> ServedModel:
        """Return the model of a version."""
        self.fetched.append(version)
        if version not in self.models:
            raise ModelBrokenError(f"version {version} is broken")
        return ServedModel(version, self.models[version])


class FakeRegistry:
    """A local server that answers like MLflow's registry for one registered model.

    >>> with FakeRegistry("my_model") as registry:  # doctest: +SKIP
    ...     registry.add("1", model.to_json())
    ...     registry.production = "1"
    ...     RegistryReader(registry.url, "my_model").production_version()
    '1'

    ``stop`` and ``start`` take it down and up again at the same address.
    """

    def __init__(self, registered_model: str) -> None:
        self.registered_model = registered_model
        self.production: str | None = None
        self.requests: list[str] = []
        """Paths of all requests so far."""
        self._documents: dict[str, bytes] = {}
        self._port = free_port()  # none of those that go to clients: it must be free again after `stop`
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._port}"

    def add(self, version: str, document: str | bytes) -> None:
        """Register a version with a document, right or broken."""
        self._documents[version] = document.encode() if isinstance(document, str) else document

    def start(self) -> None:
        """Answer requests."""
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                registry.requests.append(address.path)
                query = {key: values[0] for key, values in parse_qs(address.query).items()}
                status, body = registry._answer(address.path, query)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Keep the test output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        known = query.get("name") == self.registered_model
        if path == "/api/2.0/mlflow/registered-models/alias":
            if not known:
                return _refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={query['name']} not found")
            if query.get("alias") != PRODUCTION_ALIAS or self.production is None:
                return _refusal(400, "INVALID_PARAMETER_VALUE", f"Registered model alias {query['alias']} not found.")
            version = {"name": self.registered_model, "version": self.production}
            return 200, json.dumps({"model_version": version}).encode()
        if path == "/model-versions/get-artifact" and known:
            document = self._documents.get(query["version"])
            if document is not None and query.get("path") == DOCUMENT_PATH:
                return 200, document
            return _refusal(404, "RESOURCE_DOES_NOT_EXIST", f"No such artifact: '{query.get('path')}'")
        return _refusal(404, "ENDPOINT_NOT_FOUND", path)


def _refusal(status: int, code: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error_code": code, "message": message}).encode()
