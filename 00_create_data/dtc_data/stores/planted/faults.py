"""The faults of real sales files, put into planted lines; each of them breaks one check of the contract."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_data.stores.planted.network import IntArray, PlantedStores
from dtc_data.stores.planted.plan import RetailPlan

UNKNOWN_STORE: Final = "S-gone"
UNKNOWN_PRODUCT: Final = "P-gone"
"""Ids that no table of stores or products holds."""

REPEATED: Final = "sales.line_is_one_row"
"""The fault that adds lines instead of spoiling them."""

_Spoil = Callable[[pd.DataFrame, IntArray], None]


class Faults:
    """Spoils planted sales lines, and counts what it spoilt.

    Parameters
    ----------
    plan : RetailPlan
        Says how many lines, and when the file ends.
    planted : PlantedStores
        Say when each store opened.
    """

    def __init__(self, plan: RetailPlan, planted: PlantedStores) -> None:
        self._share = plan.dirty_lines
        self._end = pd.Timestamp(plan.last_day)
        self._opened = pd.Series(planted.habits.opened, index=planted.stores["store_id"])
        self.counts: Counter[str] = Counter()
        """Spoilt lines by the check that they break."""

    def spoil(self, sales: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
        """Return the lines with some of them spoilt, in all kinds alike, and some given twice."""
        kinds: dict[str, _Spoil] = {
            "sales.store_is_known": lambda lines, rows: _put(lines, rows, "store_id", UNKNOWN_STORE),
            "sales.product_is_known": lambda lines, rows: _put(lines, rows, "product_id", UNKNOWN_PRODUCT),
            "sales.date_is_given": lambda lines, rows: _put(lines, rows, "date", pd.NaT),
            "sales.date_is_in_the_file": self._date_after_the_end,
            "sales.store_is_open": self._date_before_opening,
            "sales.quantity_is_not_zero": lambda lines, rows: _put(lines, rows, "quantity", 0),
            "sales.revenue_has_the_sign": lambda lines, rows: _put(lines, rows, "revenue", -1.0),
            "sales.discount_is_not_negative": lambda lines, rows: _put(lines, rows, "discount", -1.0),
        }
        whole = np.flatnonzero(sales["quantity"].to_numpy() > 0)
        n_spoilt = min(random.binomial(len(sales), self._share), len(whole))
        rows = random.choice(whole, n_spoilt, replace=False)
        spoilt = sales.copy()
        for number, (name, spoil) in enumerate(kinds.items()):
            chosen = rows[number :: len(kinds) + 1]
            spoil(spoilt, chosen)
            self.counts[name] += len(chosen)
        repeated = spoilt.iloc[rows[len(kinds) :: len(kinds) + 1]]
        self.counts[REPEATED] += len(repeated)
        return pd.concat([spoilt, repeated], ignore_index=True)

    def _date_after_the_end(self, lines: pd.DataFrame, rows: IntArray) -> None:
        _put(lines, rows, "date", self._end + timedelta(days=400))

    def _date_before_opening(self, lines: pd.DataFrame, rows: IntArray) -> None:
        opened = self._opened[lines["store_id"].iloc[rows].astype(str)].to_numpy()
        _put(lines, rows, "date", (opened - np.timedelta64(1, "D")).astype("datetime64[s]"))


def _put(lines: pd.DataFrame, rows: IntArray, column: str, value: Any) -> None:
    lines.iloc[rows, list(lines.columns).index(column)] = value
