"""How fast the pages are on a million labelled units, beside the same figures by a plain scan and by pandas; 20 people at once; memory.

A PostgreSQL of its own holds two waves of labelled respondents and a forecast of as many customers. The pages run under Gunicorn, as
in the stack, without a registry: what it would add is told as missing. A page counts as ready when its HTML and its parts are here.
Seconds depend on what else the machine does, ratios hardly.
"""

import argparse
import math
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import psutil
from dtc_dashboard.texts import texts_in
from dtc_data import Wave, load_catalogue
from dtc_data.catalogue import Catalogue
from dtc_data.core import DatabaseUnavailableError, PostgresSettings
from dtc_data.forecasts import ForecastTable
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, make_engine, segment_means, transaction, wave_counts
from dtc_stack.databases import Database, prepare
from dtc_stack.programs import ADMIN
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from dtc_stack.settings import PROJECT_FOLDER
from pydantic import SecretStr
from sqlalchemy import Engine, text

CATALOGUE = PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml"
WAVES = (Wave(2025, 1), Wave(2025, 2))
PATHS = {
    "overview": "/",
    "segments": "/segments/dtc_personas?segment=1",
    "waves": "/waves/dtc_personas",
    "customers": "/customers?capacity=300",
    "customer": "/customers?customer=customer_77",
    "decisions": "/decisions",
    "data": "/data",
}
_FORECASTS = """
INSERT INTO customer_forecasts (model, version, cutoff, horizon_days, customer_id, probability, expected_amount, segment)
SELECT 'customer_churn', '1', '2025-03-01', 30, 'customer_' || n, random(), 80 * random(), 'segment ' || n % 5
FROM generate_series(1, :units) AS n
"""
_RELABEL = "UPDATE {table} SET model_version = '2'"
SETTLED_SECONDS = 120
PEOPLE = 20
READING_SECONDS = 5
"""How long a person looks at a page before the next one, on average; 0 is a machine."""
WORDS_FOR_OLD = (texts_in("en")("site.pending"), texts_in("en")("site.older", at="|").partition("|")[2])
READY_SECONDS = 1.0
MEMORY_MB = 400


