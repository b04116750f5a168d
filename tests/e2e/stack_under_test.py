"""A whole stack on ports and data of its own, with a local server in Telegram's place."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dtc_stack.programs import env_file
from dtc_stack.settings import PROJECT_FOLDER
from fakes.ports import free_port
from fakes.telegram import FakeTelegram

AWKWARD_PASSWORD = r"""p@ss"w\o:r/d %s#$x{{ y }}"""
"""A password that every place has to quote which passes it on."""


@dataclass(frozen=True)
class RunningStack:
    """A stack that `make run` brought up."""

    folder: Path
    settings: dict[str, str]
    telegram: FakeTelegram
    output: str

    def command(self, *arguments: str, timeout_seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run one of the stack's commands as make does."""
        return _run(self.folder, "dtc_stack", *arguments, timeout_seconds=timeout_seconds)

    def label(self, wave: str) -> subprocess.CompletedProcess[str]:
        """Label a wave as make does."""
        return _run(self.folder, "dtc_service", "label", wave)

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.settings['SERVICE_PORT']}"

    def outcome(self, name: str = "last_run.json") -> dict[str, Any]:
        """Read what the last run left for programs."""
        return dict(json.loads((self.folder / "state" / name).read_text()))


def _run(folder: Path, module: str, *arguments: str, timeout_seconds: float = 300) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in env_file.known_names()}
    environment = kept | {"DTC_ENV_FILE": str(folder / ".env")}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_seconds, check=False
    )


def _write_settings(folder: Path, telegram: FakeTelegram) -> dict[str, str]:
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
            result = _run(folder, "dtc_stack", "run", timeout_seconds=600)
            assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
            yield RunningStack(folder, settings, telegram, result.stdout)
        finally:
            _run(folder, "dtc_stack", "stop")
