"""A server that the processes of pytest-xdist share: the first that wants it starts it, the last that leaves stops it."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from fakes.waiting import wait_until


@dataclass(frozen=True)
class StartedServer:
    """A server and the process in which it runs, the first of a group of its own."""

    port: int
    pid: int
    folder: str

    def stop(self, how: signal.Signals) -> None:
        """End the group, and wait until its first process has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, how)
        wait_until(lambda: _has_ended(self.pid))


def _has_ended(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):  # another process of pytest started it
        os.waitpid(pid, os.WNOHANG)
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@contextmanager
def shared_server(
    name: str, factory: pytest.TempPathFactory, start: Callable[[Path], StartedServer], how: signal.Signals
) -> Iterator[StartedServer]:
    """Yield a server, started in a folder of its own by whoever comes first."""
    own = factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    users = common / f"{name}.users"
    with _locked(common / f"{name}.lock"):
        state = json.loads(users.read_text()) if users.exists() else None
        if state is None:
            folder = common / name
            folder.mkdir(exist_ok=True)
            state = {"users": 0, "server": vars(start(folder))}
        users.write_text(json.dumps(state | {"users": state["users"] + 1}))
    server = StartedServer(**state["server"])
    try:
        yield server
    finally:
        with _locked(common / f"{name}.lock"):
            state = json.loads(users.read_text())
            users.write_text(json.dumps(state | {"users": state["users"] - 1}))
            if state["users"] == 1:
                server.stop(how)
                users.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def spawn(command: list[str], log: Path, environment: dict[str, str] | None = None) -> int:
    """Start a program in a process group of its own, and give its process id."""
    with log.open("w") as file:
        return subprocess.Popen(command, env=environment, stdout=file, stderr=file, cwd="/", start_new_session=True).pid
