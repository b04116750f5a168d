"""The service under Gunicorn: promotions, outages of the registry, clients of all kinds, and what is logged."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_service.settings import ServiceSettings
from fakes.registry import FakeRegistry
from fakes.running_service import ANSWER_SECONDS, Load, RunningService
from fakes.waiting import assert_once_within, wait_until

pytestmark = pytest.mark.integration

RELOAD_SECONDS = 1.0
N_WORKERS = 2
"""What the fixtures set."""
N_THREADS = ServiceSettings.model_fields["threads"].default


def labels_of(version: str, catalogue: Catalogue) -> list[int]:
    """What the two versions of the fixture give to the catalogue's centroids."""
    return list(catalogue.segment_ids if version == "1" else catalogue.segment_ids[::-1])


def test_it_labels_and_is_ready(steady_service: RunningService, catalogue: Catalogue) -> None:
    answer = steady_service.post("/predict", json=catalogue.centroids.tolist())
    assert answer.json() == {
        "labels": labels_of("1", catalogue),
        "personas": list(catalogue.segment_names),
        "model_version": "1",
    }
    assert steady_service.get("/readyz").json()["status"] == "ready"


@pytest.mark.usefixtures("service")
def test_the_registry_is_asked_often_and_the_model_fetched_once_per_worker(registry: FakeRegistry) -> None:
    alias, artifact = "/api/2.0/mlflow/registered-models/alias", "/model-versions/get-artifact"
    wait_until(lambda: registry.requests.count(alias) >= 3 * N_WORKERS)
    assert registry.requests.count(artifact) == N_WORKERS


def test_a_promotion_is_served_in_time_without_a_failed_or_mixed_answer(
    service: RunningService, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    def loaded() -> int:
        return service.log.count("model loaded")

    def seconds_of_a_promotion() -> float:
        old = registry.production
        before, new = loaded(), "2" if old == "1" else "1"
        promoted, registry.production = time.monotonic(), new
        wait_until(lambda: loaded() == before + N_WORKERS, lambda: service.log)
        everywhere, answered = time.monotonic(), len(load.answers)
        wait_until(lambda: len(load.answers) > answered + 50)
        assert {answer.version for answer in load.answers if answer.sent > everywhere} == {new}
        return max(answer.sent for answer in load.answers if answer.version == old) - promoted

    with Load(service, catalogue.centroids.tolist()) as load:
        wait_until(lambda: len(load.answers) > 10)
        assert_once_within(RELOAD_SECONDS, seconds_of_a_promotion)
    assert load.failures == []
    assert {answer.version for answer in load.answers} == {"1", "2"}
    assert all(answer.labels == labels_of(answer.version, catalogue) for answer in load.answers)


def test_a_broken_version_is_not_served(service: RunningService, registry: FakeRegistry) -> None:
    registry.production = "3"
    wait_until(lambda: service.log.count("model not refreshed") == N_WORKERS)
    assert service.versions_seen() == {"1"}
    assert "version 3" in service.get("/readyz").json()["problem"]


def test_an_outage_of_the_registry_harms_nobody_and_ends_by_itself(
    service: RunningService, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    with Load(service, catalogue.centroids.tolist(), n_threads=1) as load:
        registry.stop()
        wait_until(lambda: service.metric("dtc_model_load_failures_total") >= 6 * N_WORKERS, lambda: service.log)
        # Each problem is logged once and not at each look; a worker may see a dropped connection before refused ones.
        assert N_WORKERS <= service.log.count("model not refreshed") <= 2 * N_WORKERS
        registry.production = "2"
        registry.start()
        wait_until(lambda: service.versions_seen() == {"2"})
    assert load.failures == []


def test_a_start_without_registry_asks_for_patience_and_recovers(
    service_without_registry: RunningService, registry: FakeRegistry
) -> None:
    asked = service_without_registry
    for answer in (asked.get("/readyz"), asked.post("/predict", json=[])):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
    registry.start()
    wait_until(lambda: asked.get("/readyz").is_success)
    wait_until(lambda: asked.post("/predict", json=[]).is_success)


def test_a_request_in_flight_is_answered_after_sigterm(service: RunningService, catalogue: Catalogue) -> None:
    body = json.dumps(catalogue.centroids.tolist()).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", service.port), ANSWER_SECONDS) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 "), "a worker has it in its hands"
        connection.sendall(body[:50])
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in service.log, lambda: service.log)
        time.sleep(0.5)  # the workers have been told, too
        connection.sendall(body[50:])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["labels"] == labels_of("1", catalogue)
    assert service.process.wait(60) == 0


def test_a_client_with_too_large_a_body_gets_the_reason(steady_service: RunningService) -> None:
    answer = steady_service.post("/predict", content=b"[" + b" " * 3 * 2**20 + b"]")
    assert answer.status_code == 413
    assert f"{2**20} bytes" in answer.json()["error"]["message"]


def test_a_body_sent_in_chunks_is_read_up_to_the_limit(steady_service: RunningService, catalogue: Catalogue) -> None:
    def chunks(filling: bytes) -> Iterator[bytes]:
        yield b"["
        yield filling
        yield json.dumps(catalogue.centroids.tolist()).encode()[1:]

    answer = steady_service.post("/predict", content=chunks(b" " * 1000))
    assert answer.json()["labels"] == labels_of("1", catalogue)
    assert steady_service.post("/predict", content=chunks(b" " * 2**20)).status_code == 413


def test_clients_that_say_nothing_hold_up_nobody(steady_service: RunningService) -> None:
    silent = [socket.create_connection(("127.0.0.1", steady_service.port)) for _ in range(4 * N_THREADS)]
    try:
        time.sleep(0.2)
        assert steady_service.get("/healthz").status_code == 200
    finally:
        for connection in silent:
            connection.close()


def test_slow_clients_hold_up_nobody(steady_service: RunningService) -> None:
    slow = [socket.create_connection(("127.0.0.1", steady_service.port)) for _ in range(N_THREADS - 1)]
    try:
        for connection in slow:
            connection.sendall(b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n[")
        time.sleep(0.2)
        assert steady_service.versions_seen() == {"1"}
    finally:
        for connection in slow:
            connection.close()


def test_no_answer_of_a_unit_is_logged(steady_service: RunningService, catalogue: Catalogue) -> None:
    rows: list[Any] = catalogue.centroids.tolist()
    for value in (8.315279643, "8.315279643", 8.315279643e200):  # labelled, refused by the reader, refused by the model
        rows[0][1] = value
        steady_service.post("/predict?note=8.315279643", json=rows)
    steady_service.get("/the-end")
    wait_until(lambda: "/the-end" in steady_service.log)
    assert (
        "315279643" not in steady_service.log
    )  # so many digits that no id of a request and no time holds them by chance


def test_a_request_id_is_in_the_answer_and_in_the_log(steady_service: RunningService) -> None:
    sent = steady_service.post("/predict", json=[], headers={"X-Request-Id": "trace-of-a-test"})
    made = steady_service.get("/model").headers["X-Request-Id"]
    assert sent.headers["X-Request-Id"] == "trace-of-a-test"
    wait_until(lambda: "trace-of-a-test" in steady_service.log and made in steady_service.log)
