"""The behaviour features by pandas, written as a careful person would: what ``bench_behaviour.py`` measures beside ours.

Tables of orders, products, departments, days and cancellations are made once, with customers as whole numbers, which pandas
groups faster than text; then there is a groupby of each table for each window, and what all windows share is made once.
All features of `dtc_data.transactions.behaviour_features` come out, under the same names.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.transactions import WINDOWS

COUNTS: Final = ("orders_", "amount_", "items_", "products_", "active_days_", "departments_", "returned_", "season_")
"""How the names begin of what is 0 without an order in a window; amount_trend_ and returned_share_ are missing then."""


def features_by_pandas(lines: pd.DataFrame, as_of: pd.Timestamp, history_from: pd.Timestamp) -> pd.DataFrame:
    """Return the features of everybody who bought before a cutoff, by customer_id."""
    known = lines[(lines["ordered_at"] < as_of) & (lines["arrived_at"] < as_of)]
    codes, customers = pd.factorize(known["customer_id"])
    known = known.assign(customer_id=codes, days_ago=(as_of - known["ordered_at"]) / pd.Timedelta(days=1))
    bought, cancelled = known[known["kind"] == "purchase"], known[known["kind"] == "cancellation"]
    orders, days = orders_of(bought)
    products = grouped(bought, "customer_id", "product_id").agg(
        days_ago=("days_ago", "min"), first_days_ago=("days_ago", "max"), department=("department", "first"),
        amount=("amount", "sum"), items=("quantity", "sum"))  # fmt: skip
    products = products[products["items"] > 0].reset_index()
    departments = grouped(products, "customer_id", "department").agg(
        days_ago=("days_ago", "min"), amount=("amount", "sum")
    )
    returns = -grouped(cancelled, "customer_id", "order_id")[["amount"]].sum()
    returns["days_ago"] = grouped(cancelled, "customer_id", "order_id")["days_ago"].max()
    tables = {"orders": orders, "days": days, "products": products,
              "departments": departments.reset_index(), "returns": returns.reset_index()}  # fmt: skip
    columns = of_all_history(tables)
    everybody = columns["orders_ever"].index
    covered = (as_of - history_from) / pd.Timedelta(days=1)
    for window in WINDOWS:
        if window <= covered:
            found = of_window(tables, window)
            if 2 * window <= min(covered, WINDOWS[-1]):
                found |= of_change(orders, window)
            columns |= {f"{name}_{window}d": column for name, column in found.items()}
    if covered >= WINDOWS[-1]:
        season = grouped(orders[(orders["days_ago"] > 275) & (orders["days_ago"] <= 365)], "customer_id")["amount"]
        columns |= {"season_orders": season.size(), "season_amount": season.sum()}
    features = pd.DataFrame(columns, index=everybody)
    is_count = [name for name in map(str, features) if name.startswith(COUNTS) and not is_share(name)]
    return finished(features.fillna(dict.fromkeys(is_count, 0.0))).set_index(customers[everybody])


def is_share(name: str) -> bool:
    """Return whether a feature is missing without an order."""
    return name.startswith(("amount_trend", "returned_share"))


def grouped(frame: pd.DataFrame, *by: str) -> Any:
    """Return groups."""
    return frame.groupby(list(by) if len(by) > 1 else by[0])


def orders_of(bought: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row per order, and one per day with an order."""
    bought = bought.assign(is_line=bought["quantity"] > 0)
    orders = grouped(bought, "customer_id", "order_id").agg(
        days_ago=("days_ago", "max"), ordered_at=("ordered_at", "min"), lines=("is_line", "sum"),
        items=("quantity", "sum"), amount=("amount", "sum"), discount=("discount", "sum"))  # fmt: skip
    orders = orders[orders["items"] > 0].reset_index().sort_values(["customer_id", "ordered_at"])
    ordered = orders["ordered_at"].dt
    orders["amount"] = orders["amount"].clip(lower=0)
    orders["log_amount"] = np.log1p(orders["amount"])
    orders["gross"] = orders["amount"] + orders["discount"]
    orders["gap"] = -grouped(orders, "customer_id")["days_ago"].diff()
    hour, weekday = ordered.hour, ordered.weekday
    orders["hour"], orders["morning"], orders["evening"] = hour, hour < 12, hour >= 17
    orders["weekend"], orders["day"] = weekday >= 5, ordered.floor("D")
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday")):
        orders[name] = weekday == number
    return orders, grouped(orders, "customer_id", "day")["days_ago"].min().reset_index()


