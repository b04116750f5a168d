"""Which moments may be trained on and which tested: labels mature before they are used, and customers are not shared.

Every split of this shelf goes through these checks. What they refuse is what makes published figures too good: on a year of
a British shop random folds over stacked cutoffs show an AUC of .85 where .73 comes true (docs/forecasts.md).
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.core import SettingsError

from dtc_model.errors import ForecastError, ImmatureLabelsError, SharedCustomersError

Rows = npt.NDArray[np.intp]

STEP_DAYS: Final = 30
"""Days between two cutoffs that are trained on."""

MOST_CUTOFFS: Final = 4
"""Cutoffs that are trained on, by default: the newest that have matured."""

LEAST_HISTORY_DAYS: Final = 7
"""Days that lines must cover before a cutoff that is trained on: the shortest window."""


@dataclass(frozen=True)
class TimeSplit:
    """Cutoffs to train on, and a later one to test on.

    Raises
    ------
    ImmatureLabelsError
        If the horizon of a training cutoff ends after the test cutoff: its labels were not known then.
    SettingsError
        If there is no training cutoff, or one appears twice.
    """

    train: tuple[pd.Timestamp, ...]
    """In ascending order."""
    test: pd.Timestamp
    horizon_days: int

    def __post_init__(self) -> None:
        if not self.train or sorted(set(self.train)) != list(self.train):
            raise SettingsError("training cutoffs are at least one, each once, in ascending order")
        check_matured(self.train, self.test, self.horizon_days)

    @classmethod
    def before(
        cls,
        test: pd.Timestamp,
        horizon_days: int,
        first_moment: pd.Timestamp,
        *,
        step_days: int = STEP_DAYS,
        most: int | None = MOST_CUTOFFS,
    ) -> Self:
        """Return the split with the newest matured cutoffs before a test cutoff.

        Parameters
        ----------
        test : Timestamp
            The cutoff to test on.
        horizon_days : int
            Days that are forecast.
        first_moment : Timestamp
            Since when the lines cover everything; a cutoff needs `LEAST_HISTORY_DAYS` of it.
        step_days, most : int
            Days between cutoffs, and how many at most; None for all there are.

        Raises
        ------
        ForecastError
            If the history is too short for a single one.
        """
        newest = test - timedelta(days=horizon_days)
        earliest = first_moment + timedelta(days=LEAST_HISTORY_DAYS)
        n_possible = (newest - earliest) // pd.Timedelta(days=step_days) + 1
        if n_possible < 1:
            raise ForecastError(
                f"no cutoff has matured before {test:%Y-%m-%d}: with a horizon of {horizon_days} days the lines must begin by "
                f"{newest - timedelta(days=LEAST_HISTORY_DAYS):%Y-%m-%d}, but begin on {first_moment:%Y-%m-%d}. Choose a later cutoff "
                "or a shorter horizon"
            )
        count = n_possible if most is None else min(n_possible, most)
        train = [newest - timedelta(days=step_days * number) for number in range(count)]
        return cls(tuple(reversed(train)), test, horizon_days)


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows to train on and rows to validate on, of one table."""

    train: Rows
    validation: Rows


def check_matured(train: Sequence[pd.Timestamp], test: pd.Timestamp, horizon_days: int) -> None:
    """Refuse training cutoffs whose horizon ends after the test cutoff.

    Raises
    ------
    ImmatureLabelsError
        Naming the first such cutoff and the latest that would do.
    """
    latest = test - timedelta(days=horizon_days)
    if late := [cutoff for cutoff in train if cutoff > latest]:
        raise ImmatureLabelsError(
            f"the labels of {late[0]:%Y-%m-%d} are known {horizon_days} days later, after the test cutoff {test:%Y-%m-%d}: what is "
            f"tested would have been trained on. Train on cutoffs up to {latest:%Y-%m-%d}"
        )


def check_fold(
    fold: Fold, customer_ids: "pd.Series[str]", cutoffs: "pd.Series[pd.Timestamp]", horizon_days: int
) -> None:
    """Refuse a fold that shares customers, or trains on labels that mature after a validation cutoff.

    Raises
    ------
    SharedCustomersError, ImmatureLabelsError
        Naming a customer or the cutoffs.
    """
    shared = set(customer_ids.iloc[fold.train]) & set(customer_ids.iloc[fold.validation])
    if shared:
        raise SharedCustomersError(
            f"{len(shared):,} customers, such as {min(shared)!r}, stand in training and in validation at the same time: their habits "
            "would be recognised, not forecast. Split by customer and time, as customer_time_folds does"
        )
    check_matured(sorted(set(cutoffs.iloc[fold.train])), cutoffs.iloc[fold.validation].min(), horizon_days)


def customer_time_folds(
    customer_ids: "pd.Series[str]",
    cutoffs: "pd.Series[pd.Timestamp]",
    horizon_days: int,
    n_groups: int = 5,
    most_cutoffs: int = 2,
) -> tuple[Fold, ...]:
    """Return folds by customer and time: a group of customers at one cutoff, by all others at cutoffs matured before.

    Parameters
    ----------
    customer_ids, cutoffs : Series
        Of each row of a stacked table.
    horizon_days : int
        Days that are forecast.
    n_groups : int
        Groups of customers. A customer's group depends on the id alone.
    most_cutoffs : int
        Validation cutoffs: the newest for which another has matured.

    Raises
    ------
    ForecastError
        If no cutoff has matured before another.
    """
    groups = customer_ids.map(lambda name: zlib.crc32(str(name).encode()) % n_groups).to_numpy()
    moments = sorted(set(cutoffs))
    possible = [moment for moment in moments if moment - timedelta(days=horizon_days) >= moments[0]][-most_cutoffs:]
    if not possible:
        raise ForecastError(
            f"no cutoff lies {horizon_days} days after another, so that nothing can be validated in time: stack more cutoffs"
        )
    folds = tuple(_folds(groups, cutoffs, possible, timedelta(days=horizon_days)))
    for fold in folds:
        check_fold(fold, customer_ids, cutoffs, horizon_days)
    return folds


def _folds(
    groups: npt.NDArray[np.int64],
    cutoffs: "pd.Series[pd.Timestamp]",
    validated: Sequence[pd.Timestamp],
    horizon: timedelta,
) -> Iterator[Fold]:
    for moment in validated:
        matured, current = (cutoffs <= moment - horizon).to_numpy(), (cutoffs == moment).to_numpy()
        for group in np.unique(groups):
            train, validation = np.nonzero(matured & (groups != group))[0], np.nonzero(current & (groups == group))[0]
            if len(train) and len(validation):
                yield Fold(train, validation)
