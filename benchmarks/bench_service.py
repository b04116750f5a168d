"""How fast the service is beside what MLflow ships and beside a bare WSGI application: ``make bench_service``.

All three run with the same number of workers, on the same processors, one after the other; a round measures each of them
once, and the rounds alternate. The load client is wrk (Debian: ``apt install wrk``; macOS: ``brew install wrk``).
"""

import argparse
import http.client
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
from dtc_data.catalogue import load_catalogue
from dtc_model.registry import log_segment_model
from dtc_model.rule import SegmentModel
from mlflow import MlflowClient
from service_process import (
    PROJECT_FOLDER,
    end_on_sigterm,
    free_port,
    gunicorn,
    running,
    service_command,
    service_environment,
)

sys.path.append(str(PROJECT_FOLDER / "tests"))
from fakes.registry import FakeRegistry

CATALOGUE = load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml")
ROWS = (1, 500, 10_000)
ARROW_ROWS = 1_000_000
CONNECTIONS = 8
WORKERS = 2
SETTLING_SECONDS = 4.0
"""From the first answer until the load begins: a worker that is up before the others would take all connections."""
ARROW_TYPE = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Target:
    """A server and how it is asked."""

    name: str
    command: list[str]
    environment: dict[str, str]
    port: int
    path: str
    probe: str
    split: bool = False
    """Whether it wants MLflow's ``dataframe_split`` instead of arrays."""

    @property
    def url(self) -> str:
        """Address without path."""
        return f"http://127.0.0.1:{self.port}"