def fill(engine: Engine, catalogue: Catalogue, units: int) -> None:
    """Store labelled waves with so many units in all, and a forecast of as many customers."""
    table = UnitTable(catalogue)
    for seed, wave in enumerate(WAVES):
        with transaction(engine) as connection:
            table.create(connection)
            table.ingest(connection, make_wave(catalogue, units // len(WAVES), 2.0, seed, wave, labelled=True))
    with transaction(engine) as connection:
        ForecastTable("customer_churn").create(connection)
        connection.execute(text(_FORECASTS), {"units": units})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def by_a_scan(engine: Engine, catalogue: Catalogue) -> None:
    """Work out what the overview and a profile show by scanning the table."""
    with transaction(engine) as connection:
        wave_counts(connection, catalogue)
        segment_means(connection, catalogue, WAVES[-1])


def by_pandas(engine: Engine, catalogue: Catalogue) -> None:
    """Work the same out in pandas, from the table loaded wave by wave."""
    table, shares = UnitTable(catalogue), {}
    for wave in WAVES:
        with transaction(engine) as connection:
            units = table.load(connection, wave)
        shares[wave] = units["segment"].value_counts(normalize=True)
        units.groupby("segment")[list(catalogue.feature_names)].agg(["mean", "std", "count"])


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresSettings]:
    """Run a server of its own."""
    port, password = free_port(), secrets.token_hex(12)
    server = EmbeddedPostgres(folder / "postgres", "127.0.0.1", port)
    server.initialise(password)
    with (folder / "postgres.log").open("w") as log:
        process = subprocess.Popen(server.command(), stdout=log, stderr=log, cwd="/")
    try:
        for _ in range(600):
            with suppress(DatabaseUnavailableError):
                prepare(server.host, port, ADMIN, password, (Database("bench", "bench", password),))
                break
            time.sleep(0.2)
        secret = SecretStr(password)
        yield PostgresSettings(user="bench", password=secret, dbname="bench", host=server.host, port=port)
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
        process.wait(60)


@contextmanager
def pages(settings: PostgresSettings, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run the pages as the stack does, and give their address and process."""
    port = free_port()
    own = {
        "POSTGRES_HOST": settings.host,
        "POSTGRES_PORT": str(settings.port),
        "POSTGRES_USER": "bench",
        "POSTGRES_DBNAME": "bench",
        "POSTGRES_PASSWORD": settings.password.get_secret_value(),
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "DASHBOARD_PORT": str(port),
        "DASHBOARD_ACCESS_LOG": "false",
        "DTC_ENV_FILE": str(folder / "none.env"),
    }
    (folder / "none.env").touch()
    command = [str(Path(sys.executable).with_name("gunicorn")), "--config"]
    command += [
        str(PROJECT_FOLDER / "03_deployment" / "dashboard.gunicorn.conf.py"),
        "dtc_dashboard.pages.app:create_app()",
    ]
    with (folder / "pages.log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log, cwd=PROJECT_FOLDER)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with suppress(httpx.HTTPError):
                httpx.get(f"{address}/healthz").raise_for_status()
                break
            time.sleep(0.2)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def free_port() -> int:
    """Return a port on which nobody listens."""
    import socket  # noqa: PLC0415 - for this alone

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds(act: Callable[[], object], rounds: int) -> float:
    """Return the median time of an act."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def memory_mb(process: psutil.Process) -> float:
    """Return the resident memory of a process and its children."""
    own = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in own) / 2**20


def together(address: str, people: int, for_seconds: float, reading_seconds: float) -> list[float]:
    """Return the times of all pages that so many people open at once, each reading a page so long on average before the next."""
    taken: list[float] = []
    until = time.monotonic() + for_seconds

    def one_person(first: int) -> None:
        paths, random = list(PATHS.values()), np.random.default_rng(first)
        with httpx.Client(base_url=address, timeout=60) as client:
            place = first
            while time.monotonic() < until:
                begun = time.perf_counter()
                client.get(paths[place % len(paths)]).raise_for_status()
                taken.append(time.perf_counter() - begun)
                place += 1
                time.sleep(random.exponential(reading_seconds))

    threads = [threading.Thread(target=one_person, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


def main() -> int:
    """Measure, print, and tell by the exit code whether everything is within its bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-pandas", action="store_true", help="It takes the longest by far.")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=15)
    given = parser.parse_args()
    catalogue = load_catalogue(CATALOGUE)
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as settings:
        engine = make_engine(settings)
        fill(engine, catalogue, given.units)
        scan = seconds(lambda: by_a_scan(engine, catalogue), 3)
        frames = math.nan if given.without_pandas else seconds(lambda: by_pandas(engine, catalogue), 1)
        loaded = "" if math.isnan(frames) else f", pandas {frames:.2f} s for the same figures"
        print(f"{given.units:,} units: plain scan {scan:.2f} s{loaded}")
        with pages(settings, Path(name)) as (address, process):
            settle(address)
            slowest = measure_pages(address, given.rounds, scan, frames)
            slowest = max(slowest, measure_changed(engine, catalogue, address))
            for reading_seconds in (READING_SECONDS, 0):
                taken = together(address, PEOPLE, given.seconds, reading_seconds)
                print(
                    f"{PEOPLE} people at once, each reading a page for {reading_seconds} s: {len(taken) / given.seconds:.1f} pages/s, "
                    f"median {taken[len(taken) // 2]:.2f} s, 95 % within {taken[int(len(taken) * 0.95)]:.2f} s"
                )
            used = memory_mb(process)
    print(f"memory {used:.0f} MB (bound {MEMORY_MB})")
    return int(slowest > READY_SECONDS or used > MEMORY_MB)


def settle(address: str) -> float:
    """Wait until the pages show figures and none of before, and return how many seconds it took."""
    begun = time.monotonic()
    with httpx.Client(base_url=address, timeout=120) as client:
        while time.monotonic() - begun < SETTLED_SECONDS:
            if not any(word in client.get(PATHS["segments"]).text for word in WORDS_FOR_OLD):
                break
            time.sleep(0.5)
    return time.monotonic() - begun


def measure_changed(engine: Engine, catalogue: Catalogue, address: str) -> float:
    """Change every row, print how long the first pages take after that, and return the slowest."""
    with transaction(engine) as connection:
        connection.execute(text(_RELABEL.format(table=catalogue.unit_table)))
    time.sleep(1.5)  # Postgres counts changes within a second
    slowest = 0.0
    with httpx.Client(base_url=address, timeout=120) as client:
        for name in ("overview", "segments", "data"):
            taken = seconds(lambda name=name: client.get(PATHS[name]).raise_for_status(), 1)  # type: ignore[misc]  # likewise
            slowest = max(slowest, taken)
            print(f"{name:10} first after every row has changed {taken:.2f} s", flush=True)
    print(f"new figures stand there {settle(address):.1f} s later")
    return slowest


def measure_pages(address: str, rounds: int, scan: float, frames: float) -> float:
    """Print how long each page takes, the first time and after that, and return the slowest."""
    slowest = 0.0
    with httpx.Client(base_url=address, timeout=120) as client:
        for name, path in PATHS.items():
            first = seconds(lambda path=path: client.get(path).raise_for_status(), 1)  # type: ignore[misc]  # a default is not an argument of theirs
            again = seconds(lambda path=path: client.get(path).raise_for_status(), rounds)  # type: ignore[misc]  # likewise
            slowest = max(slowest, again)
            loaded = "" if math.isnan(frames) else f", pandas / page {frames / again:.1f}"
            print(
                f"{name:10} first {first:.2f} s, then {again:.3f} s; scan / page {scan / again:.1f}{loaded}", flush=True
            )
    return slowest


if __name__ == "__main__":
    raise SystemExit(main())
