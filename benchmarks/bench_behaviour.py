"""How fast behaviour features are made of large data, compared with pandas: ``make bench_behaviour`` (minutes).

The same features of the same frame are made by `dtc_data.transactions.behaviour_features` and by pandas
(``pandas_behaviour.py`` says how), each in a process of its own that has the lines in memory. Both must come to the same numbers.
Processor time is that of all threads.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.transactions import behaviour_features
from pandas_behaviour import features_by_pandas

LEAST_RATIO = 5
"""Bound: pandas takes at least so many times as long."""

AS_OF = pd.Timestamp("2025-06-20", tz="UTC")
START = AS_OF - pd.Timedelta(days=500)

TEXTS = dict.fromkeys(("customer_id", "order_id", "product_id", "department", "kind"), pd.StringDtype("pyarrow"))
"""Columns of text, as `read_lines` returns them."""

WORKS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "behaviour_features": lambda lines: behaviour_features(lines, AS_OF, history_from=START),
    "pandas": lambda lines: features_by_pandas(lines, AS_OF, START),
}


def make_lines(n_customers: int, n_lines: int, seed: int = 42) -> pd.DataFrame:
    """Make lines of orders of four lines on average, a fiftieth of them cancellations."""
    random = np.random.default_rng(seed)
    n_orders, n_products = n_lines // 4, 4_000
    customers, seconds = random.integers(n_customers, size=n_orders), random.integers(520 * 86_400, size=n_orders)
    order, product = random.integers(n_orders, size=n_lines), random.integers(n_products, size=n_lines)
    price = np.round(random.lognormal(1, 1, n_products), 2)[product]
    cancelled = order % 50 == 0
    quantity = random.integers(1, 12, size=n_lines) * np.where(cancelled, -1.0, 1.0)
    ordered = START + pd.to_timedelta(seconds[order], unit="s")
    frame = pd.DataFrame(
        {
            "customer_id": names("c", n_customers)[customers[order]],
            "order_id": names("o", n_orders)[order],
            "product_id": names("p", n_products)[product],
            "department": names("d", 25)[product % 25],
            "quantity": quantity,
            "amount": np.round(quantity * price, 2),
            "discount": np.where(product % 3 == 0, np.round(price / 10, 2), 0.0),
            "ordered_at": ordered.as_unit("us"),
            "arrived_at": ordered.as_unit("us"),
            "kind": np.where(cancelled, "cancellation", "purchase"),
        }
    )
    return frame.astype(TEXTS)


def names(letter: str, count: int) -> npt.NDArray[np.object_]:
    """Return texts that tell things apart."""
    return np.array([f"{letter}{number:08d}" for number in range(count)], dtype=object)


def measured(work: str, lines_file: Path, features_file: Path) -> dict[str, float]:
    """Measure one work in this process: lines that are in memory become features, which are then written."""
    lines = pd.read_parquet(lines_file).astype(TEXTS)
    start, cpu = time.perf_counter(), time.process_time()
    features = WORKS[work](lines)
    seconds = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}
    features.to_parquet(features_file)
    return seconds | {"megabytes": getrusage(RUSAGE_SELF).ru_maxrss / 1024}


def in_its_own_process(*arguments: str) -> dict[str, float]:
    """Run this program for one measurement."""
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout or "{}")
    return found


def check_equal(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare all features."""
    own = ours.set_index("customer_id")
    theirs.index = theirs.index.astype(own.index.dtype)
    if set(theirs) != set(own) or len(theirs) != len(own):
        raise SystemExit(f"other features or customers: {set(theirs) ^ set(own)}, {len(theirs)} and {len(own)}")
    theirs = theirs.loc[own.index]
    for name in map(str, own):
        different = ~np.isclose(own[name], theirs[name], rtol=1e-6, atol=2e-4, equal_nan=True)
        if different.any():
            raise SystemExit(
                f"{name} differs: {own[name][different].iloc[0]} here, {theirs[name][different].iloc[0]} by pandas"
            )


def compare(folder: Path, size: list[str], rounds: int) -> None:
    """Measure both works in turn and print how they compare."""
    lines, made = folder / "lines.parquet", {work: folder / f"{work}.parquet" for work in WORKS}
    in_its_own_process("--write", *size, "--file", str(lines))
    runs: dict[str, list[dict[str, float]]] = {work: [] for work in WORKS}
    for _ in range(rounds):
        for work, found in runs.items():
            found.append(in_its_own_process("--work", work, "--file", str(lines), "--out", str(made[work])))
            words = f"{found[-1]['seconds']:.1f} s, {found[-1]['cpu_seconds']:.1f} s of processors, {found[-1]['megabytes']:.0f} MB"
            print(f"{work}: {words}, load {os.getloadavg()[0]:.1f}", flush=True)
    ours, peer = pd.read_parquet(made["behaviour_features"]), pd.read_parquet(made["pandas"])
    check_equal(ours, peer)
    medians = {
        work: {name: statistics.median(run[name] for run in found) for name in found[0]} for work, found in runs.items()
    }
    longer, more_cpu = (
        medians["pandas"][name] / medians["behaviour_features"][name] for name in ("seconds", "cpu_seconds")
    )
    print(
        f"{ours.shape[1] - 1} features of {len(ours):,} customers, the same numbers; medians: pandas takes {longer:.1f} times as long "
        f"(bound {LEAST_RATIO}) and {more_cpu:.1f} times the processor time"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--work", choices=WORKS, help="measure only this, in this process")
    parser.add_argument("--write", action="store_true", help="only write lines")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        make_lines(arguments.customers, arguments.lines).to_parquet(arguments.file)
        return
    if arguments.work:
        print(json.dumps(measured(arguments.work, arguments.file, arguments.out)))
        return
    print(
        f"{arguments.lines:,} lines, as of {AS_OF:%Y-%m-%d}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    size = ["--customers", str(arguments.customers), "--lines", str(arguments.lines)]
    with TemporaryDirectory(prefix="bench_behaviour_") as folder:
        compare(Path(folder), size, arguments.rounds)


if __name__ == "__main__":
    main()
