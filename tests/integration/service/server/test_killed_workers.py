"""What the service does when workers are killed, and when the folder of its counters is cleaned."""

import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_stack.settings import PROJECT_FOLDER
from fakes.registry import FakeRegistry
from fakes.running_service import Load, RunningService
from fakes.waiting import wait_until

pytestmark = pytest.mark.integration

N_WORKERS = 2
"""What the fixture sets."""
COUNTED = 'dtc_requests_total{method="POST",route="/predict",segmentation="dtc_personas",status="200"}'


def has_replaced(service: RunningService, before: set[int]) -> bool:
    now = service.workers()
    return len(now) == N_WORKERS and now != before


def more_than(answers: list[Any], number: int) -> bool:
    return len(answers) > number


def test_workers_killed_under_load_are_replaced_and_no_answer_is_wrong(
    service: RunningService, catalogue: Catalogue
) -> None:
    with Load(service, catalogue.centroids.tolist()) as load:
        for _ in range(3):
            before = service.workers()
            os.kill(min(before), signal.SIGKILL)
            wait_until(partial(has_replaced, service, before))
            wait_until(partial(more_than, load.answers, len(load.answers) + 20))
    assert len(load.answers) > 50
    assert all(answer.labels == list(catalogue.segment_ids) for answer in load.answers)
    # Only what the killed worker had in its hands is lost: at most what the clients had under way.
    assert len(load.failures) <= 3 * 3
    assert not [failure for failure in load.failures if "error" in failure]


def test_a_worker_that_restarts_in_an_outage_serves_the_last_good_model(
    service: RunningService, registry: FakeRegistry, catalogue: Catalogue
) -> None:
    registry.production = "2"
    wait_until(lambda: service.log.count("model loaded") == 2 * N_WORKERS, lambda: service.log)
    (kept,) = service.log_path.parent.glob("dtc_service_*/last_good_model_*.json")
    wait_until(lambda: json.loads(kept.read_text())["version"] == "2")
    registry.stop()
    before = service.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(service.workers() - before) == N_WORKERS)
    wait_until(lambda: service.readiness() == 200)
    answer = service.post("/predict", json=catalogue.centroids.tolist()).json()
    assert (answer["model_version"], answer["labels"]) == ("2", list(catalogue.segment_ids[::-1]))
    wait_until(lambda: "cannot be reached" in (service.get("/readyz").json()["problem"] or ""))
    wait_until(lambda: service.metric("dtc_model_problem") == 1)
    registry.start()
    wait_until(lambda: service.metric("dtc_model_problem") == 0)


def test_the_counters_are_those_of_all_workers_and_outlive_them(service: RunningService) -> None:
    for _ in range(30):
        service.post("/predict", json=[])
    assert {service.metric(COUNTED) for _ in range(10)} == {30}
    before = service.workers()
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(service.workers() - before) == 1)
    wait_until(lambda: service.readiness() == 200)
    assert service.metric(COUNTED) == 30


def test_a_cleaned_folder_costs_no_answer_and_a_killed_worker_then_does_not_end_the_service(
    service: RunningService, catalogue: Catalogue
) -> None:
    (folder,) = service.log_path.parent.glob("dtc_service_*")

    def predict(times: int) -> None:
        for _ in range(times):
            answer = service.post("/predict", json=catalogue.centroids.tolist())
            assert answer.json()["labels"] == list(catalogue.segment_ids)

    shutil.rmtree(folder)
    predict(20)  # counted for the first time, which opens a file
    shutil.rmtree(folder, ignore_errors=True)
    before = service.workers()
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: len(service.workers() - before) == 1, lambda: service.log)
    predict(20)
    wait_until(lambda: service.log.count("model loaded") == N_WORKERS + 1, lambda: service.log)
    wait_until(lambda: service.metric("dtc_model_info") == 1, lambda: service.log)
    wait_until(lambda: len({*folder.glob("gauge_livemax_*")}) == N_WORKERS, lambda: service.log)
    counted = service.metric(COUNTED)
    predict(30)
    assert service.metric(COUNTED) == counted + 30, "all workers count again"
    assert service.process.poll() is None


def test_a_folder_that_was_cleaned_and_made_again_by_others_is_noticed(service: RunningService) -> None:
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    shutil.rmtree(folder)
    folder.mkdir()
    wait_until(lambda: len({*folder.glob("gauge_livemax_*")}) == N_WORKERS, lambda: service.log)


def test_the_service_goes_on_where_its_folder_cannot_be_made_again(service: RunningService) -> None:
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    shutil.rmtree(folder)
    folder.write_text("in the way")
    before = service.workers()
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: service.log.count("model loaded") == N_WORKERS + 1, lambda: service.log)
    assert service.versions_seen() == {"1"}
    assert {service.get("/metrics").status_code for _ in range(10)} == {200}
    assert service.process.poll() is None
    folder.unlink()


def test_what_a_killed_service_left_is_deleted_by_the_next(service: RunningService) -> None:
    left = service.log_path.parent
    service.process.kill()
    service.process.wait(60)
    wait_until(lambda: service.readiness() == 0)  # its workers notice
    assert len(list(left.glob("dtc_service_*"))) == 1
    environment = os.environ | {"TMPDIR": str(left), "SERVICE_STATE_FOLDER": ""}
    configuration = PROJECT_FOLDER / "03_deployment" / "gunicorn.conf.py"
    subprocess.run([sys.executable, str(configuration)], env=environment, check=True)
    (now,) = left.glob("dtc_service_*")
    assert f"_{service.process.pid}_" not in now.name


def test_what_only_one_run_needed_is_deleted_when_it_ends(service: RunningService) -> None:
    service.post("/predict", json=[])
    (folder,) = service.log_path.parent.glob("dtc_service_*")
    assert list(folder.glob("*.db"))
    service.process.terminate()
    service.process.wait(60)
    assert not folder.exists()
