"""How fast behaviour features are made of large data, beside pandas: ``python benchmarks/bench_behaviour.py`` (minutes).

The same 84 features, from the same frame, are made by `dtc_data.transactions.behaviour_features` and by pandas as people usually write it:
a groupby for each window. Both must come to the same numbers. Then the time of all features.
"""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.transactions import WINDOWS, behaviour_features

LEAST_RATIO = 5
"""Bound: pandas takes at least so many times as long."""

AS_OF = pd.Timestamp("2025-06-20", tz="UTC")
START = AS_OF - pd.Timedelta(days=500)

COUNTS = ("orders_", "amount_", "items_", "products_", "active_days_", "departments_", "returned_")
"""How the names begin of what is 0 without an order in a window."""

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


def pandas_features(lines: pd.DataFrame) -> pd.DataFrame:
    """Make the features by one groupby after the other."""
    known = lines[(lines["ordered_at"] < AS_OF) & (lines["arrived_at"] < AS_OF)]
    known = known.assign(days_ago=(AS_OF - known["ordered_at"]) / pd.Timedelta(days=1))
    bought, returned = known[known["kind"] == "purchase"], known[known["kind"] == "cancellation"]
    orders = bought.groupby(["customer_id", "order_id"], as_index=False).agg(
        days_ago=("days_ago", "max"), ordered_at=("ordered_at", "min"), lines=("amount", "size"),
        items=("quantity", "sum"), amount=("amount", "sum"), discount=("discount", "sum"))  # fmt: skip
    orders["day"], orders["log_amount"] = orders["ordered_at"].dt.floor("D"), np.log1p(orders["amount"])
    customers = orders.groupby("customer_id")
    columns = {
        "recency_days": customers["days_ago"].min(),
        "tenure_days": customers["days_ago"].max(),
        "orders_ever": customers.size(),
        "amount_ever": customers["amount"].sum(),
        "products_ever": bought.groupby("customer_id")["product_id"].nunique(),
        "largest_order": customers["amount"].max(),
    }
    for window in WINDOWS:
        columns |= {f"{name}_{window}d": column for name, column in of_window(orders, bought, returned, window).items()}
    features = pd.DataFrame(columns).loc[columns["orders_ever"].index]
    return features.fillna({name: 0.0 for name in map(str, features) if name.startswith(COUNTS)})


def of_window(
    orders: pd.DataFrame, bought: pd.DataFrame, returned: pd.DataFrame, window: int
) -> "dict[str, pd.Series[float]]":
    """Make the features of one window."""
    inside = orders[orders["days_ago"] <= window]
    customers = inside.groupby("customer_id")
    totals = customers.agg(orders=("amount", "size"), amount=("amount", "sum"), items=("items", "sum"), lines=("lines", "mean"),
                           discount=("discount", "sum"), spread=("log_amount", "std"), days=("day", "nunique"))  # fmt: skip
    newer = inside[inside["days_ago"] <= window / 2].groupby("customer_id")["amount"].sum()
    different = bought[bought["days_ago"] <= window].groupby("customer_id")[["product_id", "department"]].nunique()
    return {
        "orders": totals["orders"],
        "amount": totals["amount"],
        "items": totals["items"],
        "active_days": totals["days"],
        "products": different["product_id"],
        "departments": different["department"],
        "mean_order": totals["amount"] / totals["orders"],
        "lines_per_order": totals["lines"],
        "order_spread": totals["spread"],
        "newer_share": newer.reindex(totals.index, fill_value=0.0) / totals["amount"],
        "price_level": totals["amount"] / totals["items"],
        "discount_share": totals["discount"] / (totals["amount"] + totals["discount"]),
        "returned": -returned[returned["days_ago"] <= window].groupby("customer_id")["amount"].sum(),
    }


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Measure one call."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def check_equal(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare the features that both have."""
    own = ours.set_index("customer_id").loc[theirs.index]
    for name in map(str, theirs):
        mine = own[name.replace("newer_share", "amount_trend")]
        mine = (mine + 1) / 2 if name.startswith("newer_share") else mine
        different = ~np.isclose(mine, theirs[name], rtol=1e-6, atol=2e-4, equal_nan=True)
        if different.any():
            raise SystemExit(
                f"{name} differs: {mine[different].iloc[0]} here, {theirs[name][different].iloc[0]} by pandas"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    arguments = parser.parse_args()
    lines = make_lines(arguments.customers, arguments.lines)
    ours, features = timed(lambda: behaviour_features(lines, AS_OF, history_from=START))
    peer, by_pandas = timed(lambda: pandas_features(lines))
    check_equal(features, by_pandas)
    print(f"{arguments.lines:,} lines, {len(features):,} customers, as of {AS_OF:%Y-%m-%d}, the same numbers:")
    print(f"behaviour_features: {features.shape[1] - 1} features in {ours:.1f} s")
    print(
        f"pandas: {by_pandas.shape[1]} of them in {peer:.1f} s, {peer / ours:.1f} times as long (bound {LEAST_RATIO})"
    )


if __name__ == "__main__":
    main()
