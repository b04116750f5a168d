"""A real Gunicorn process beside a stand-in for the registry."""

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from dtc_stack.settings import PROJECT_FOLDER
from fakes.ports import free_port
from fakes.registry import FakeRegistry
from fakes.running_service import RunningService
from fakes.waiting import wait_until

RELOAD_SECONDS = 1.0
MAX_BYTES = 2**20
N_WORKERS = 2


def _is_up(service: RunningService) -> bool:
    # Each worker says once what came of its first look at the registry, just before it answers requests.
    assert service.process.poll() is None, service.log
    if len(re.findall("model (?:loaded|not refreshed)", service.log)) < N_WORKERS:
        return False
    return service.readiness() > 0


@contextmanager
def _run_service(registry: FakeRegistry, folder: Path) -> Iterator[RunningService]:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SERVICE_")} | {
        "SERVICE_PORT": str(port),
        "SERVICE_WORKERS": str(N_WORKERS),
        "SERVICE_RELOAD_SECONDS": str(RELOAD_SECONDS),
        "SERVICE_MAX_BYTES": str(MAX_BYTES),
        "MLFLOW_TRACKING_URI": registry.url,
        "TMPDIR": str(folder),
        "SEGMENTATION": "dtc_personas",
    }
    command = [str(Path(sys.executable).parent / "gunicorn")]
    command += [
        "--config",
        str(PROJECT_FOLDER / "03_deployment" / "gunicorn.conf.py"),
        "dtc_service.http.app:create_app()",
    ]
    log_path = folder / "service.log"
    with log_path.open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    service = RunningService(f"http://127.0.0.1:{port}", port, process, log_path)
    try:
        wait_until(lambda: _is_up(service), lambda: service.log)
        yield service
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()  # does nothing to a process that has ended


@contextmanager
def _run_registry(catalogue: Catalogue) -> Iterator[FakeRegistry]:
    model = SegmentModel.from_catalogue(catalogue)
    with FakeRegistry(catalogue.registered_model) as registry:
        registry.add("1", model.to_json())
        registry.add("2", dataclasses.replace(model, centroids=model.centroids[::-1]).to_json())
        registry.add("3", model.to_json()[:-20])
        registry.production = "1"
        yield registry


@pytest.fixture
def registry(catalogue: Catalogue) -> Iterator[FakeRegistry]:
    """A registry with version 1 in production; version 2 has the centroids in reverse, version 3 is broken."""
    with _run_registry(catalogue) as running:
        yield running


@pytest.fixture
def service(registry: FakeRegistry, tmp_path: Path) -> Iterator[RunningService]:
    """A service that serves version 1."""
    with _run_service(registry, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def steady_service(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that serves version 1, shared by tests that neither stop it nor promote anything."""
    with _run_registry(catalogue) as registry, _run_service(registry, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def service_without_registry(registry: FakeRegistry, tmp_path: Path) -> Iterator[RunningService]:
    """A service that was started while its registry was down."""
    registry.stop()
    with _run_service(registry, tmp_path) as running:
        yield running
