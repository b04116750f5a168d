import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import httpx
import psutil
import pytest
from dtc_data import Catalogue
from dtc_service.settings import ServiceSettings
from dtc_stack.settings import PROJECT_FOLDER
from fakes.registry import FakeRegistry
from fakes.waiting import wait_until

pytestmark = pytest.mark.integration

RELOAD_SECONDS = 1.0
N_WORKERS = 2
"""What the fixtures set."""
N_THREADS = ServiceSettings.model_fields["threads"].default


def labels_of(version: str, catalogue: Catalogue) -> list[int]:
    """What the two versions of the fixture give to the catalogue's centroids."""
    return list(catalogue.segment_ids if version == "1" else catalogue.segment_ids[::-1])


class Load:
    """Sends the centroids again and again from several threads, each on a connection of its own."""

    def __init__(self, url: str, rows: list[list[float]], n_threads: int = 3) -> None:
        self.answers: list[tuple[float, dict[str, Any]]] = []
        self.failures: list[str] = []
        self._url, self._rows = url, rows
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(n_threads)]

    def _send(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._ended.is_set():
                try:
                    answer = client.post(f"{self._url}/predict", json=self._rows)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.is_success:
                    self.answers.append((time.monotonic(), answer.json()))
                else:
                    self.failures.append(answer.text)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def versions_seen(url: str, n_requests: int = 20) -> set[str]:
    """Ask on fresh connections, so that every worker gets its turn."""
    return {httpx.post(f"{url}/predict", json=[]).json()["model_version"] for _ in range(n_requests)}


def test_it_labels_and_is_ready(steady_service: Any, catalogue: Catalogue) -> None:
    answer = httpx.post(f"{steady_service.url}/predict", json=catalogue.centroids.tolist())
    assert answer.json() == {
        "labels": labels_of("1", catalogue),
        "personas": list(catalogue.segment_names),
        "model_version": "1",
    }
    assert httpx.get(f"{steady_service.url}/readyz").json()["status"] == "ready"


@pytest.mark.usefixtures("service")
def test_the_registry_is_asked_often_and_the_model_fetched_once_per_worker(registry: FakeRegistry) -> None:
    alias, artifact = "/api/2.0/mlflow/registered-models/alias", "/model-versions/get-artifact"
    wait_until(lambda: registry.requests.count(alias) >= 3 * N_WORKERS, 10 * RELOAD_SECONDS)
    assert registry.requests.count(artifact) == N_WORKERS


def test_a_promotion_is_served_in_time_without_a_failed_or_mixed_answer(
    service: Any, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    with Load(service.url, catalogue.centroids.tolist()) as load:
        wait_until(lambda: len(load.answers) > 10, 10)
        registry.production = "2"
        promoted = time.monotonic()
        time.sleep(RELOAD_SECONDS + 0.5)  # long enough to see an answer that comes too late
    assert load.failures == []
    versions = {answer["model_version"] for _, answer in load.answers}
    assert versions == {"1", "2"}
    for _, answer in load.answers:
        assert answer["labels"] == labels_of(answer["model_version"], catalogue)
    late = [moment - promoted for moment, answer in load.answers if answer["model_version"] == "1"]
    assert max(late) < RELOAD_SECONDS
    assert versions_seen(service.url) == {"2"}


def test_a_broken_version_is_not_served(service: Any, registry: FakeRegistry) -> None:
    registry.production = "3"
    wait_until(lambda: service.log.count("model not refreshed") == N_WORKERS, 10 * RELOAD_SECONDS)
    assert versions_seen(service.url) == {"1"}
    assert "version 3" in httpx.get(f"{service.url}/readyz").json()["problem"]


def test_an_outage_of_the_registry_harms_nobody_and_ends_by_itself(
    service: Any, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    with Load(service.url, catalogue.centroids.tolist(), n_threads=1) as load:
        registry.stop()
        wait_until(lambda: service.log.count("model not refreshed") >= N_WORKERS, 10 * RELOAD_SECONDS)
        time.sleep(RELOAD_SECONDS)  # a worker may see a dropped connection before it sees refused ones
        warnings = service.log.count("model not refreshed")
        time.sleep(2 * RELOAD_SECONDS)
        assert service.log.count("model not refreshed") == warnings
        registry.production = "2"
        registry.start()
        wait_until(lambda: versions_seen(service.url) == {"2"}, 10 * RELOAD_SECONDS)
    assert load.failures == []


def test_a_start_without_registry_asks_for_patience_and_recovers(
    service_without_registry: Any, registry: FakeRegistry
) -> None:
    url = service_without_registry.url
    for answer in (httpx.get(f"{url}/readyz"), httpx.post(f"{url}/predict", json=[])):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
    registry.start()
    wait_until(lambda: httpx.get(f"{url}/readyz").is_success, 10 * RELOAD_SECONDS)
    wait_until(lambda: httpx.post(f"{url}/predict", json=[]).is_success, 10 * RELOAD_SECONDS)


def test_a_request_in_flight_is_answered_after_sigterm(service: Any, catalogue: Catalogue) -> None:
    body = json.dumps(catalogue.centroids.tolist()).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(head + body[:50])
        time.sleep(0.3)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(body[50:])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["labels"] == labels_of("1", catalogue)
    assert service.process.wait(10) == 0


def test_a_client_with_too_large_a_body_gets_the_reason(steady_service: Any) -> None:
    answer = httpx.post(f"{steady_service.url}/predict", content=b"[" + b" " * 3 * 2**20 + b"]", timeout=10)
    assert answer.status_code == 413
    assert f"{2**20} bytes" in answer.json()["error"]["message"]


def test_a_body_sent_in_chunks_is_read_up_to_the_limit(steady_service: Any, catalogue: Catalogue) -> None:
    def chunks(filling: bytes) -> Iterator[bytes]:
        yield b"["
        yield filling
        yield json.dumps(catalogue.centroids.tolist()).encode()[1:]

    answer = httpx.post(f"{steady_service.url}/predict", content=chunks(b" " * 1000))
    assert answer.json()["labels"] == labels_of("1", catalogue)
    assert httpx.post(f"{steady_service.url}/predict", content=chunks(b" " * 2**20), timeout=10).status_code == 413


def test_clients_that_say_nothing_hold_up_nobody(steady_service: Any) -> None:
    silent = [socket.create_connection(("127.0.0.1", steady_service.port)) for _ in range(4 * N_THREADS)]
    try:
        time.sleep(0.2)
        assert httpx.get(f"{steady_service.url}/healthz", timeout=1).status_code == 200
    finally:
        for connection in silent:
            connection.close()


def test_slow_clients_hold_up_nobody(steady_service: Any) -> None:
    slow = [socket.create_connection(("127.0.0.1", steady_service.port)) for _ in range(N_THREADS - 1)]
    try:
        for connection in slow:
            connection.sendall(b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n[")
        time.sleep(0.2)
        assert versions_seen(steady_service.url) == {"1"}
    finally:
        for connection in slow:
            connection.close()


def test_no_answer_of_a_unit_is_logged(steady_service: Any, catalogue: Catalogue) -> None:
    rows: list[Any] = catalogue.centroids.tolist()
    for value in (4711.4711, "4711.4711", 4711.4711e200):  # labelled, refused by the reader, refused by the model
        rows[0][1] = value
        httpx.post(f"{steady_service.url}/predict?note=4711.4711", json=rows)
    httpx.get(f"{steady_service.url}/the-end")
    wait_until(lambda: "/the-end" in steady_service.log, 5)
    assert not re.search(
        r"4711\.|\.4711|4\.7114711", steady_service.log
    )  # with its point: an id of a request may hold 4711


def workers_of(service: Any) -> set[int]:
    return {child.pid for child in psutil.Process(service.process.pid).children()}


def has_replaced(service: Any, before: set[int]) -> bool:
    now = workers_of(service)
    return len(now) == N_WORKERS and now != before


def more_than(answers: list[Any], number: int) -> bool:
    return len(answers) > number


def metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_workers_killed_under_load_are_replaced_and_no_answer_is_wrong(service: Any, catalogue: Catalogue) -> None:
    with Load(service.url, catalogue.centroids.tolist()) as load:
        for _ in range(3):
            before = workers_of(service)
            os.kill(min(before), signal.SIGKILL)
            wait_until(partial(has_replaced, service, before), 15)
            wait_until(partial(more_than, load.answers, len(load.answers) + 20), 15)
    assert len(load.answers) > 50
    assert all(answer["labels"] == labels_of("1", catalogue) for _, answer in load.answers)
    # Only what the killed worker had in its hands is lost: at most what the clients had under way.
    assert len(load.failures) <= 3 * 3
    assert not [failure for failure in load.failures if "error" in failure]


def test_a_worker_that_restarts_in_an_outage_serves_the_last_good_model(
    service: Any, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    registry.production = "2"
    wait_until(lambda: versions_seen(service.url) == {"2"}, 10 * RELOAD_SECONDS)
    registry.stop()
    before = workers_of(service)
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(workers_of(service) - before) == N_WORKERS, 15)
    wait_until(lambda: _status(service.url) == 200, 15)
    answer = httpx.post(f"{service.url}/predict", json=catalogue.centroids.tolist()).json()
    assert (answer["model_version"], answer["labels"]) == ("2", labels_of("2", catalogue))
    wait_until(lambda: "cannot be reached" in (httpx.get(f"{service.url}/readyz").json()["problem"] or ""), 15)
    assert metric(service.url, "dtc_model_problem") == 1
    registry.start()
    wait_until(lambda: metric(service.url, "dtc_model_problem") == 0, 10 * RELOAD_SECONDS)


def _status(url: str) -> int:
    try:
        return httpx.get(f"{url}/readyz").status_code
    except httpx.HTTPError:
        return 0


def test_the_counters_are_those_of_all_workers_and_outlive_them(service: Any) -> None:
    name = 'dtc_requests_total{method="POST",route="/predict",segmentation="dtc_personas",status="200"}'
    for _ in range(30):
        httpx.post(f"{service.url}/predict", json=[])
    assert {metric(service.url, name) for _ in range(10)} == {30}
    before = workers_of(service)
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(workers_of(service) - before) == 1, 15)
    wait_until(lambda: _status(service.url) == 200, 15)
    assert metric(service.url, name) == 30


def test_a_cleaned_folder_costs_no_answer_and_a_killed_worker_then_does_not_end_the_service(
    service: Any, catalogue: Catalogue
) -> None:
    name = 'dtc_requests_total{method="POST",route="/predict",segmentation="dtc_personas",status="200"}'
    (folder,) = service.log_path.parent.glob("dtc_service_*")

    def predict(times: int) -> None:
        for _ in range(times):
            answer = httpx.post(f"{service.url}/predict", json=catalogue.centroids.tolist())
            assert answer.json()["labels"] == labels_of("1", catalogue)

    shutil.rmtree(folder)
    predict(20)  # counted for the first time, which opens a file
    shutil.rmtree(folder, ignore_errors=True)
    before = workers_of(service)
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(workers_of(service) - before) == 1, 15, lambda: service.log)
    predict(20)
    wait_until(lambda: service.log.count("model loaded") == N_WORKERS + 1, 30, lambda: service.log)
    wait_until(lambda: metric(service.url, "dtc_model_info") == 1, 10 * RELOAD_SECONDS, lambda: service.log)
    wait_until(lambda: len({*folder.glob("gauge_livemax_*")}) == N_WORKERS, 10 * RELOAD_SECONDS, lambda: service.log)
    counted = metric(service.url, name)
    predict(30)
    assert metric(service.url, name) == counted + 30, "all workers count again"
    assert service.process.poll() is None


def test_a_folder_that_was_cleaned_and_made_again_by_others_is_noticed(service: Any) -> None:
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    shutil.rmtree(folder)
    folder.mkdir()
    wait_until(lambda: len({*folder.glob("gauge_livemax_*")}) == N_WORKERS, 10 * RELOAD_SECONDS, lambda: service.log)


def test_the_service_goes_on_where_its_folder_cannot_be_made_again(service: Any) -> None:
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    shutil.rmtree(folder)
    folder.write_text("in the way")
    before = workers_of(service)
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: service.log.count("model loaded") == N_WORKERS + 1, 30, lambda: service.log)
    assert versions_seen(service.url) == {"1"}
    assert {httpx.get(f"{service.url}/metrics").status_code for _ in range(10)} == {200}
    assert service.process.poll() is None
    folder.unlink()


def test_what_a_killed_service_left_is_deleted_by_the_next(service: Any) -> None:
    left = service.log_path.parent
    service.process.kill()
    service.process.wait(15)
    wait_until(lambda: _status(service.url) == 0, 30)  # its workers notice
    assert len(list(left.glob("dtc_service_*"))) == 1
    environment = os.environ | {"TMPDIR": str(left), "SERVICE_STATE_FOLDER": ""}
    configuration = PROJECT_FOLDER / "03_deployment" / "gunicorn.conf.py"
    subprocess.run([sys.executable, str(configuration)], env=environment, check=True)
    (now,) = left.glob("dtc_service_*")
    assert f"_{service.process.pid}_" not in now.name


def test_a_request_id_is_in_the_answer_and_in_the_log(steady_service: Any) -> None:
    sent = httpx.post(f"{steady_service.url}/predict", json=[], headers={"X-Request-Id": "trace-4712"})
    made = httpx.get(f"{steady_service.url}/model").headers["X-Request-Id"]
    assert sent.headers["X-Request-Id"] == "trace-4712"
    wait_until(lambda: "trace-4712" in steady_service.log and made in steady_service.log, 5)


def test_what_only_one_run_needed_is_deleted_when_it_ends(service: Any) -> None:
    httpx.post(f"{service.url}/predict", json=[])
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    assert list(folder.glob("*.db"))
    service.process.terminate()
    service.process.wait(15)
    assert not folder.exists()
