"""Features as of cutoffs with what customers did afterwards: the only form in which this shelf trains and tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, Moment, timestamp_of

from dtc_model.errors import CutoffMismatchError, ForecastError, ImmatureLabelsError
from dtc_model.rule import BoolArray, FloatArray

Eligible = int | Literal["ever"]
"""Who is forecast: everybody who ever bought before the cutoff, or who did in that many days before it."""


_DAY: Final = timedelta(days=1)
_SMALLEST: Final = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What customers bought within the horizon after a cutoff."""

    cutoff: pd.Timestamp
    """First moment that counts."""
    horizon_days: int
    known_at: pd.Timestamp
    """Only lines that had arrived before count."""
    amounts: "pd.Series[float]"
    """Amount by customer_id; whoever is not there did not buy."""

    @classmethod
    def observe(
        cls, lines: pd.DataFrame | BehaviourLines, cutoff: Moment, horizon_days: int, known_at: Moment | None = None
    ) -> Self:
        """Return what customers bought from a cutoff on, until the horizon has passed.

        Every order falls either before the cutoff, into features, or from it on, into the label. What was wholly reversed
        by a correction is not an order.

        Parameters
        ----------
        lines : DataFrame or BehaviourLines
            As `dtc_data.transactions.read_lines` returns them.
        cutoff : Wave, datetime, date or str
            Where the horizon begins.
        horizon_days : int
            How long it is.
        known_at : Wave, datetime, date or str, optional
            Until when lines have arrived; by default all have.

        Raises
        ------
        ImmatureLabelsError
            If the horizon had not passed by then, or the lines end before.
        """
        coded = lines if isinstance(lines, BehaviourLines) else BehaviourLines(lines)
        start = timestamp_of(cutoff)
        end = start + timedelta(days=horizon_days)
        _check_covered(start, end, coded.last_moment)
        known = coded.last_arrival + _SMALLEST if known_at is None else timestamp_of(known_at)
        if known_at is not None and known < end:
            raise ImmatureLabelsError(
                f"the horizon of {horizon_days} days after {start:%Y-%m-%d} ends on {end:%Y-%m-%d}, but only what is known on "
                f"{known:%Y-%m-%d} may be used"
            )
        orders = coded.orders_between(start, end, known)
        return cls(start, horizon_days, known, orders.set_index("customer_id")["amount"])


@dataclass(frozen=True, eq=False)
class LabelledTable:
    """One row per eligible customer and cutoff."""

    features: pd.DataFrame
    """Floats, a column per feature, numbered from 0."""
    customer_ids: "pd.Series[str]"
    cutoffs: "pd.Series[pd.Timestamp]"
    left: BoolArray
    """Whether the customer ordered nothing within the horizon."""
    amounts: FloatArray
    """Amount of the orders within the horizon."""
    horizon_days: int

    @classmethod
    def join(cls, features: pd.DataFrame, as_of: Moment, outcome: Outcome, eligible: Eligible = "ever") -> Self:
        """Return features with their labels.

        Parameters
        ----------
        features : DataFrame
            customer_id and the features, as `dtc_data.transactions.behaviour_features` returns them.
        as_of : Wave, datetime, date or str
            The cutoff that they were computed for.
        outcome : Outcome
            What came from the same cutoff on.
        eligible : "ever" or int
            Everybody, or whoever bought in that many days before the cutoff.

        Raises
        ------
        CutoffMismatchError
            If the features are as of another moment than the beginning of the label's horizon.
        ForecastError
            If nobody is eligible.
        """
        moment = timestamp_of(as_of)
        if moment != outcome.cutoff:
            raise CutoffMismatchError(_mismatch(moment, outcome.cutoff))
        rows = features[is_eligible(features, eligible)].reset_index(drop=True)
        if rows.empty:
            raise ForecastError(f"nobody is eligible on {moment:%Y-%m-%d}: choose a later cutoff or a longer lookback")
        spent = rows["customer_id"].map(outcome.amounts)
        return cls(
            features=rows.drop(columns="customer_id"),
            customer_ids=rows["customer_id"],
            cutoffs=pd.Series(moment, index=rows.index),
            left=spent.isna().to_numpy(dtype=bool),
            amounts=spent.fillna(0.0).to_numpy(dtype=np.float64),
            horizon_days=outcome.horizon_days,
        )

    @classmethod
    def stack(cls, tables: Sequence[Self]) -> Self:
        """Return tables of several cutoffs as one.

        Raises
        ------
        SettingsError
            If their features or horizons differ.
        """
        first = tables[0]
        for table in tables:
            if list(table.features) != list(first.features) or table.horizon_days != first.horizon_days:
                raise SettingsError("only tables with the same features and the same horizon can be stacked")
        return cls(
            features=pd.concat([table.features for table in tables], ignore_index=True),
            customer_ids=pd.concat([table.customer_ids for table in tables], ignore_index=True),
            cutoffs=pd.concat([table.cutoffs for table in tables], ignore_index=True),
            left=np.concatenate([table.left for table in tables]),
            amounts=np.concatenate([table.amounts for table in tables]),
            horizon_days=first.horizon_days,
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in their order."""
        return tuple(map(str, self.features))

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """Return some of the rows, by position."""
        return replace(
            self,
            features=self.features.iloc[rows].reset_index(drop=True),
            customer_ids=self.customer_ids.iloc[rows].reset_index(drop=True),
            cutoffs=self.cutoffs.iloc[rows].reset_index(drop=True),
            left=self.left[rows],
            amounts=self.amounts[rows],
        )

    def values(self, names: Sequence[str]) -> FloatArray:
        """Return features as an array, ``(n_rows, n_names)``."""
        return self.features[list(names)].to_numpy(dtype=np.float64)

    @property
    def rates(self) -> "pd.Series[float]":
        """Share of customers who left, by cutoff."""
        return pd.Series(self.left, dtype=float).groupby(self.cutoffs).mean()

    def __len__(self) -> int:
        return len(self.left)


def _check_covered(start: pd.Timestamp, end: pd.Timestamp, last: pd.Timestamp) -> None:
    """Refuse a horizon that ends after the day of the last line."""
    if end > last.floor("D") + _DAY:
        raise ImmatureLabelsError(
            f"the lines end on {last:%Y-%m-%d}, before the horizon of {start:%Y-%m-%d} does on {end:%Y-%m-%d}: whoever has not ordered "
            "by then may still. Choose an earlier cutoff or a shorter horizon"
        )


def _mismatch(as_of: pd.Timestamp, start: pd.Timestamp) -> str:
    known = "know what the label is made of" if as_of > start else "miss what happened before the label begins"
    return f"features as of {as_of:%Y-%m-%d %H:%M} {known}: the label begins at {start:%Y-%m-%d %H:%M}. Compute both for one cutoff"


def is_eligible(features: pd.DataFrame, eligible: Eligible) -> "pd.Series[bool]":
    """Return who is forecast.

    Raises
    ------
    SettingsError
        If eligible is neither "ever" nor a number of days.
    """
    if eligible == "ever":
        return pd.Series(data=True, index=features.index)
    if not isinstance(eligible, int) or eligible < 1:
        raise SettingsError(f"eligible is {eligible!r}, but must be 'ever' or a number of days")
    return features["recency_days"] <= eligible
