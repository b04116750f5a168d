"""How fast behaviour features are made of large data, compared with pandas: ``make bench_behaviour`` (minutes).

The same features of the same frame are made by `dtc_data.transactions.behaviour_features` and by pandas
(``pandas_behaviour.py`` says how), in turn. Both must come to the same numbers. Processor time is that of all threads.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.transactions import behaviour_features
from pandas_behaviour import features_by_pandas

LEAST_RATIO = 5
"""Bound: pandas takes at least so many times as long."""

AS_OF = pd.Timestamp("2025-06-20", tz="UTC")
START = AS_OF - pd.Timedelta(days=500)

Result = TypeVar("Result")


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
    texts = ("customer_id", "order_id", "product_id", "department", "kind")
    return frame.astype(dict.fromkeys(texts, pd.StringDtype("pyarrow")))  # what `read_lines` returns


def names(letter: str, count: int) -> npt.NDArray[np.object_]:
    """Return texts that tell things apart."""
    return np.array([f"{letter}{number:08d}" for number in range(count)], dtype=object)


def timed(work: Callable[[], Result]) -> tuple[tuple[float, float], Result]:
    """Measure the seconds and the processor seconds of one call."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return (time.perf_counter() - start, time.process_time() - cpu), result


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    lines = make_lines(arguments.customers, arguments.lines)
    works: dict[str, Callable[[], pd.DataFrame]] = {
        "behaviour_features": lambda: behaviour_features(lines, AS_OF, history_from=START),
        "pandas": lambda: features_by_pandas(lines, AS_OF, START),
    }
    print(
        f"{arguments.lines:,} lines, as of {AS_OF:%Y-%m-%d}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(arguments.rounds):
        made = {}
        for name, work in works.items():
            seconds, made[name] = timed(work)
            times[name].append(seconds)
            print(
                f"{name}: {seconds[0]:.1f} s, {seconds[1]:.1f} s of processors, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        check_equal(made["behaviour_features"], made["pandas"])
    found = made["behaviour_features"]
    ours, peer = (tuple(statistics.median(one) for one in zip(*times[name], strict=True)) for name in works)
    print(
        f"{found.shape[1] - 1} features of {len(found):,} customers, the same numbers; medians: pandas takes {peer[0] / ours[0]:.1f} times "
        f"as long (bound {LEAST_RATIO}) and {peer[1] / ours[1]:.1f} times the processor time"
    )


if __name__ == "__main__":
    main()
