"""What a million respondents cost beside the plain way and beside ``DataFrame.to_sql``: ``make bench_scale``.

Waves of growing size with 20 features are written to CSV, ingested, ingested again unchanged, and labelled, in a PostgreSQL of the
benchmark's own. Each measurement is a process of its own. Processor seconds are those of that process and of the server's
together, since others may share the machine; memory is the peak of the process. The plain way is pandas and one statement per
row; it is measured on a sample and reckoned up, and so is `to_sql` where a size is larger than `MOST_TO_SQL`.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import psutil
from dtc_data import Catalogue, Wave
from dtc_data.core import DatabaseUnavailableError, PostgresSettings
from dtc_data.surveys import ingest_file
from dtc_data.tables import UnitTable, make_engine, transaction
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_service.batch import label_wave
from dtc_stack.databases import Database, prepare
from dtc_stack.programs import ADMIN
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from pydantic import SecretStr
from sqlalchemy import Connection, text

SIZES = (10_000, 100_000, 1_000_000)
SAMPLE = 500
"""Rows on which the plain way is measured."""
MOST_TO_SQL = 5_000
FEATURES = tuple(f"q{number:02d}" for number in range(1, 21))
WAVE = Wave(2025, 1)
TABLE = "bench_units"
SEGMENTS = 5


def the_catalogue() -> Catalogue:
    """Return five segments in twenty features from 0 to 8."""
    centroids = np.random.default_rng(1).uniform(2, 6, (SEGMENTS, len(FEATURES))).round(2).tolist()
    return Catalogue.model_validate(
        {
            "name": "bench",
            "unit_table": TABLE,
            "registered_model": "bench",
            "features": [{"name": name, "minimum": 0, "maximum": 8} for name in FEATURES],
            "segments": [{"id": k, "name": f"Segment {k}", "centroid": row} for k, row in enumerate(centroids)],
        }
    )


def write_wave(path: Path, n_units: int) -> None:
    """Write respondents about the centroids, a piece at a time."""
    centroids, generator = the_catalogue().centroids, np.random.default_rng(n_units)
    for start in range(0, n_units, 100_000):
        size = min(100_000, n_units - start)
        near = centroids[generator.integers(0, SEGMENTS, size)]
        answers = (near + generator.normal(0, 1, near.shape)).clip(0, 8).round(2)
        frame = pd.DataFrame(answers, columns=list(FEATURES))
        days = generator.integers(0, 28, size).astype("timedelta64[D]")
        frame.insert(0, "date", np.datetime_as_string(np.datetime64("2025-01-01") + days))
        frame.insert(0, "customer_id", [f"r{start + row:08d}" for row in range(size)])
        frame.to_csv(path, mode="a", header=start == 0, index=False)


def our_ingestion(path: Path, settings: PostgresSettings) -> int:
    """Ingest the file."""
    ingest_file(make_engine(settings), UnitTable(the_catalogue()), path)
    return 0


def our_labelling(_: Path, settings: PostgresSettings) -> int:
    """Label the wave."""
    model = ServedModel("1", SegmentModel.from_catalogue(the_catalogue()))
    with transaction(make_engine(settings)) as connection:
        label_wave(connection, UnitTable(the_catalogue()), WAVE, model)
    return 0


def to_sql(path: Path, settings: PostgresSettings) -> int:
    """Read and write the file with pandas alone, nothing checked."""
    frame = pd.read_csv(path, parse_dates=["date"], nrows=MOST_TO_SQL)
    with transaction(make_engine(settings)) as connection:
        frame.to_sql("bench_to_sql", connection, if_exists="replace", index=False, method="multi", chunksize=1_000)
    return len(frame)


def plain_ingestion(path: Path, settings: PostgresSettings) -> int:
    """Insert row by row."""
    frame = pd.read_csv(path, nrows=SAMPLE)
    names = ", ".join(frame.columns)
    places = ", ".join(f":{name}" for name in frame.columns)
    insertion = text(f"INSERT INTO {TABLE} ({names}) VALUES ({places})")  # noqa: S608 - names of our own
    with transaction(make_engine(settings)) as connection:
        UnitTable(the_catalogue()).create(connection)
        for row in frame.to_dict("records"):
            connection.execute(insertion, {str(name): value for name, value in row.items()})
    return len(frame)


def plain_labelling(_: Path, settings: PostgresSettings) -> int:
    """Load the wave with pandas, and update row by row."""
    model = SegmentModel.from_catalogue(the_catalogue())
    values = f"{the_catalogue().segment_column} = :segment, model_version = '1', labelled_at = now()"
    update = text(f"UPDATE {TABLE} SET {values} WHERE customer_id = :id AND date = :date")  # noqa: S608 - likewise
    with transaction(make_engine(settings)) as connection:
        frame = pd.read_sql(text(f"SELECT * FROM {TABLE} LIMIT {SAMPLE}"), connection)  # noqa: S608 - likewise
        labels = model.label(frame[list(FEATURES)].to_numpy())
        for id_, date, segment in zip(frame["customer_id"], frame["date"], labels.tolist(), strict=True):
            connection.execute(update, {"segment": segment, "id": id_, "date": date})
    return len(frame)


WORKS: dict[str, Callable[[Path, PostgresSettings], int]] = {
    "ingest": our_ingestion,
    "ingest again": our_ingestion,
    "label": our_labelling,
    "label again": our_labelling,
    "to_sql": to_sql,
    "row by row: ingest": plain_ingestion,
    "row by row: label": plain_labelling,
}
"""What is measured, in this order; each returns how many rows it took, 0 for all."""


@contextmanager
def postgres(folder: Path, port: int) -> Iterator[tuple[PostgresSettings, psutil.Process]]:
    """Start a server that writes as safely as the stack's does."""
    password = secrets.token_hex(12)
    server = EmbeddedPostgres(folder / "postgres", "127.0.0.1", port)
    server.initialise(password)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(server.command(), stdout=log, stderr=log, cwd="/")
    try:
        for _ in range(300):
            with suppress(DatabaseUnavailableError):
                prepare(server.host, port, ADMIN, password, (Database("bench", "bench", password),))
                break
            time.sleep(0.2)
        yield PostgresSettings(
            user="bench", password=SecretStr(password), dbname="bench", host=server.host, port=port
        ), psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
        process.wait(60)


