import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_model.errors import ModelBrokenError, ModelUnavailableError, NoProductionVersionError
from dtc_model.registry import RegistryReader
from dtc_model.rule import SegmentModel
from fakes.waiting import assert_once_within, seconds_of

ALIAS = "/api/2.0/mlflow/registered-models/alias"
SEARCH = "/api/2.0/mlflow/model-versions/search"
ARTIFACT = "/model-versions/get-artifact"
Answer = tuple[int, bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, Answer]], str]]:
    """Start a server that gives the same answer to every question on a path, and none on an unknown one."""
    servers: list[ThreadingHTTPServer] = []
    ended = threading.Event()

    def start(answers: dict[str, Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                if path not in answers:
                    ended.wait(60)
                status, body = answers.get(path, (200, b""))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    ended.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def error(code: str, message: str) -> bytes:
    return json.dumps({"error_code": code, "message": message}).encode()


def test_a_registry_that_is_not_there_is_unavailable_and_the_setting_is_named() -> None:
    with RegistryReader("http://127.0.0.1:1", "personas") as reader:
        for question in (reader.production_version, lambda: reader.fetch("1")):
            with pytest.raises(ModelUnavailableError, match=r"127\.0\.0\.1:1.*MLFLOW_TRACKING_URI"):
                question()


def test_a_registry_that_does_not_answer_in_time_is_unavailable(serve: Callable[[dict[str, Answer]], str]) -> None:
    url = serve({})

    def ask() -> None:
        with (
            RegistryReader(url, "personas", timeout_seconds=0.3) as reader,
            pytest.raises(ModelUnavailableError, match=r"cannot be reached .*[Tt]ime"),
        ):
            reader.production_version()

    assert_once_within(1.5, lambda: seconds_of(ask))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((403, b"Invalid Host header"), "answers 403 Forbidden: Invalid Host header"),
        ((500, b"<html>oops</html>"), "answers 500 .*oops"),
        ((503, b""), "answers 503"),
        ((404, b"<html>not MLflow</html>"), "answers 404 .*not MLflow"),
        ((200, b"<html>a login page</html>"), "answers, but not like an MLflow registry"),
        ((200, b"[]"), "answers, but not like an MLflow registry"),
        ((200, b"{}"), "answers, but not like an MLflow registry"),
        ((400, b"[1]"), "answers 400"),
    ],
)
def test_an_answer_that_is_none_of_mlflow_is_an_unavailable_registry(
    serve: Callable[[dict[str, Answer]], str], answer: Answer, words: str
) -> None:
    with RegistryReader(serve({ALIAS: answer}), "personas") as reader:
        with pytest.raises(ModelUnavailableError, match=words) as refused:
            reader.production_version()
        assert not isinstance(refused.value, NoProductionVersionError)


@pytest.mark.parametrize(
    "answer",
    [
        (404, error("RESOURCE_DOES_NOT_EXIST", "Registered Model with name=personas not found")),
        (400, error("INVALID_PARAMETER_VALUE", "Registered model alias production not found.")),
    ],
)
def test_a_registry_without_a_production_version_says_how_to_get_one(
    serve: Callable[[dict[str, Answer]], str], answer: Answer
) -> None:
    with (
        RegistryReader(serve({ALIAS: answer, SEARCH: (200, b"{}")}), "personas") as reader,
        pytest.raises(NoProductionVersionError, match=r"'personas'.*make init"),
    ):
        reader.production_version()


def test_where_the_alias_was_taken_away_it_names_the_version_that_had_it_last(
    serve: Callable[[dict[str, Answer]], str],
) -> None:
    def version(name: str, source: str, promoted_at: str) -> dict[str, Any]:
        tags = {"source": source, "promoted_at": promoted_at}
        return {"version": name, "tags": [{"key": key, "value": value} for key, value in tags.items()]}

    found = [
        version("1", "catalogue", "2025-01-01"),
        version("2", "sweep", "2025-03-01"),
        version("3", "sweep", "2025-02-01"),
    ]
    no_alias = (400, error("INVALID_PARAMETER_VALUE", "Registered model alias production not found."))
    answers = {ALIAS: no_alias, SEARCH: (200, json.dumps({"model_versions": found}).encode())}
    with (
        RegistryReader(serve(answers), "personas") as reader,
        pytest.raises(NoProductionVersionError, match="make promote VERSION=2") as refused,
    ):
        reader.production_version()
    assert "init" not in str(refused.value)


def test_a_version_is_fetched_with_its_model(
    serve: Callable[[dict[str, Answer]], str], small_catalogue: Catalogue
) -> None:
    model = SegmentModel.from_catalogue(small_catalogue)
    url = serve({ARTIFACT: (200, model.to_json().encode())})
    with RegistryReader(f"{url}/", "personas") as reader:
        served = reader.fetch("3")
    assert served.version == "3"
    assert served.model.to_json() == model.to_json()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, error("RESOURCE_DOES_NOT_EXIST", "No such artifact")), "has no model document: No such artifact"),
        ((200, b""), "not a JSON document"),
        ((200, b"\xff\xfe"), "'utf-8' codec"),
        ((200, b'{"format": 9}'), "has format 9"),
        ((200, b"<html></html>"), "not a JSON document"),
    ],
)
def test_a_version_without_a_sound_document_is_broken_and_named(
    serve: Callable[[dict[str, Answer]], str], answer: Answer, words: str
) -> None:
    with (
        RegistryReader(serve({ARTIFACT: answer}), "personas") as reader,
        pytest.raises(ModelBrokenError, match=f"version 3 of 'personas'.* {words}"),
    ):
        reader.fetch("3")


@pytest.mark.parametrize("answer", [(404, b"not MLflow"), (500, error("INTERNAL_ERROR", "bucket unreachable"))])
def test_artifacts_that_cannot_be_had_right_now_are_unavailable_not_broken(
    serve: Callable[[dict[str, Answer]], str], answer: Answer
) -> None:
    with (
        RegistryReader(serve({ARTIFACT: answer}), "personas") as reader,
        pytest.raises(ModelUnavailableError, match=f"answers {answer[0]}"),
    ):
        reader.fetch("3")
