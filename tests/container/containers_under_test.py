"""A stack in containers: a compose project of its own, on ports and volumes of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dtc_stack.containers.compose import FOLDER, SERVICES
from dtc_stack.programs import env_file
from dtc_stack.settings import PROJECT_FOLDER
from fakes.ports import free_port

HEALTHY_SECONDS = 600
"""How long the stack may take to be healthy again."""
PORTS = ("POSTGRES_PORT", "MLFLOW_PORT", "MAGE_PORT", "SERVICE_PORT", "DASHBOARD_PORT", "CLOUDBEAVER_PORT")


@dataclass(frozen=True)
class ContainerStack:
    """A compose project with its settings."""

    name: str
    folder: Path
    settings: dict[str, str]
    files: tuple[Path, ...] = (FOLDER / "compose.yaml",)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of our commands, with nothing of the developer's own settings."""
        kept = {name: value for name, value in os.environ.items() if name not in env_file.known_names()}
        return kept | {"DTC_ENV_FILE": str(self.folder / ".env"), "COMPOSE_PROJECT_NAME": self.name}

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.settings['SERVICE_PORT']}"

    def command(self, *arguments: str, timeout_seconds: float = 900) -> subprocess.CompletedProcess[str]:
        """Run one of the stack's commands as make does."""
        return _run([sys.executable, "-m", "dtc_stack", *arguments], self.environment, timeout_seconds)

    def compose(self, *arguments: str, timeout_seconds: float = 600) -> str:
        """Run docker compose and give what it prints; it must succeed."""
        files = [part for path in self.files for part in ("--file", str(path))]
        command = ["docker", "compose", "--progress", "quiet", "--env-file", str(self.folder / ".env"), *files]
        result = _run([*command, *arguments], self.environment, timeout_seconds)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
        return result.stdout

    def containers(self) -> dict[str, dict[str, Any]]:
        """Describe the containers by the name of their service."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {row["Service"]: row for row in map(json.loads, lines)}

    def started_at(self, service: str) -> str:
        """Tell when the service's program last started."""
        container = self.compose("ps", "--quiet", service).strip()
        return docker("inspect", "--format", "{{.State.StartedAt}}", container)

    def kill(self, service: str) -> None:
        """Kill everything in a container but its init, which then ends; `docker kill` would count as stopped by hand."""
        files = [part for path in self.files for part in ("--file", str(path))]
        command = ["docker", "compose", "--env-file", str(self.folder / ".env"), *files]
        # The shell ends with the container, by then with any exit code.
        _run([*command, "exec", "-T", service, "bash", "-c", "kill -9 -1"], self.environment, 60)

    def wait_until_restarted(self, service: str, before: str) -> None:
        """Wait until the service's program has started again."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while self.started_at(service) == before:
            assert time.monotonic() < deadline, f"{service} has run since {before}"
            time.sleep(0.5)

    def wait_until_healthy(self) -> None:
        """Wait until every program is healthy again."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while sick := {
            name: row["Status"]
            for name, row in self.containers().items()
            if name in SERVICES
            if row["Health"] != "healthy"
        }:
            assert time.monotonic() < deadline, f"{sick}\n{self.compose('logs', '--tail', '20', *sick)}"
            time.sleep(1)

    def outcome(self, name: str = "last_run.json") -> dict[str, Any]:
        """Read what the last run left for programs."""
        return dict(json.loads((self.folder / "state" / "docker" / name).read_text()))


def docker(*arguments: str) -> str:
    """Run docker and give what it prints; it must succeed."""
    result = _run(["docker", *arguments], dict(os.environ), 300)
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout.strip()


def write_settings(folder: Path, **more: str) -> dict[str, str]:
    """Write an `.env` like the one that make writes, with free ports."""
    path = folder / ".env"
    env_file.write_if_absent(PROJECT_FOLDER / ".env.example", path)
    own = {name: str(free_port()) for name in PORTS} | {"STATE_FOLDER": str(folder / "state")} | more
    own["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{own['MLFLOW_PORT']}"
    settings = {name: value or "" for name, value in dotenv_values(path).items()} | own
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return settings


@contextmanager
def removed_afterwards(stack: ContainerStack) -> Iterator[ContainerStack]:
    """Take the stack's containers, volumes and network away at the end, whatever happened; before, what a killed run left."""
    remove = ("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5")
    stack.compose(*remove)
    try:
        yield stack
    finally:
        stack.compose(*remove)


def _run(command: list[str], environment: dict[str, str], timeout_seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=timeout_seconds, check=False
    )