def targets(folder: Path, registry_url: str) -> list[Target]:
    """Return the three servers."""
    port, mlflow_port, bare_port = free_port(), free_port(), free_port()
    ours = service_environment(registry_url, port, workers=WORKERS, access_log=False)
    programs = Path(sys.executable).parent
    everything = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}  # MLflow looks for uvicorn there
    mlflow = [
        str(programs / "mlflow"),
        "models",
        "serve",
        "-m",
        str(_saved(folder)),
        "-h",
        "127.0.0.1",
    ]
    mlflow += ["-p", str(mlflow_port), "--env-manager", "local", "--workers", str(WORKERS)]
    bare = [gunicorn(), "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "8"]
    bare += ["--bind", f"127.0.0.1:{bare_port}", "--pythonpath", str(Path(__file__).parent), "bare_app:app"]
    service = Target("service", service_command(), ours, port, "/predict", "/readyz")
    return [
        service,
        Target("service, full", service.command, ours, port, "/predict?detail=full", "/readyz"),
        Target("bound", bare, everything, bare_port, "/", "/"),
        Target("mlflow", mlflow, everything, mlflow_port, "/invocations", "/ping", split=True),
    ]


def _saved(folder: Path) -> Path:
    """Log the model to a store of its own, as the registry would, and give where it lies."""
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.create_experiment("bench", artifact_location=(folder / "artifacts").as_uri())
    model_id = log_segment_model(client, experiment, SegmentModel.from_catalogue(CATALOGUE))
    return Path(client.get_logged_model(model_id).artifact_location.removeprefix("file://"))


def _answers(n_rows: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    random = np.random.default_rng(n_rows)
    chosen = CATALOGUE.centroids[random.integers(0, len(CATALOGUE.segments), n_rows)]
    low, high = CATALOGUE.limits
    answers: np.ndarray[Any, np.dtype[np.float64]]
    answers = np.clip(chosen + random.normal(0, 2, chosen.shape), low, high).round(4)
    return answers


def _script(folder: Path, n_rows: int, *, split: bool) -> Path:
    rows = _answers(n_rows).tolist()
    document = {"dataframe_split": {"columns": CATALOGUE.feature_names, "data": rows}} if split else rows
    path = folder / f"{n_rows}_{split}.lua"
    head = 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
    path.write_text(f"{head}wrk.body = [==[{json.dumps(document)}]==]\n")
    return path


def _wrk(target: Target, script: Path, seconds: float, processors: str) -> dict[str, float]:
    command = [
        "taskset",
        "-c",
        processors,
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds:g}s",
        "--latency",
        "--timeout",
        "30s",
    ]
    done = subprocess.run(
        [*command, "-s", str(script), target.url + target.path], capture_output=True, text=True, check=True
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{target.name} does not answer right:\n{done.stdout}")
    found = {f"p{share}_ms": _milliseconds(done.stdout, share) for share in (50, 99)}
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    if rate is None or not float(rate[1]):
        raise RuntimeError(f"{target.name} answered nothing within {seconds:g} s: measure longer with --seconds")
    return found | {"requests_per_second": float(rate[1])}


def _milliseconds(text: str, share: int) -> float:
    match = re.search(rf"\n\s+{share}%\s+([0-9.]+)(us|ms|s)", text)
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000}[match[2]] if match else float("nan")


def _arrow(target: Target) -> dict[str, float]:
    """Send a million respondents as Arrow some times; the first request, which imports PyArrow, does not count."""
    answers = _answers(ARROW_ROWS)
    table = pa.table({name: answers[:, place] for place, name in enumerate(CATALOGUE.feature_names)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body = sink.getvalue().to_pybytes()
    rates = []
    for _ in range(2 * WORKERS + 6):
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
        started = time.perf_counter()
        connection.request("POST", "/predict", body, {"Content-Type": ARROW_TYPE, "Accept": ARROW_TYPE})
        answer = connection.getresponse()
        received = answer.read()
        rates.append(ARROW_ROWS / (time.perf_counter() - started))
        connection.close()
        if answer.status != 200:
            raise RuntimeError(received[:300])
    return {"rows_per_second": statistics.median(rates[2 * WORKERS :]), "request_megabytes": len(body) / 1e6}


def _memory(pid: int) -> tuple[float, float]:
    """Return resident and peak memory of the largest worker, in megabytes."""
    resident, peak = [], []
    for worker in psutil.Process(pid).children():
        resident.append(worker.memory_info().rss / 1e6)
        status = Path(f"/proc/{worker.pid}/status")
        if status.exists():
            peak.append(int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) * 1024 / 1e6)
    return max(resident), max(peak, default=float("nan"))


@contextmanager
def _pinned(target: Target, folder: Path, processors: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    started = time.perf_counter()
    command = ["taskset", "-c", processors, *target.command]
    with running(command, target.url + target.probe, folder / "log", target.environment) as process:
        ready_seconds = time.perf_counter() - started
        time.sleep(SETTLING_SECONDS)
        yield process, ready_seconds


def measure(seconds: float, rounds: int, folder: Path, processors: str) -> dict[str, Any]:
    """Run all rounds and give medians by target and number of rows."""
    found: dict[tuple[str, int], list[dict[str, float]]] = defaultdict(list)
    own: dict[str, float] = {}
    with FakeRegistry(CATALOGUE.registered_model) as registry:
        registry.add("1", SegmentModel.from_catalogue(CATALOGUE).to_json())
        registry.production = "1"
        servers = targets(folder, registry.url)
        for number in range(rounds):
            for target in servers:
                with _pinned(target, folder, processors) as (process, ready_seconds):
                    for n_rows in ROWS:
                        script = _script(folder, n_rows, split=target.split)
                        found[target.name, n_rows].append(_wrk(target, script, seconds, processors))
                    if target.name == "service" and number == rounds - 1:
                        own["ready_seconds"] = ready_seconds
                        own["resident_megabytes_after_load"], before = _memory(process.pid)
                        own |= _arrow(target)
                        own["arrow_peak_megabytes"] = _memory(process.pid)[1] - before
    table = {
        f"{name}, {n_rows} rows": {key: statistics.median(each[key] for each in all_) for key in all_[0]}
        for (name, n_rows), all_ in found.items()
    }
    return {"machine": _machine(processors), "seconds": seconds, "rounds": rounds, "figures": table, "service": own}


def _machine(processors: str) -> dict[str, Any]:
    model = (
        re.findall(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
        if Path("/proc/cpuinfo").exists()
        else []
    )
    return {
        "processor": model[0] if model else platform.processor(),
        "processors_used": processors,
        "memory_gigabytes": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "workers": WORKERS,
        "connections": CONNECTIONS,
        "load_before": os.getloadavg()[0],
    }


def _ratios(figures: dict[str, dict[str, float]]) -> dict[str, float]:
    rate = {name: row["requests_per_second"] for name, row in figures.items()}
    return {
        f"{mine} / {other}, {n_rows} rows": rate[f"{mine}, {n_rows} rows"] / rate[f"{other}, {n_rows} rows"]
        for mine, other in (("service", "mlflow"), ("service", "bound"), ("service, full", "service"))
        for n_rows in ROWS
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=8, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processors", default="0,1", help="processors for servers and client, as taskset takes them")
    arguments = parser.parse_args()
    end_on_sigterm()
    if missing := [name for name in ("wrk", "taskset") if shutil.which(name) is None]:
        raise SystemExit(f"{' and '.join(missing)} missing: apt install wrk util-linux")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments.seconds, arguments.rounds, Path(folder), arguments.processors)
    print(json.dumps(found | {"ratios": _ratios(found["figures"])}, indent=2))


if __name__ == "__main__":
    main()