def work(name: str, path: str, password: str, port: str) -> None:
    """Do one work in this process, and print what it took."""
    settings = PostgresSettings(
        user="bench", password=SecretStr(password), dbname="bench", host="127.0.0.1", port=int(port)
    )
    began, before = time.monotonic(), time.process_time()
    rows = WORKS[name](Path(path), settings)
    taken = {"rows": rows, "seconds": time.monotonic() - began, "processor": time.process_time() - before}
    print(json.dumps(taken | {"memory_mb": getrusage(RUSAGE_SELF).ru_maxrss / 1024}))


def measure(name: str, path: Path, n_units: int, settings: PostgresSettings, server: psutil.Process) -> dict[str, Any]:
    """Do one work in a process of its own; its figures are for all units."""
    arguments = [name, str(path), settings.password.get_secret_value(), str(settings.port)]
    with subprocess.Popen(
        [sys.executable, __file__, "--work", *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        backends: dict[int, float] = {}
        while process.poll() is None:
            for child in server.children():
                with suppress(psutil.Error):
                    if "bench bench" in " ".join(child.cmdline()):
                        backends[child.pid] = sum(child.cpu_times()[:2])
            time.sleep(0.02)
        said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{name} failed")
    found: dict[str, Any] = json.loads(said)
    factor = n_units / found["rows"] if found["rows"] else 1.0
    found["processor"] = (found["processor"] + sum(backends.values())) * factor
    return found | {"seconds": found["seconds"] * factor, "reckoned": factor != 1}


def forget(connection: Connection) -> None:
    """Drop what was written."""
    for name in (TABLE, f"label_history_{TABLE}", "bench_to_sql"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def main() -> None:
    """Print a table per size, the ratios, and by how much memory grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--port", type=int, default=54_977)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(*arguments.work)
        return
    with TemporaryDirectory(prefix="dtc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # root hands the server to another user
        with postgres(folder, arguments.port) as (settings, server):
            memory: dict[str, list[float]] = {}
            for n_units in arguments.sizes:
                path = folder / f"{n_units}.csv"
                write_wave(path, n_units)
                print(f"\n{n_units:,} respondents, {len(FEATURES)} features, load {os.getloadavg()[0]:.1f}")
                figures: dict[str, dict[str, Any]] = {}
                for work_name in WORKS:
                    if work_name == "row by row: ingest":
                        with transaction(make_engine(settings)) as connection:
                            forget(connection)
                    figures[work_name] = found = measure(work_name, path, n_units, settings, server)
                    if not found["reckoned"]:
                        memory.setdefault(work_name, []).append(found["memory_mb"])
                    print(
                        f"  {work_name:20} {found['processor']:8.1f} processor s {found['seconds']:8.1f} s {found['memory_mb']:5.0f} MB"
                        f"{'  (reckoned up from a sample)' if found['reckoned'] else ''}",
                        flush=True,
                    )
                ratios = {
                    "ingest, to_sql": ("to_sql", "ingest"),
                    "ingest, row by row": ("row by row: ingest", "ingest"),
                    "label, row by row": ("row by row: label", "label"),
                }
                for what, (slow, fast) in ratios.items():
                    print(
                        f"  {what}: {figures[slow]['processor'] / figures[fast]['processor']:.1f} times the processor time of ours"
                    )
                with transaction(make_engine(settings)) as connection:
                    forget(connection)
            if len(arguments.sizes) > 1:
                print(f"\nMemory from {arguments.sizes[0]:,} to {arguments.sizes[-1]:,} respondents:")
                for work_name, peaks in memory.items():
                    print(f"  {work_name:20} {peaks[-1] - peaks[0]:+5.0f} MB")


if __name__ == "__main__":
    main()
