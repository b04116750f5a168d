"""A service that tests started as a process of its own, and a load on it."""

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
import psutil

ANSWER_SECONDS: Final = 60
"""How long a test waits for an answer that comes in milliseconds from a machine that has nothing else to do."""


@dataclass(frozen=True)
class RunningService:
    """A service that answers, and its process."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self.log_path.read_text()

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask on a connection of its own, so that every worker gets its turn."""
        return httpx.get(f"{self.url}{path}", timeout=ANSWER_SECONDS, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send something on a connection of its own."""
        return httpx.post(f"{self.url}{path}", timeout=ANSWER_SECONDS, **options)

    def readiness(self) -> int:
        """Return the status with which it says that it is ready; 0 if nobody answers."""
        try:
            return self.get("/readyz").status_code
        except httpx.HTTPError:
            return 0

    def versions_seen(self, n_requests: int = 20) -> set[str]:
        """Return the versions that label now."""
        return {self.post("/predict", json=[]).json()["model_version"] for _ in range(n_requests)}

    def workers(self) -> set[int]:
        """Return the ids of its workers' processes."""
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def metric(self, name: str) -> float:
        """Return the sum of a metric over all its labels."""
        lines = self.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@dataclass(frozen=True)
class Answer:
    """An answer, and when its request was sent."""

    sent: float
    version: str
    labels: list[int]


class Load:
    """Sends rows again and again from several threads, each on a connection of its own."""

    def __init__(self, service: RunningService, rows: list[list[float]], n_threads: int = 3) -> None:
        self.answers: list[Answer] = []
        self.failures: list[str] = []
        self._url, self._rows = service.url, rows
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(n_threads)]

    def _send(self) -> None:
        with httpx.Client(timeout=ANSWER_SECONDS) as client:
            while not self._ended.is_set():
                sent = time.monotonic()
                try:
                    answer = client.post(f"{self._url}/predict", json=self._rows)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.is_success:
                    document = answer.json()
                    self.answers.append(Answer(sent, document["model_version"], document["labels"]))
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
