"""How Gunicorn runs the dashboard: ``gunicorn -c 03_deployment/dashboard.gunicorn.conf.py 'dtc_dashboard.pages.app:create_app()'``."""

# ruff: noqa: INP001 - Gunicorn reads this file, nobody imports it

import contextlib
import ctypes
import secrets
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from dtc_dashboard.errors import DrawingError
from dtc_dashboard.parts import write_vega
from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import read_settings, settle_environment

settle_environment()
_settings = read_settings(DashboardSettings)

bind = _settings.bind
# One process, so that what it prepares is prepared once; a page waits for Postgres and the registry, not for the processor.
workers = 1
worker_class = "gthread"
threads = _settings.threads
keepalive = 5
preload_app = False

# A worker that hangs is replaced; one that is asked to end may finish the requests that it has.
timeout = 120
graceful_timeout = 15

# Neither queries nor bodies: nothing that a person answered.
accesslog = "-" if _settings.access_log else None
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'
control_socket_disable = True

_own_folder = Path(tempfile.mkdtemp(prefix="dtc_dashboard_")) if _settings.state_folder is None else None
_state_folder = _settings.state_folder or _own_folder
raw_env = [f"DASHBOARD_STATE_FOLDER={_state_folder}"]
if _settings.secret_key is None:
    raw_env.append(f"DASHBOARD_SECRET_KEY={secrets.token_urlsafe(32)}")  # a worker that is replaced knows the sessions


_ended = threading.Event()
_M_ARENA_MAX = -8
_ARENAS = 2
"""Pools out of which glibc serves all threads; one per thread would keep twice the memory of what pages hold."""


def post_fork(_server: Any, _worker: Any) -> None:
    """Let the threads share few pools of memory; other C libraries have none."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def on_starting(server: Any) -> None:
    """Put the browser's Vega together before the first page is asked for."""
    folder = Path(str(_state_folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        write_vega(folder)
    except DrawingError as error:
        server.log.warning("%s", error)


def post_worker_init(worker: Any) -> None:
    """Import and prepare what pages need beside the requests, now and after each change, so that no person waits for it."""
    from dtc_dashboard.pages import keep_warm  # noqa: PLC0415 - large, and not for the process that only watches

    threading.Thread(target=keep_warm, args=(worker.app.callable, _ended), daemon=True).start()


def worker_exit(_server: Any, _worker: Any) -> None:
    """Begin no further figures."""
    _ended.set()


def on_exit(_server: Any) -> None:
    """Delete what only this run needed."""
    if _own_folder is not None:
        shutil.rmtree(_own_folder, ignore_errors=True)
