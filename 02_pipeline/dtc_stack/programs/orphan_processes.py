"""Processes told by a mark in their environment, also when the parent that started them was killed."""

import contextlib
import os
import signal

import psutil

STACK_MARK = "DTC_STACK_STATE"
"""Environment variable with the state folder: by it the processes of one stack are told from all others."""
PROGRAM_MARK = "DTC_STACK_PROGRAM"
"""Environment variable with the program's name, inherited by its children."""


def marked(marks: dict[str, str]) -> list[psutil.Process]:
    """List the processes, apart from this one, whose environment holds all the marks."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or gone meanwhile
            if process.pid != os.getpid() and marks.items() <= process.environ().items():
                found.append(process)
    return found


def end(processes: list[psutil.Process], timeout_seconds: float) -> None:
    """Ask processes to end, and kill those that do not in time."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            # To PostgreSQL, SIGTERM means: wait for all clients to leave; SIGINT: shut down now, in good order.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, left = psutil.wait_procs(processes, timeout=timeout_seconds)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=timeout_seconds)
