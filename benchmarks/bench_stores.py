"""How long the features of stores take, and how much memory: DuckDB against pandas and Spark, in the same run.

Every measurement is a process of its own, on the same files; rounds alternate and medians count. Processor seconds are those of
the process and of what it started, memory is the largest resident size of all of them together. Seconds depend on what else the
machine does, processor seconds and ratios hardly.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psutil
import pyarrow.parquet as pq
from dtc_data.stores import RetailPlan, RetailTables, store_features, write_planted_retailer

LINES_PER_STORE = 10_000
"""Sales lines of a store in three years."""
WEEKS = 1_096 / 7
OPEN_SHARE = 0.93
"""Share of the weeks in which a store is open and no longer new, roughly: a plan speaks of a store that always is."""
FASTER_THAN_PANDAS = 5
LESS_MEMORY_THAN_PANDAS = 4
SPARK_MEMORY = "4g"


def make_tables(lines: int, folder: Path) -> None:
    """Write the tables of a planted retailer without faults, as `read_retail` would."""
    if (folder / "sales.parquet").exists():
        return
    plan = RetailPlan(
        max(lines // LINES_PER_STORE, 6),
        lines_per_week=LINES_PER_STORE / WEEKS / OPEN_SHARE,
        missing_sizes=0,
        dirty_lines=0,
    )
    with tempfile.TemporaryDirectory(dir=folder.parent) as raw:
        write_planted_retailer(plan, raw)
        folder.mkdir(exist_ok=True)
        casts = {
            "stores": "*, false AS size_imputed, CAST(0 AS DOUBLE) AS size_error",
            "products": "product_id, category",
            "sales": "* REPLACE (CAST(line_id AS VARCHAR) AS line_id, CAST(basket_id AS VARCHAR) AS basket_id, "
            "CAST(quantity AS DOUBLE) AS quantity)",
            "inventory": "* REPLACE (CAST(on_hand AS DOUBLE) AS on_hand)",
        }
        for name, columns in casts.items():
            source, target = Path(raw) / f"{name}.parquet", folder / f"{name}.parquet"
            duckdb.sql(f"COPY (SELECT {columns} FROM '{source}') TO '{target}'")  # noqa: S608 - names of ours


def by_duckdb(tables: RetailTables) -> pd.DataFrame:
    """Return the features of all quarters by DuckDB."""
    return store_features(tables)


def by_spark(tables: RetailTables) -> pd.DataFrame:
    """Return the features of all quarters by Spark on the processors of this machine, its start included."""
    from dtc_data.spark import spark_session, spark_store_features  # noqa: PLC0415 - only where it is measured

    with spark_session(memory=SPARK_MEMORY) as session:
        return spark_store_features(session, tables)


def by_pandas(tables: RetailTables) -> pd.DataFrame:
    """Return the features that need no look back, as an analyst would group them with pandas."""
    sales = tables.frame("sales").merge(tables.frame("products"), on="product_id")
    sales["quarter"] = sales["date"].dt.year * 4 + sales["date"].dt.quarter - 1
    sales["weekend"] = sales["revenue"].where(sales["date"].dt.dayofweek >= 5, 0.0)
    sales["returned"] = (-sales["revenue"]).where(sales["quantity"] < 0, 0.0)
    sales["discounted"] = sales["discount"] > 0
    key = ["store_id", "quarter"]
    groups = sales.groupby(key)
    totals = groups[["revenue", "quantity", "discount", "weekend", "returned", "discounted"]].sum()
    totals["lines"] = groups.size()
    totals["active_days"] = groups["date"].nunique()
    totals["baskets"] = sales.drop_duplicates(["store_id", "date", "basket_id"]).groupby(key).size()
    categories = sales.pivot_table(index=key, columns="category", values="revenue", aggfunc="sum")
    by_product = sales.groupby([*key, "product_id"])["revenue"].sum().groupby(key)
    totals["products_sold"], totals["top_product"] = by_product.count(), by_product.max()
    week = sales["date"].dt.to_period("W").dt.start_time
    weekly = sales.groupby([*key, week])["revenue"].sum().groupby(key)
    totals["variation"] = weekly.std() / weekly.mean()
    stock = tables.frame("inventory")
    stock["quarter"] = stock["date"].dt.year * 4 + stock["date"].dt.quarter - 1
    stock["empty"] = stock["on_hand"] <= 0
    counted = stock.groupby([*key, "product_id"]).agg({"on_hand": "mean", "empty": "mean"}).groupby(key)
    totals["stock"], totals["empty_share"] = counted["on_hand"].sum(), counted["empty"].mean()
    return totals.join(categories.div(totals["revenue"], axis=0)).reset_index()


ENGINES: dict[str, Callable[[RetailTables], pd.DataFrame]] = {
    "duckdb": by_duckdb,
    "pandas": by_pandas,
    "spark": by_spark,
}


def work(engine: str, folder: Path) -> None:
    """Compute once, and print seconds, processor seconds and a digest of the rows as JSON."""
    tables = RetailTables.in_folder(folder)
    started, busy = time.perf_counter(), processor_seconds()
    features = ENGINES[engine](tables)
    figures = {"seconds": time.perf_counter() - started, "processor": processor_seconds() - busy, "rows": len(features)}
    if engine != "pandas":
        features.to_parquet(folder / f"features_{engine}.parquet")
    print(json.dumps(figures))


def processor_seconds() -> float:
    """Return the processor seconds of this process and of those it started and waited for."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def measure(engine: str, folder: Path) -> dict[str, Any]:
    """Run one measurement in a process of its own, and watch its memory."""
    command = [sys.executable, __file__, "--work", engine, "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    watched, peak, children_busy = psutil.Process(process.pid), 0, 0.0
    while process.poll() is None:
        try:
            family = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
            children_busy = max(children_busy, sum(sum(member.cpu_times()[:2]) for member in family[1:]))
        except psutil.Error:
            continue
        time.sleep(0.1)
    said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{engine} failed: run {' '.join(command)} to see why")
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    figures["processor"] = max(figures["processor"], figures["processor"] + children_busy if engine == "spark" else 0)
    return figures | {"gigabytes": peak / 2**30}


def medians(engine: str, rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Print and return the medians of an engine's rounds."""
    middle = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
    print(
        f"{engine:8} {middle['seconds']:8.1f} s {middle['processor']:8.1f} processor s {middle['gigabytes']:6.2f} GB"
        f" {middle['rows']:10,.0f} rows",
        flush=True,
    )
    return middle


def largest_difference(folder: Path) -> float:
    """Return the largest relative difference between the rows of DuckDB and of Spark."""
    ours, theirs = (pd.read_parquet(folder / f"features_{engine}.parquet") for engine in ("duckdb", "spark"))
    numbers = list(ours.select_dtypes("number"))
    pd.testing.assert_frame_equal(ours.drop(columns=numbers), theirs.drop(columns=numbers))
    first, second = ours[numbers].to_numpy(), theirs[numbers].to_numpy()
    return float(np.nanmax(np.abs(first - second) / np.maximum(np.abs(first), 1)))


def main() -> None:
    """Measure and print one line per engine and the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the tables stay; a temporary folder by default")
    parser.add_argument("--work", choices=list(ENGINES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work, arguments.folder)
        return
    with tempfile.TemporaryDirectory(prefix="dtc-bench-") as temporary:
        folder = arguments.folder or Path(temporary) / "tables"
        make_tables(arguments.lines, folder)
        rows = pq.ParquetFile(folder / "sales.parquet").metadata.num_rows
        size = sum(path.stat().st_size for path in folder.glob("[a-z]*s.parquet")) / 1e6
        print(f"{rows:,} sales lines, {size:,.0f} MB of Parquet, {psutil.cpu_count()} processors", flush=True)
        rounds: dict[str, list[dict[str, Any]]] = {engine: [] for engine in arguments.engines}
        for _ in range(arguments.rounds):
            for engine, measured in rounds.items():
                measured.append(measure(engine, folder))
                print(f"  {engine}: {measured[-1]['seconds']:.1f} s", file=sys.stderr, flush=True)
        found = {engine: medians(engine, measured) for engine, measured in rounds.items()}
        if {"duckdb", "spark"} <= set(found):
            print(
                f"largest relative difference of DuckDB's and Spark's rows: {largest_difference(folder):.1e} (bound 1e-9)"
            )
            print(f"Spark takes {found['spark']['seconds'] / found['duckdb']['seconds']:.0f} times as long as DuckDB")
        if {"duckdb", "pandas"} <= set(found):
            faster, smaller = (found["pandas"][name] / found["duckdb"][name] for name in ("processor", "gigabytes"))
            print(
                f"pandas takes {faster:.1f} times DuckDB's processor seconds (bound {FASTER_THAN_PANDAS}) and "
                f"{smaller:.1f} times its memory (bound {LESS_MEMORY_THAN_PANDAS}), for two thirds of the features"
            )


if __name__ == "__main__":
    main()
