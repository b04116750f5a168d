"""Lines as a frame, drawn at random, and the customer features worked out one line after the other."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from hypothesis import strategies as st

START = pd.Timestamp("2011-01-01", tz="UTC")
CUTOFF = pd.Timestamp("2011-01-31", tz="UTC")
LOOKBACK_DAYS = 20


def frame_of(lines: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame of lines out of what tells them apart; a line arrives when it is ordered unless it says otherwise."""
    frame = pd.DataFrame(
        [
            {
                "customer_id": "c",
                "product_id": "p",
                "description": None,
                "department": None,
                "unit_price": 1.0,
                "discount": float("nan"),
                "country": None,
                "arrived_at": line["ordered_at"],
                **line,
                "amount": line.get("amount", line["quantity"] * line.get("unit_price", 1.0)),
                "kind": line.get("kind", "purchase" if line["quantity"] > 0 else "cancellation"),
            }
            for line in lines
        ]
    )
    times = {name: pd.to_datetime(frame[name], utc=True).dt.as_unit("us") for name in ("ordered_at", "arrived_at")}
    return frame.assign(**times)


def day(number: float) -> pd.Timestamp:
    """Return a moment some days after the start."""
    return START + pd.Timedelta(days=number)


@st.composite
def _line(draw: st.DrawFn, first_day: int, last_day: int) -> dict[str, Any]:
    ordered = draw(st.integers(first_day, last_day))
    returned = draw(st.booleans()) and draw(st.booleans())
    pieces = draw(st.integers(1, 3))
    return {
        "customer_id": draw(st.sampled_from("abcd")),
        "product_id": draw(st.sampled_from("xy")),
        "quantity": float(-pieces if returned else pieces),
        "unit_price": draw(st.sampled_from([0.1, 1 / 3, 2.35, 7_919.99])),
        "ordered_at": day(ordered),
        "number": f"{ordered}{draw(st.sampled_from('ab'))}",
        "late_days": draw(st.sampled_from([0, 0, 0, 1, 30])),
    }


def _finished(line: dict[str, Any]) -> dict[str, Any]:
    order = f"{'C' if line['quantity'] < 0 else ''}{line['customer_id']}{line.pop('number')}"
    return {**line, "order_id": order, "arrived_at": line["ordered_at"] + pd.Timedelta(days=line.pop("late_days"))}


def lines(first_day: int = 0, last_day: int = 29, min_size: int = 1) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Draw lines of four customers and two products; a customer has up to two orders at one moment."""
    return st.lists(_line(first_day, last_day).map(_finished), min_size=min_size, max_size=50)


def features_by_hand(frame: pd.DataFrame, cutoff: pd.Timestamp, lookback_days: int) -> dict[str, dict[str, Any]]:
    """Work out the features of every customer line by line, as they are defined."""
    opened = cutoff - pd.Timedelta(days=lookback_days)
    seen = frame[(frame["ordered_at"] >= opened) & (frame["ordered_at"] < cutoff) & (frame["arrived_at"] < cutoff)]
    rows: list[dict[str, Any]] = [{str(name): value for name, value in row.items()} for row in seen.to_dict("records")]
    customers = sorted({row["customer_id"] for row in rows})
    features = {name: _of_customer([row for row in rows if row["customer_id"] == name], cutoff) for name in customers}
    return {customer: found for customer, found in features.items() if found["frequency"] > 0}


def _of_customer(rows: Sequence[dict[str, Any]], cutoff: pd.Timestamp) -> dict[str, Any]:
    open_lines: dict[tuple[str, float], list[str]] = defaultdict(list)
    left: dict[str, int] = defaultdict(int)
    times: dict[str, pd.Timestamp] = {}
    for row in sorted(rows, key=lambda row: (row["ordered_at"], row["quantity"] < 0, row["order_id"])):
        stack = open_lines[row["product_id"], abs(row["quantity"])]
        if row["quantity"] > 0:
            stack.append(row["order_id"])
            left[row["order_id"]] += 1
            times[row["order_id"]] = min(times.get(row["order_id"], row["ordered_at"]), row["ordered_at"])
        elif stack:
            left[stack.pop()] -= 1
    orders = sorted(times[order] for order, lines_left in left.items() if lines_left > 0)
    bought = sum(row["amount"] for row in rows if row["kind"] == "purchase")
    returned = -sum(row["amount"] for row in rows if row["kind"] == "cancellation")
    span = (orders[-1] - orders[0]) / pd.Timedelta(days=1) if orders else 0
    return {
        "recency_days": (cutoff - orders[-1]) / pd.Timedelta(days=1) if orders else None,
        "frequency": len(orders),
        "monetary": bought - returned,
        "average_basket": (bought - returned) / len(orders) if orders else None,
        "items": sum(row["quantity"] for row in rows),
        "days_between_orders": span / (len(orders) - 1) if len(orders) > 1 else float("nan"),
        "share_returned": min(1, returned / bought) if bought else None,
    }
