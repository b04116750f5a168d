"""The stack in containers, through ``docker compose``."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import (
    FOLDER_VARIABLE,
    SEGMENTATION_VARIABLE,
    PostgresSettings,
    SegmentationSettings,
    SettingsError,
    is_catalogue_path,
    read_settings,
)
from dtc_service.settings import ServiceSettings

from dtc_stack.errors import StackError
from dtc_stack.mage import STORES_FOLDER
from dtc_stack.programs import refuse_taken
from dtc_stack.progress import Progress
from dtc_stack.settings import PROJECT_FOLDER, CloudSettings, ContainerSettings, StackSettings, StateSettings

FOLDER = PROJECT_FOLDER / "02_pipeline" / "mage_pipeline"
STATE_VARIABLE = "STATE_FOLDER"
CONTAINERS_FOLDER = "docker"
"""Where jobs on this stack leave what they found, below the folder of the state."""
SERVICES = ("postgres", "mlflow", "mage", "service", "dashboard", "cloudbeaver")
"""The programs that stay up, in the order in which they become healthy."""
HEALTHY_SECONDS = 420
"""How long all of them may take; the first start fills empty databases."""
LOG_LINES = "15"
"""How many of a program's last lines an error shows."""


@dataclass(frozen=True)
class ComposeStack:
    """The compose project that the settings describe."""

    files: tuple[Path, ...]
    environment: dict[str, str]
    progress: Progress

    @classmethod
    def from_settings(cls, progress: Progress) -> Self:
        """Make the stack from the settings in the environment; with a bucket's name in them, artifacts go there.

        Raises
        ------
        SettingsError
            If a setting that only this stack has is missing or wrong.
        """
        read_settings(ContainerSettings)
        cloud = read_settings(CloudSettings)
        chosen = read_settings(SegmentationSettings)
        environment = os.environ | {
            SEGMENTATION_VARIABLE: _in_image(chosen.segmentation),
            FOLDER_VARIABLE: str(
                chosen.catalogue_folder.absolute()
            ),  # outside; each container finds it in its own place
            STATE_VARIABLE: str(read_settings(StateSettings).state_folder.absolute()),  # likewise
        }
        if cloud.gcs_bucket_name is None:
            return cls((FOLDER / "compose.yaml",), environment, progress)
        if cloud.google_application_credentials:
            key = PROJECT_FOLDER / cloud.google_application_credentials
            environment["GOOGLE_APPLICATION_CREDENTIALS"] = str(key)
        return cls((FOLDER / "compose.yaml", FOLDER / "compose.gcs.yaml"), environment, progress)

    def start(self) -> None:
        """Build the images, start what does not run, and wait until all of it is healthy.

        Raises
        ------
        PortTakenError
            If another program holds a port; nothing is built or started then.
        StackError
            If the engine does not answer, or a program does not become healthy.
        """
        _stores_folder(self.environment).mkdir(parents=True, exist_ok=True)  # the engine would make it as root's
        running = {row["Service"] for row in self._state() if row["State"] == "running"}
        refuse_taken({name: port for name, (service, port) in _ports().items() if service not in running})
        with self.progress.step("images are built"):
            self._do("build", "--quiet")
        with self.progress.step("programs are started"):
            started = self._compose("up", "--detach", "--no-build", "--quiet-pull", *SERVICES)
        if started.returncode:
            raise StackError(f"docker compose did not start the stack: {started.stderr.strip()}\n{self._sick_logs()}")
        self.wait()

    def wait(self) -> None:
        """Wait until every program is healthy.

        Raises
        ------
        StackError
            If one of them is not after a while; the message ends with its log.
        """
        deadline = time.monotonic() + HEALTHY_SECONDS
        for name in SERVICES:
            with self.progress.step(f"{name} is healthy"):
                while (health := self._health(name)) != "healthy":
                    if health not in {"starting", "created", "running"} or time.monotonic() > deadline:
                        raise StackError(f"{name} is {health}. {self._log_end(name)}")
                    time.sleep(1)

    def run_job(self, copy: Path) -> None:
        """Run the main job in a container of its own, and copy what it leaves for programs.

        Raises
        ------
        StackError
            If the job fails; its own message is on the terminal by then.
        """
        terminal = [] if self.progress.console.is_terminal else ["--no-TTY"]
        command = [*self._command(), "run", "--rm", "--no-deps", *terminal, "job"]
        job = subprocess.run(command, env=self.environment, check=False)
        if job.returncode:
            raise StackError(f"the main job ended with exit code {job.returncode}, see above")
        document = self._do("run", "--rm", "--no-TTY", "--no-deps", "job", "cat", "/var/lib/job/last_run.json")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(document, encoding="utf-8")

    def stop(self) -> None:
        """Stop and remove the containers; the volumes with the data stay."""
        self._do("down", "--remove-orphans")

    def delete_data(self) -> None:
        """Stop the containers, and delete the volumes with databases, artifacts and Mage's outputs."""
        self._do("down", "--volumes", "--remove-orphans")

    def follow_logs(self) -> None:
        """Show the logs of all programs as they are written."""
        subprocess.run([*self._command(), "logs", "--follow", "--tail", "20"], env=self.environment, check=False)

    def _command(self) -> list[str]:
        files = (part for path in self.files for part in ("--file", str(path)))
        return ["docker", "compose", "--progress", "quiet", "--profile", "*", *files]

    def _compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [*self._command(), *arguments], env=self.environment, capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise StackError("docker is not installed: use make run, which needs none") from None

    def _do(self, *arguments: str) -> str:
        result = self._compose(*arguments)
        if result.returncode:
            raise StackError(f"docker compose {arguments[0]} failed: {result.stderr.strip()[-3000:]}")
        return result.stdout

    def _state(self) -> list[dict[str, Any]]:
        """Ask for the containers; compose writes one JSON object to a line."""
        return [json.loads(line) for line in self._do("ps", "--all", "--format", "json").splitlines() if line.strip()]

    def _health(self, name: str) -> str:
        return next((row["Health"] or row["State"] for row in self._state() if row["Service"] == name), "missing")

    def _sick_logs(self) -> str:
        sick = [row["Service"] for row in self._state() if row["Health"] == "unhealthy" or row["ExitCode"]]
        return "\n".join(self._log_end(name) for name in sick)

    def _log_end(self, name: str) -> str:
        return f"The end of its log:\n{self._compose('logs', '--tail', LOG_LINES, name).stdout}"


