"""How Gunicorn runs the service: ``gunicorn -c 03_deployment/gunicorn.conf.py 'dtc_service.http.app:create_app()'``."""

# ruff: noqa: INP001 - Gunicorn reads this file, nobody imports it

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from dtc_data.core import read_settings, settle_environment
from dtc_service.settings import ServiceSettings

settle_environment()
_settings = read_settings(ServiceSettings)

bind = _settings.bind
workers = _settings.workers

# A slow client holds up one thread instead of the worker, and a silent one nobody.
worker_class = "dtc_service.server.gunicorn_worker.PatientThreadWorker"
threads = _settings.threads
keepalive = 5

# The thread that follows the registry must start in the worker, and threads do not survive a fork.
preload_app = False

# A worker that hangs is replaced; one that is asked to end may finish the requests that it has.
timeout = 60
graceful_timeout = 30

# No query, no headers, no body: nothing that a respondent answered.
accesslog = "-" if _settings.access_log else None
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s'

# Gunicorn would open a control socket in the home directory, one for all services of a user.
control_socket_disable = True

_SMALL_PIECE_BYTES = 8192  # Gunicorn's own
_LARGE_PIECE_BYTES = 2**18
_YOUNG_OBJECTS = 50_000  # Python's own 700 are reached by a request of a few hundred rows

_state_folder = _settings.state_folder or Path(tempfile.gettempdir())
_PREFIX = "dtc_service_"


def _make_run_folder() -> Path:
    """Make a folder for what only this run needs, and take away those of runs that were killed."""
    _state_folder.mkdir(parents=True, exist_ok=True)
    for left in _state_folder.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("_")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}_", dir=_state_folder))


_run_folder = _make_run_folder()
# The counters of the workers, which outlive a worker that is killed; and the last good model, if no place is named for it.
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={_run_folder}"]
if _settings.state_folder is None:
    raw_env.append(f"SERVICE_STATE_FOLDER={_run_folder}")


def pre_request(_worker: Any, req: Any) -> None:
    """Take a body from the network in few pieces."""
    announced = getattr(req.body.reader, "length", 0)
    req.unreader.mxchunk = min(max(announced, _SMALL_PIECE_BYTES), _LARGE_PIECE_BYTES)


def post_worker_init(_worker: Any) -> None:
    """Spare the garbage collector what stays for good, and the rows of a request, which hold no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a worker that has ended said about itself; its counters stay."""
    for path in _run_folder.glob(f"gauge_live*_{worker.pid}-*.db"):
        path.unlink(missing_ok=True)


def on_exit(_server: Any) -> None:
    """Delete what only this run needed."""
    shutil.rmtree(_run_folder, ignore_errors=True)
