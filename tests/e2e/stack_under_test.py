"""A whole stack on ports and data of its own, with a local server in Telegram's place."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from dotenv import dotenv_values
from dtc_stack.programs import env_file
from dtc_stack.settings import PROJECT_FOLDER
from fakes.catalogues import SHIPPED_CATALOGUE
from fakes.ports import free_port
from fakes.telegram import FakeTelegram
from fakes.waiting import wait_until

AWKWARD_PASSWORD = r"""p@ss"w\o:r/d %s#$x{{ y }}"""
"""A password that every place has to quote which passes it on."""


@dataclass(frozen=True)
class RunningStack:
    """A stack that `make run` brought up."""

    folder: Path
    settings: dict[str, str]
    telegram: FakeTelegram
    output: str

    def command(
        self, *arguments: str, timeout_seconds: float = 900, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the stack's commands as make does, with settings typed before it."""
        return self.run("-m", "dtc_stack", *arguments, timeout_seconds=timeout_seconds, **settings)

    def label(self, wave: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Label a wave as make does."""
        return self.run("-m", "dtc_service", "label", wave, *arguments)

    def run(self, *arguments: str, timeout_seconds: float = 900, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of any room as a person does in the stack's folder."""
        return _run(self.folder, *arguments, timeout_seconds=timeout_seconds, **settings)

    @contextmanager
    def second_service(self) -> Iterator[str]:
        """Run a service beside the stack as `SERVICE_PORT=… make gunicorn` does, and give its address."""
        port = free_port()
        command = [sys.executable, "-m", "dtc_stack", "gunicorn"]
        log_path = self.folder / "second_service.log"
        with log_path.open("w") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=_environment(self.folder, SERVICE_PORT=str(port)), stdout=log, stderr=log
            )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _is_ready(url), log_path.read_text)
            yield url
        finally:
            process.terminate()
            process.wait(120)

    @property
    def catalogues(self) -> Path:
        """Folder of the stack's catalogues."""
        return self.folder / "catalogues"

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.settings['SERVICE_PORT']}"

    def outcome(self, name: str = "last_run.json") -> dict[str, Any]:
        """Read what the last run left for programs."""
        return dict(json.loads((self.folder / "state" / name).read_text()))


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in env_file.known_names()}
    return kept | {"DTC_ENV_FILE": str(folder / ".env")} | settings


def _run(
    folder: Path, *arguments: str, timeout_seconds: float = 900, **settings: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=_environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _write_settings(folder: Path, telegram: FakeTelegram) -> dict[str, str]:
    (folder / "catalogues").mkdir()
    shutil.copy(SHIPPED_CATALOGUE, folder / "catalogues")
    path = folder / ".env"
    env_file.write_if_absent(PROJECT_FOLDER / ".env.example", path)
    mlflow_port = free_port()
    own = {
        "STATE_FOLDER": str(folder / "state"),
        "CATALOGUE_FOLDER": str(folder / "catalogues"),
        "POSTGRES_PORT": str(free_port()),
        "POSTGRES_PASSWORD": AWKWARD_PASSWORD,
        "MLFLOW_PORT": str(mlflow_port),
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{mlflow_port}",
        "MAGE_PORT": str(free_port()),
        "SERVICE_PORT": str(free_port()),
        "SERVICE_RELOAD_SECONDS": "1",
        "DASHBOARD_PORT": str(free_port()),
        "BOT_TOKEN": telegram.token,
        "CHAT_ID": telegram.chat_id,
        "TELEGRAM_API_URL": telegram.base_url,
    }
    settings = {name: value or "" for name, value in dotenv_values(path).items()} | own
    path.write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    return settings


@contextmanager
def running_stack(folder: Path) -> Iterator[RunningStack]:
    """Bring a stack up by the main job on empty databases, and take it down afterwards."""
    with FakeTelegram() as telegram:
        settings = _write_settings(folder, telegram)
        try:
            result = _run(folder, "-m", "dtc_stack", "run", timeout_seconds=1500)
            assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
            yield RunningStack(folder, settings, telegram, result.stdout)
        finally:
            _run(folder, "-m", "dtc_stack", "stop")
