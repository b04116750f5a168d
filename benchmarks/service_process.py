"""Starts and ends programs for a measurement."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

PROJECT_FOLDER = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0


def end_on_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does, so that the programs it started are ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def gunicorn() -> str:
    """Return the path of Gunicorn in this environment."""
    return str(Path(sys.executable).parent / "gunicorn")


def service_environment(registry_url: str, port: int, **settings: object) -> dict[str, str]:
    """Return the environment of a service; ``settings`` are those of ``ServiceSettings``."""
    ours = {f"SERVICE_{name.upper()}": str(value) for name, value in settings.items()}
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SERVICE_")}
    return (
        rest
        | ours
        | {
            "SERVICE_PORT": str(port),
            "MLFLOW_TRACKING_URI": registry_url,
            "SEGMENTATION": "dtc_personas",
        }
    )


def service_command() -> list[str]:
    """Return the command that runs the service."""
    config = str(PROJECT_FOLDER / "03_deployment" / "gunicorn.conf.py")
    return [gunicorn(), "--config", config, "dtc_service.http.app:create_app()"]


@contextmanager
def running(
    command: Sequence[str], probe_url: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; the block begins once the address answers with success."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(probe_url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not answer at {probe_url}:\n{log.read_text()[-2000:]}")
            time.sleep(0.02)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
