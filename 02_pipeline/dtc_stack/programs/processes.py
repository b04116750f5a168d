"""The programs under supervisord: start, stop, state."""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Error as RpcError
from xmlrpc.client import ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from dtc_stack.errors import StackError
from dtc_stack.programs.orphan_processes import STACK_MARK, end, marked
from dtc_stack.programs.programs import PROGRAMS

START_SECONDS = 10
"""How long supervisord itself may take to answer."""
STOP_SECONDS = 30
"""How long the programs together may take to end before they are killed."""

ALIVE = frozenset({"STARTING", "RUNNING", "BACKOFF"})
"""States in which a program runs or is about to run again."""

_CONFIGURATION = """\
; Written by the stack at each start.
[unix_http_server]
file={socket}
chmod=0600

[supervisord]
directory={folder}
logfile={logs}/supervisord.log
pidfile={folder}/supervisord.pid
umask=077
childlogdir={logs}
{user}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""

_PROGRAM = """
[program:{name}]
command="{python}" -m dtc_stack.programs.exec_program {name}
autostart=false
autorestart=true
startsecs=1
startretries=5
stopsignal={stop_signal}
stopwaitsecs=20
stopasgroup={as_group}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


@dataclass(frozen=True)
class Supervisor:
    """supervisord for one state folder."""

    state_folder: Path

    @property
    def logs_folder(self) -> Path:
        """Folder with one log for each program."""
        return self.state_folder / "logs"

    @property
    def socket(self) -> Path:
        """The control socket; it lies in the temporary folder since a socket's path holds about 100 characters."""
        name = hashlib.sha256(str(self.state_folder.resolve()).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"dtc-stack-{os.getuid()}-{name}.sock"

    def is_running(self) -> bool:
        """Tell whether supervisord answers."""
        try:
            self._rpc().supervisor.getState()
        except (OSError, RpcError):
            return False
        return True

    def ensure_running(self) -> None:
        """Start supervisord, with none of the programs, if it does not run.

        Raises
        ------
        StackError
            If it does not answer in time.
        """
        if self.is_running():
            return
        self.logs_folder.mkdir(parents=True, exist_ok=True)
        configuration = self.state_folder / "supervisord.conf"
        configuration.write_text(self._configuration())
        configuration.chmod(0o600)
        command = [str(Path(sys.executable).parent / "supervisord"), "-c", str(configuration)]
        environment = os.environ | {STACK_MARK: str(self.state_folder)}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if result.returncode or time.monotonic() > deadline:
                raise StackError(f"supervisord did not start: {result.stderr.strip()} See {self.logs_folder}.")
            time.sleep(0.05)

    def _configuration(self) -> str:
        folder, logs, python = (
            str(p).replace("%", "%%") for p in (self.state_folder, self.logs_folder, sys.executable)
        )
        text = _CONFIGURATION.format(
            socket=self.socket, folder=folder, logs=logs, user="user=root" if os.geteuid() == 0 else ""
        )
        for name in PROGRAMS:
            text += _PROGRAM.format(
                name=name,
                python=python,
                logs=logs,
                # To PostgreSQL, SIGINT means: end sessions and shut down; its children must not get it too.
                stop_signal="INT" if name == "postgres" else "TERM",
                as_group="false" if name == "postgres" else "true",
            )
        return text

    def start(self, name: str) -> None:
        """Start a program unless it runs, without waiting for it.

        Raises
        ------
        StackError
            If supervisord does not answer.
        """
        if self.state(name) in ALIVE:
            return
        try:
            self._rpc().supervisor.startProcess(name, False)  # noqa: FBT003 - "do not wait", in supervisord's words
        except (OSError, RpcError) as error:
            raise StackError(f"supervisord does not start {name}: {error}") from error

    def state(self, name: str) -> str:
        """Return supervisord's word for a program's state, such as RUNNING; STOPPED when supervisord is down."""
        try:
            information: Any = self._rpc().supervisor.getProcessInfo(name)
        except (OSError, RpcError):
            return "STOPPED"
        return str(information["statename"])

    def log(self, name: str) -> Path:
        """Return the path of a program's log."""
        return self.logs_folder / f"{name}.log"

    def log_end(self, name: str, lines: int = 15) -> str:
        """Return the last lines of a program's log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        return "(no log)"

    def stop(self) -> bool:
        """Stop all programs and supervisord, and whatever a killed supervisord left behind.

        Returns
        -------
        bool
            Whether anything ran.
        """
        processes = self.processes()
        with contextlib.suppress(OSError, RpcError):
            # Postgres last: the others still write to it while they end.
            for name in reversed(PROGRAMS):
                with contextlib.suppress(RpcError):
                    self._rpc().supervisor.stopProcess(name)
            self._rpc().supervisor.shutdown()
        end(processes, STOP_SECONDS)
        self.socket.unlink(missing_ok=True)
        return bool(processes)

    def processes(self) -> list[psutil.Process]:
        """List the processes of this stack, whoever their parent is."""
        return marked({STACK_MARK: str(self.state_folder)})

    def _rpc(self) -> Any:
        return ServerProxy("http://localhost", transport=SupervisorTransport("", "", f"unix://{self.socket}"))
