"""Problems planted into lines in which nothing is wrong, and the truth about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.core import SettingsError

ORDERS_PER_PROBLEM: Final = 500
"""One order in so many has each problem."""
NEVER_SOLD: Final = "X9999"
"""Product of cancellations without a purchase."""
POSTAGE: Final = "POST"
FUEL: Final = "FUEL"
"""Product that is sold by volume."""


@dataclass
class Planting:
    """Lines while problems are planted; each problem gets orders of its own that have no other problem and no return."""

    lines: pd.DataFrame
    random: np.random.Generator
    truth: dict[str, int] = field(default_factory=dict)
    """How many lines, orders or customers have each problem, by the name of its rule."""

    def __post_init__(self) -> None:
        purchases = self.lines[self.lines["kind"] == "purchase"]
        cancelled = self.lines.loc[self.lines["kind"] == "cancellation", "order_id"].str.removeprefix("C")
        usable = purchases[~purchases["order_id"].isin(cancelled)]
        sizes = usable.groupby("order_id").agg(size=("order_id", "size"), customer_id=("customer_id", "first"))
        # One order of a customer at most, so that problems of customers do not meet.
        chosen = sizes[sizes["size"] > 1].sample(frac=1, random_state=self.random).drop_duplicates("customer_id")
        self._free = chosen.index.tolist()
        self.each = max(1, len(sizes) // ORDERS_PER_PROBLEM)
        self._new_ids = 0

    def orders(self) -> list[str]:
        """Take orders for one problem."""
        if len(self._free) < self.each:
            raise SettingsError("there are too few customers to plant every problem: make at least 200")
        taken, self._free = self._free[: self.each], self._free[self.each :]
        return taken

    def first_lines(self) -> pd.DataFrame:
        """Return the first line of each order taken for one problem."""
        return self.lines[self.lines["order_id"].isin(self.orders())].drop_duplicates("order_id")

    def add(self, lines: pd.DataFrame, **changes: Any) -> pd.DataFrame:
        """Add copies of lines with changes; they get ids of their own unless they are given."""
        new = pd.Series([f"n{self._new_ids + number}" for number in range(len(lines))], index=lines.index)
        added = lines.assign(**{"line_id": new, **changes})
        self._new_ids += len(lines)
        self.lines = pd.concat([self.lines, added], ignore_index=True)
        return added

    def change(self, problem: str, lines: pd.DataFrame, **changes: Any) -> None:
        """Change lines in place."""
        for name, value in changes.items():
            self.lines.loc[lines.index, name] = value
        self.truth[problem] = len(lines)


def plant_problems(lines: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Plant every problem that lines can have without their file being refused.

    Parameters
    ----------
    lines : DataFrame
        As `dtc_data.synthetic.planted_customers.planted_lines` returns them.
    seed : int
        The same arguments give the same lines.

    Returns
    -------
    lines : DataFrame
        Ordered by time; customer_id and line_id may be missing.
    truth : dict
        How many lines, orders or customers have each problem, by the name of its rule in a quality report.

    Raises
    ------
    SettingsError
        If there are too few orders.
    """
    planting = Planting(lines, np.random.default_rng(seed))
    for plant in _PLANTERS:
        plant(planting)
    cancellations = planting.lines["kind"] == "cancellation"
    planting.truth["cancellation"] = int(cancellations.sum())
    planted = planting.lines.sort_values(["ordered_at", "order_id"], kind="stable", ignore_index=True)
    return planted, dict(sorted(planting.truth.items()))


def _missing_customers(planting: Planting) -> None:
    orders = planting.lines["order_id"].isin(planting.orders())
    planting.change("missing customer", planting.lines[orders], customer_id=None)


def _worthless_lines(planting: Planting) -> None:
    """Add a line to some orders that is not a purchase."""
    for problem, (product, quantity, price) in {
        "price 0": ("GIFT", 1.0, 0.0),
        "quantity 0": ("VOID", 0.0, 1.0),
        "negative price": ("ADJUST", 1.0, -5.0),
        "code that is not for goods": (POSTAGE, 1.0, 4.5),
        "sold by measure": (FUEL, 9_976.0, 0.0025),
    }.items():
        changes = {"product_id": product, "quantity": quantity, "unit_price": price, "discount": 0.0}
        added = planting.add(planting.first_lines(), **changes, amount=round(quantity * price, 2))
        planting.truth[problem] = len(added)


def _stock_adjustments(planting: Planting) -> None:
    lines = planting.first_lines()
    adjusted = {"order_id": "A" + lines["order_id"], "quantity": -lines["quantity"], "amount": -lines["amount"]}
    planting.truth["negative quantity without a cancellation"] = len(planting.add(lines, **adjusted))


def _repetitions(planting: Planting) -> None:
    lines = planting.first_lines()
    planting.truth["line id repeated"] = len(planting.add(lines, line_id=lines["line_id"]))
    lines = planting.first_lines()
    planting.change("exact duplicate", lines, line_id=None)
    planting.add(lines, line_id=None)


def _cancel(planting: Planting, lines: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """Cancel lines on the day after."""
    at = lines["ordered_at"] + pd.Timedelta(days=1)
    signs = {"quantity": -lines["quantity"], "amount": -lines["amount"], "discount": 0.0, "kind": "cancellation"}
    return planting.add(
        lines, **{"order_id": "C" + lines["order_id"], "ordered_at": at, "arrived_at": at} | signs | changes
    )


def _cancellations(planting: Planting) -> None:
    orders = planting.orders()
    _cancel(planting, planting.lines[planting.lines["order_id"].isin(orders)])
    planting.truth["order wholly cancelled"] = len(orders)
    unmatched = _cancel(planting, planting.first_lines(), product_id=NEVER_SOLD)
    lines = planting.first_lines()
    strangers = "S" + lines["customer_id"]
    alone = _cancel(planting, lines, product_id=NEVER_SOLD, customer_id=strangers, order_id="CS" + lines["order_id"])
    planting.truth["customer with cancellations only"] = len(alone)
    planting.truth["cancellation without its purchase"] = len(unmatched) + len(alone)


def _two_times(planting: Planting) -> None:
    lines = planting.first_lines()
    later = lines["ordered_at"] + pd.Timedelta(minutes=1)
    planting.change("one order with two times", lines, ordered_at=later, arrived_at=later)


def _two_countries(planting: Planting) -> None:
    planting.change("customer in two countries", planting.first_lines(), country="Iceland")


def _late_and_corrected(planting: Planting) -> None:
    lines = planting.lines[planting.lines["order_id"].isin(planting.orders())]
    planting.change("late", lines, arrived_at=lines["ordered_at"] + pd.Timedelta(days=20))
    del planting.truth["late"]  # no problem of the lines
    lines = planting.first_lines()
    more, known = lines["quantity"] + 1, lines["arrived_at"] + pd.Timedelta(days=3)
    amounts = {"quantity": more, "amount": (more * lines["unit_price"]).round(2), "discount": 0.0}
    planting.truth["corrected later"] = len(planting.add(lines, line_id=lines["line_id"], arrived_at=known, **amounts))


_PLANTERS: Final[tuple[Callable[[Planting], None], ...]] = (
    _missing_customers,
    _worthless_lines,
    _stock_adjustments,
    _repetitions,
    _cancellations,
    _two_times,
    _two_countries,
    _late_and_corrected,
)