def _stores_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder outside whose tables of a retailer the pipeline in its container reads."""
    return Path(environment[STATE_VARIABLE]) / CONTAINERS_FOLDER / STORES_FOLDER


def _in_image(segmentation: str) -> str:
    """Return a name as it is, and the place of a catalogue from the project's top on, the working directory in the images."""
    if not is_catalogue_path(segmentation):
        return segmentation
    catalogue = Path(segmentation).absolute()
    if not catalogue.is_relative_to(PROJECT_FOLDER):
        raise SettingsError(
            f"{SEGMENTATION_VARIABLE}: {catalogue} is not in the images; put the catalogue into "
            f"{read_settings(SegmentationSettings).catalogue_folder}, and name it by its file"
        )
    return str(catalogue.relative_to(PROJECT_FOLDER))


def _ports() -> dict[str, tuple[str, tuple[str, int]]]:
    """Return the service and the address outside by the setting that decides it."""
    stack, containers = read_settings(StackSettings), read_settings(ContainerSettings)
    ports = {
        "POSTGRES_PORT": ("postgres", read_settings(PostgresSettings).port),
        "MLFLOW_PORT": ("mlflow", stack.mlflow_port),
        "MAGE_PORT": ("mage", stack.mage_port),
        "SERVICE_PORT": ("service", read_settings(ServiceSettings).port),
        "DASHBOARD_PORT": ("dashboard", read_settings(DashboardSettings).port),
        "CLOUDBEAVER_PORT": ("cloudbeaver", containers.cloudbeaver_port),
    }
    return {setting: (service, (stack.bind_host, port)) for setting, (service, port) in ports.items()}