def of_all_history(tables: dict[str, pd.DataFrame]) -> "dict[str, pd.Series[Any]]":
    """Return the features without a window."""
    customers = grouped(tables["orders"], "customer_id")
    habits = customers[["hour", "morning", "evening", "weekend",
                        "monday", "tuesday", "wednesday", "thursday", "friday"]].mean()  # fmt: skip
    ever = customers.agg(
        recency_days=("days_ago", "min"), tenure_days=("days_ago", "max"), orders_ever=("amount", "size"),
        amount_ever=("amount", "sum"), largest_order=("amount", "max"), last_order=("amount", "last"),
        gap_spread_days=("gap", "std"), longest_gap_days=("gap", "max"))  # fmt: skip
    products = tables["products"].assign(repeated=tables["products"]["first_days_ago"] > tables["products"]["days_ago"])
    goods, departments = grouped(products, "customer_id"), grouped(tables["departments"], "customer_id")
    returns = grouped(tables["returns"], "customer_id")
    last = tables["orders"].drop_duplicates("customer_id", keep="last").set_index("customer_id")
    everybody = ever.index
    return {str(name): ever[name] for name in ever} | {
        "mean_hour": habits["hour"],
        **{f"{name}_share": habits[name] for name in habits if name != "hour"},
        "last_gap_days": last["gap"],
        "active_days_ever": grouped(tables["days"], "customer_id").size(),
        "products_ever": goods.size(),
        "repeat_share": goods["repeated"].mean(),
        "departments_ever": departments.size(),
        "main_department_share": departments["amount"].max() / departments["amount"].sum(),
        "cancellations_ever": returns.size().reindex(everybody, fill_value=0),
        "cancellation_recency_days": returns["days_ago"].min(),
        "returned_ever": returns["amount"].sum().reindex(everybody, fill_value=0.0),
    }


def of_window(tables: dict[str, pd.DataFrame], window: int) -> "dict[str, pd.Series[Any]]":
    """Return the features of one window."""
    inside = {name: grouped(table[table["days_ago"] <= window], "customer_id") for name, table in tables.items()}
    totals = inside["orders"].agg(
        orders=("amount", "size"), amount=("amount", "sum"), items=("items", "sum"), lines=("lines", "mean"),
        discount=("discount", "sum"), gross=("gross", "sum"), spread=("log_amount", "std"))  # fmt: skip
    orders = tables["orders"]
    newer = grouped(orders[orders["days_ago"] <= window / 2], "customer_id")["amount"].sum()
    returned = inside["returns"]["amount"].sum()
    return {
        "orders": totals["orders"],
        "amount": totals["amount"],
        "items": totals["items"],
        "active_days": inside["days"].size(),
        "products": inside["products"].size(),
        "departments": inside["departments"].size(),
        "mean_order": totals["amount"] / totals["orders"],
        "lines_per_order": totals["lines"],
        "order_spread": totals["spread"],
        "amount_trend": 2 * newer.reindex(totals.index, fill_value=0.0) / totals["amount"] - 1,
        "price_level": totals["amount"] / totals["items"],
        "discount_share": totals["discount"] / totals["gross"],
        "returned": returned,
        "returned_share": (returned.reindex(totals.index, fill_value=0.0) / totals["amount"]).clip(upper=1),
    }


def of_change(orders: pd.DataFrame, window: int) -> "dict[str, pd.Series[Any]]":
    """Return how a window differs from the one before."""
    is_newer = orders["days_ago"] <= window
    is_older = ~is_newer & (orders["days_ago"] <= 2 * window)
    newer, older = (
        grouped(orders[is_in], "customer_id")["amount"].agg(["size", "sum"]) for is_in in (is_newer, is_older)
    )
    everybody = pd.Index(orders["customer_id"].unique(), name="customer_id")
    newer, older = newer.reindex(everybody, fill_value=0), older.reindex(everybody, fill_value=0)
    changed = np.log((1 + newer) / (1 + older))
    return {"orders_change": changed["size"], "amount_change": changed["sum"]}


def finished(features: pd.DataFrame) -> pd.DataFrame:
    """Return the features and those that combine them."""
    recency, tenure, orders = features["recency_days"], features["tenure_days"], features["orders_ever"]
    mean_gap = (tenure - recency) / (orders - 1).replace(0, np.nan)
    mean_order = features["amount_ever"] / orders
    return features.assign(
        mean_gap_days=mean_gap,
        mean_order_ever=mean_order,
        gap_regularity=features["gap_spread_days"] / mean_gap.replace(0, np.nan),
        overdue=recency / mean_gap.replace(0, np.nan),
        overdue_longest=recency / features["longest_gap_days"].replace(0, np.nan),
        orders_per_30d=30 * orders / tenure.clip(lower=30),
        one_order=(orders == 1).astype(float),
        last_order_ratio=np.log((1 + features["last_order"]) / (1 + mean_order)),
        returned_share_ever=(features["returned_ever"] / features["amount_ever"]).clip(upper=1),
        recency_share=recency / tenure.replace(0, np.nan),
        recency_by_orders=np.log1p(recency) * np.log1p(orders),
        recency_by_order=np.log1p(recency) * np.log1p(mean_order),
        orders_by_order=np.log1p(orders) * np.log1p(mean_order),
    )
