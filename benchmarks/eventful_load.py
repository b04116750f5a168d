"""A load on the service while workers are killed, versions promoted and rolled back, and the registry goes away.

``python benchmarks/eventful_load.py`` takes ten minutes; ``--seconds`` makes it shorter. The registry is an MLflow server; the
test suite's short form gives a stand-in instead, which is up at once. It ends with exit code 1 if any answer was wrong, late
or lost without a killed worker to explain it.
"""

import argparse
import dataclasses
import json
import os
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

import httpx
import psutil
from dtc_data.catalogue import Catalogue, load_catalogue
from dtc_model.rule import SegmentModel
from mlflow_registry import MlflowRegistry
from service_process import PROJECT_FOLDER, end_on_sigterm, free_port, running, service_command, service_environment

RELOAD_SECONDS = 2.0
N_CLIENTS = 4
EXPLAINED_SECONDS = 2.0
"""A connection that breaks so soon after a kill was the killed worker's."""


@dataclass
class Report:
    """What the clients saw."""

    seconds: float = 0.0
    answers: int = 0
    lost: int = 0
    """Connections that broke with a killed worker."""
    events: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class Registry(Protocol):
    """What a load needs of a registry."""

    @property
    def url(self) -> str:
        """Address."""

    production: str | None
    """The version that labels; setting it promotes."""

    def start(self) -> None:
        """Answer again, at the same address."""

    def stop(self) -> None:
        """Answer no more."""


def two_models(catalogue: Catalogue) -> tuple[SegmentModel, SegmentModel]:
    """Return the models that take turns in production: the catalogue's, and one with its centroids the other way round."""
    model = SegmentModel.from_catalogue(catalogue)
    return model, dataclasses.replace(model, centroids=model.centroids[::-1])


class EventfulLoad:
    """One run, on a registry that is up and holds `two_models` as versions 1 and 2.

    Parameters
    ----------
    registry, catalogue
    seconds : float
        After so long no further event begins.
    seed : int
        Of the order of the events.
    folder : Path
        For the service's log.
    slack_seconds : float
        How much longer than on a machine of its own a promotion and the loss after a kill may take.
    """

    def __init__(  # noqa: PLR0913 - what a run is
        self,
        registry: Registry,
        catalogue: Catalogue,
        *,
        seconds: float,
        seed: int,
        folder: Path,
        slack_seconds: float = 0.0,
    ) -> None:
        self.report = Report(seconds=seconds)
        self._random = Random(seed)  # noqa: S311 - a repeatable order of events, not a secret
        self._folder = folder
        self._served_within = RELOAD_SECONDS + slack_seconds
        self._explained_within = EXPLAINED_SECONDS + slack_seconds
        self._registry = registry
        registry.production = "1"
        ids = list(catalogue.segment_ids)
        self._labels = {"1": ids, "2": ids[::-1]}
        self._body = json.dumps(catalogue.centroids.tolist()).encode()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._killed = -1e9
        self._settled = 0.0
        """When the version in production began to be the only right one."""

    def run(self) -> Report:
        """Start the service, load it, let things happen, and give the report."""
        port = free_port()
        environment = service_environment(
            self._registry.url, port, workers=2, reload_seconds=RELOAD_SECONDS, access_log=False
        )
        url = f"http://127.0.0.1:{port}"
        with running(service_command(), f"{url}/readyz", self._folder / "service.log", environment) as process:
            clients = [threading.Thread(target=self._send, args=(url,)) for _ in range(N_CLIENTS)]
            for client in clients:
                client.start()
            self._let_things_happen(process.pid)
            self._ended.set()
            for client in clients:
                client.join()
        return self.report

    def _let_things_happen(self, pid: int) -> None:
        deadline = time.monotonic() + self.report.seconds
        events = (self._promote, self._kill, self._outage)
        number = 0
        while time.monotonic() < deadline:
            event = events[number % len(events)] if number < len(events) else self._random.choice(events)
            event(pid)
            self.report.events[event.__name__.lstrip("_")] += 1
            number += 1
            time.sleep(RELOAD_SECONDS / 2)

    def _promote(self, _pid: int) -> None:
        """Promote the other version, or roll back to it, and wait until it must be served."""
        with self._lock:
            self._registry.production = "2" if self._registry.production == "1" else "1"
            self._settled = time.monotonic() + self._served_within
        time.sleep(RELOAD_SECONDS * 1.5)

    def _kill(self, pid: int) -> None:
        """Kill one worker without warning."""
        workers = psutil.Process(pid).children()
        if workers:
            self._killed = time.monotonic()
            os.kill(self._random.choice(workers).pid, signal.SIGKILL)
        time.sleep(EXPLAINED_SECONDS)

    def _outage(self, pid: int) -> None:
        """Take the registry away, kill a worker meanwhile, bring the registry back, and promote at once."""
        self._registry.stop()
        time.sleep(RELOAD_SECONDS)
        self._kill(pid)
        self._registry.start()
        with self._lock:
            self._registry.production = "2" if self._registry.production == "1" else "1"
            self._settled = time.monotonic() + self._served_within
        time.sleep(RELOAD_SECONDS * 1.5)

    def _send(self, url: str) -> None:
        with httpx.Client(timeout=60) as client:
            while not self._ended.is_set():
                sent = time.monotonic()
                with self._lock:
                    production, settled = self._registry.production, self._settled
                try:
                    answer = client.post(
                        f"{url}/predict", content=self._body, headers={"Content-Type": "application/json"}
                    )
                except httpx.HTTPError as error:
                    self._note_loss(sent, repr(error))
                    time.sleep(0.05)
                    continue
                self._judge(answer, sent, str(production), settled)

    def _note_loss(self, sent: float, error: str) -> None:
        with self._lock:
            if abs(sent - self._killed) <= self._explained_within:
                self.report.lost += 1
            else:
                self.report.problems.append(f"lost without a kill: {error}")

    def _judge(self, answer: httpx.Response, sent: float, production: str, settled: float) -> None:
        problem = None
        version = ""
        if answer.status_code != 200:
            problem = f"status {answer.status_code}: {answer.text[:200]}"
        else:
            document = answer.json()
            version = document["model_version"]
            if document["labels"] != self._labels.get(version):
                problem = f"labels that are not those of version {version}"
            elif version != production and sent > settled and production == self._registry.production:
                problem = (
                    f"version {version} {sent - settled + self._served_within:.1f} s after {production} was promoted"
                )
        with self._lock:
            self.report.answers += 1
            self.report.versions[version] += 1
            if problem:
                self.report.problems.append(problem)


def main() -> None:
    """Run the load and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    end_on_sigterm()
    catalogue = load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml")
    with tempfile.TemporaryDirectory() as name, MlflowRegistry(catalogue, folder := Path(name)) as registry:
        for model in two_models(catalogue):
            registry.add(model)
        load = EventfulLoad(registry, catalogue, seconds=arguments.seconds, seed=arguments.seed, folder=folder)
        report = load.run()
    print(json.dumps(vars(report), indent=2))
    raise SystemExit(bool(report.problems))


if __name__ == "__main__":
    main()
