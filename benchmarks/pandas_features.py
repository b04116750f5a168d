"""The customer features by pandas groupby, written as a careful person would: what ``bench_transactions.py`` measures beside ours."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

NEEDED = ["customer_id", "order_id", "product_id", "quantity", "amount", "kind", "ordered_at", "arrived_at"]


def features_by_pandas(path: Path, cutoff: datetime, lookback_days: int) -> pd.DataFrame:
    """Return the features of `dtc_data.transactions.customer_features`, by customer_id."""
    lines = pd.read_parquet(path, columns=NEEDED)
    opened = cutoff - timedelta(days=lookback_days)
    seen = (lines["ordered_at"] >= opened) & (lines["ordered_at"] < cutoff) & (lines["arrived_at"] < cutoff)
    lines = lines[seen].drop(columns="arrived_at")
    is_purchase = lines["kind"] == "purchase"
    lines = lines.drop(columns="kind").assign(
        gross=lines["amount"].where(is_purchase, 0.0), returned=(-lines["amount"]).where(~is_purchase, 0.0)
    )
    purchases = lines[lines["quantity"] > 0]
    orders = purchases.groupby(["customer_id", "order_id"]).agg(
        bought_at=("ordered_at", "min"), bought_lines=("quantity", "size")
    )
    taken_back = _taken_back(lines).groupby(["customer_id", "order_id"]).size()
    counted = orders[orders["bought_lines"] > taken_back.reindex(orders.index, fill_value=0)]
    customers = counted.groupby("customer_id")["bought_at"].agg(["min", "max", "size"])
    sums = lines.groupby("customer_id")[["amount", "quantity", "gross", "returned"]].sum().loc[customers.index]
    span = (customers["max"] - customers["min"]) / pd.Timedelta(days=1)
    return pd.DataFrame(
        {
            "recency_days": (cutoff - customers["max"]) / pd.Timedelta(days=1),
            "frequency": customers["size"],
            "monetary": sums["amount"],
            "average_basket": sums["amount"] / customers["size"],
            "items": sums["quantity"],
            "days_between_orders": span / (customers["size"] - 1).replace(0, np.nan),
            "share_returned": (sums["returned"] / sums["gross"]).clip(upper=1),
        }
    ).reset_index()


def _taken_back(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the purchased lines that later lines take back, as brackets are matched."""
    key = ["customer_id", "product_id", "size"]
    sized = lines.assign(size=lines["quantity"].abs(), opens=np.sign(lines["quantity"]))
    cancelled = sized.loc[sized["opens"] < 0, key].drop_duplicates()
    matchable = sized.merge(cancelled, on=key)
    matchable = matchable.sort_values([*key, "ordered_at", "opens", "order_id"], ascending=[True] * 4 + [False, True])
    group = matchable.groupby(key, sort=False).ngroup()
    balance = matchable.groupby(group)["opens"].cumsum()
    unmatched = (-balance).groupby(group).cummax().clip(lower=0)
    level = balance + unmatched + (matchable["opens"] < 0)
    following = matchable.groupby([group, level], sort=False)["opens"].shift(-1)
    return matchable[(matchable["opens"] > 0) & (following < 0)]
