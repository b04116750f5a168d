"""How long customer features and labels take, and how much memory, beside pandas groupby: ``make bench_transactions``.

Lines of planted customers are written to Parquet files of growing size, about twenty lines per customer, all of them in the
lookback. Each measurement is a process of its own that begins with the file and ends with the features, so that its peak memory
is that of the work; rounds alternate, medians count. Both must give the same features. Labels are those of five segments, by ranks
of three features as `make discover` proposes them, found among some of the customers; only labelling counts, features being there.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

import pandas as pd
from dtc_data.core import Wave
from dtc_data.synthetic import planted_lines
from dtc_data.transactions import customer_features
from pandas_features import features_by_pandas

MONTHS = 5
CUTOFF = datetime(2024, 6, 1, tzinfo=UTC)
LOOKBACK_DAYS = 180
LEAST_SPEED, MOST_MEMORY = 5.0, 0.25
"""Bounds of the ratios to pandas at the largest size."""

LABELLED_BY = ["recency_days", "frequency", "monetary"]
SEARCHED, SEGMENTS = 5_000, 5

WORKS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "ours": lambda path: customer_features(path, CUTOFF, LOOKBACK_DAYS),
    "pandas": lambda path: features_by_pandas(path, CUTOFF, LOOKBACK_DAYS),
}


def write_lines(path: Path, customers: int) -> None:
    """Write lines in pieces, so that making them needs less memory than measuring."""
    import pyarrow as pa  # noqa: PLC0415 - only this process writes
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    piece = 50_000
    writer = None
    for number, start in enumerate(range(0, customers, piece)):
        lines, _ = planted_lines(min(piece, customers - start), Wave(2024, 1), MONTHS, seed=number)
        ids = {name: f"{number}-" + lines[name] for name in ("customer_id", "order_id")}
        table = pa.Table.from_pandas(lines.assign(**ids), preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def measured(work: str, path: Path) -> dict[str, float]:
    """Measure one work in this process."""
    start, cpu = time.perf_counter(), time.process_time()
    features = WORKS[work](path)
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes": getrusage(RUSAGE_SELF).ru_maxrss / 1024,
        "customers": len(features),
        "check": round(float(features.drop(columns="customer_id").sum().sum()), 2),
    }


def measured_labels(path: Path) -> dict[str, float]:
    """Measure the labels of all customers of a file in this process."""
    from dtc_data import Catalogue  # noqa: PLC0415 - only this work needs a model
    from dtc_model.discovery import discover  # noqa: PLC0415 - likewise
    from dtc_model.profiles import draft_catalogue  # noqa: PLC0415 - likewise
    from dtc_model.rule import SegmentModel  # noqa: PLC0415 - likewise

    answers = WORKS["ours"](path).set_index("customer_id")[LABELLED_BY]
    found = discover(answers.head(SEARCHED), "kmeans", SEGMENTS, encodings=["quantile"], n_bootstraps=1)
    head = {"name": "Customers", "unit_table": "customers", "registered_model": "customers"}
    model = SegmentModel.from_catalogue(Catalogue.model_validate(draft_catalogue(found.document, head=head)))
    start, cpu = time.perf_counter(), time.process_time()
    labels = model.label(answers.to_numpy(dtype="float64"))
    return {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu, "customers": len(labels)}


def in_its_own_process(*arguments: str) -> dict[str, float]:
    """Run this program for one measurement."""
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout or "{}")
    return found


def compare(path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Measure both works in turn and return their medians."""
    runs: dict[str, list[dict[str, float]]] = {work: [] for work in WORKS}
    for _ in range(rounds):
        for work, found in runs.items():
            found.append(in_its_own_process("--work", work, "--file", str(path)))
    medians = {
        work: {name: statistics.median(run[name] for run in found) for name in found[0]} for work, found in runs.items()
    }
    ours, peer = medians["ours"], medians["pandas"]
    if (ours["customers"], ours["check"]) != (peer["customers"], peer["check"]):
        raise SystemExit(f"the features differ: {ours} and {peer}")
    return medians


def main() -> None:
    """Measure and print one line per figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[58_000, 174_000, 580_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", choices=[*WORKS, "labels"], help="measure only this, in this process")
    parser.add_argument("--write", type=int, help="only write lines of so many customers")
    parser.add_argument("--file", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        write_lines(arguments.file, arguments.write)
        return
    if arguments.work:
        is_labels = arguments.work == "labels"
        found = measured_labels(arguments.file) if is_labels else measured(arguments.work, arguments.file)
        print(json.dumps(found))
        return
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {arguments.rounds} rounds, lookback {LOOKBACK_DAYS} days"
    )
    print(f"{'lines':>11} {'customers':>9}  {'ours':>25}  {'pandas':>25}  times as fast (CPU), share of memory; labels")
    sizes: list[tuple[int, float]] = []
    for customers in arguments.customers:
        with TemporaryDirectory(prefix="bench_transactions_") as folder:
            path = Path(folder) / "lines.parquet"
            in_its_own_process("--write", str(customers), "--file", str(path))
            lines = len(pd.read_parquet(path, columns=["kind"]))
            both = compare(path, arguments.rounds)
            labels = in_its_own_process("--work", "labels", "--file", str(path))
        columns = [f"{f['seconds']:7.2f} s {f['cpu_seconds']:6.2f} s {f['megabytes']:5.0f} MB" for f in both.values()]
        ours, peer = both["ours"], both["pandas"]
        faster, cpu, memory = (peer[name] / ours[name] for name in ("seconds", "cpu_seconds", "megabytes"))
        print(
            f"{lines:>11,} {ours['customers']:>9,.0f}  {'  '.join(columns)}  {faster:.1f} ({cpu:.1f}), {1 / memory:.2f}; "
            f"{labels['seconds']:.2f} s ({labels['cpu_seconds']:.2f} s)"
        )
        sizes.append((lines, ours["cpu_seconds"]))
    (fewest, shortest), (most, longest) = sizes[0], sizes[-1]
    print(f"{most / fewest:.1f} times as many lines take ours {longest / shortest:.1f} times the processor time")
    print(f"bounds at the last size: {LEAST_SPEED:g} times as fast, {MOST_MEMORY:g} of the memory")


if __name__ == "__main__":
    main()
