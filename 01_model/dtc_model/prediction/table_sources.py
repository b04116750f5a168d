"""Where labelled tables come from: lines, or a file in which features and labels were stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import numpy as np
import pandas as pd
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig, timestamp_of

from dtc_model.errors import ForecastError, ImmatureLabelsError
from dtc_model.prediction.labelled_table import Eligible, LabelledTable, Outcome, is_eligible
from dtc_model.prediction.time_splits import LEAST_HISTORY_DAYS, TimeSplit

KEYS: Final = ("customer_id", "cutoff", "left", "amount_after")
"""Columns of a stored table beside its features; the last two are missing where the horizon has not passed."""


class TableSource(Protocol):
    """Gives the labelled tables of cutoffs, by what was known at a moment."""

    @property
    def horizon_days(self) -> int:
        """Days that are forecast."""

    def recipe_at(self, moment: pd.Timestamp) -> Mapping[str, str]:
        """Return the choice of features as of a moment, so that whoever forecasts computes the same ones."""

    def split_before(self, test: pd.Timestamp, *, step_days: int, most: int | None) -> TimeSplit:
        """Return the newest cutoffs that have matured before a moment; `ForecastError` if there is none."""

    def table(self, cutoff: pd.Timestamp, known_at: pd.Timestamp | None = None) -> LabelledTable:
        """Return the table of a cutoff, its labels by what was known at a moment."""


def stacked(source: TableSource, cutoffs: Sequence[pd.Timestamp], known_at: pd.Timestamp) -> LabelledTable:
    """Return the labelled tables of several cutoffs as one, by what was known at a moment."""
    return LabelledTable.stack([source.table(cutoff, known_at) for cutoff in cutoffs])


class TableMaker:
    """Makes labelled tables of lines for any cutoffs, each cutoff's features once."""

    def __init__(
        self,
        lines: pd.DataFrame | BehaviourLines,
        horizon_days: int,
        eligible: Eligible = "ever",
        config: FeatureConfig | None = None,
    ) -> None:
        self.lines = lines if isinstance(lines, BehaviourLines) else BehaviourLines(lines)
        self.horizon_days = horizon_days
        self.eligible = eligible
        self.config = config or FeatureConfig()
        self._features: dict[pd.Timestamp, pd.DataFrame] = {}

    def history_from(self, moment: pd.Timestamp) -> pd.Timestamp:
        """Return since when the lines cover everything, as far as was known at a moment, unless the configuration says it.

        Raises
        ------
        ForecastError
            If no line had arrived by then.
        """
        if self.config.history_from:
            return timestamp_of(self.config.history_from)
        first = self.lines.first_known_at(moment)
        if first is None:
            raise ForecastError(f"no transaction had arrived before {moment:%Y-%m-%d}: choose a later cutoff")
        return first

    def features(self, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return the features as of a cutoff."""
        if cutoff not in self._features:
            known = self.config.model_copy(update={"history_from": self.history_from(cutoff)})
            self._features[cutoff] = known.features(self.lines, cutoff)
        return self._features[cutoff]

    def newest(self, moment: pd.Timestamp) -> pd.DataFrame:
        """Return customer_id and the features of whoever is eligible now, whose truth nobody knows yet."""
        return self.features(moment)[is_eligible(self.features(moment), self.eligible)].reset_index(drop=True)

    def table(self, cutoff: pd.Timestamp, known_at: pd.Timestamp | None = None) -> LabelledTable:
        """Return the labelled table of a cutoff, by the lines that had arrived at a moment."""
        outcome = Outcome.observe(self.lines, cutoff, self.horizon_days, known_at)
        return LabelledTable.join(self.features(cutoff), cutoff, outcome, self.eligible)

    def split_before(self, test: pd.Timestamp, *, step_days: int, most: int | None) -> TimeSplit:
        """Return the newest cutoffs that have matured before a moment, counted back from it in steps.

        Raises
        ------
        ForecastError
            If before none of them enough was known.
        """
        first = self.history_from(test)
        split = TimeSplit.before(test, self.horizon_days, first, step_days=step_days, most=most)
        covered = tuple(cutoff for cutoff in split.train if self._was_known_before(cutoff))
        if not covered:
            raise ForecastError(
                f"the transactions before {split.train[-1]:%Y-%m-%d}, the newest cutoff that has matured before {test:%Y-%m-%d}, arrived later: "
                "nothing was known at it that could be learned from. Choose a later cutoff"
            )
        return replace(split, train=covered)

    def recipe_at(self, moment: pd.Timestamp) -> dict[str, str]:
        """Return the choice of features as of a moment, so that whoever forecasts computes the same ones."""
        return {
            "feature_sets": self.config.sets,
            "feature_windows": ", ".join(map(str, self.config.windows)),
            "history_from": f"{self.history_from(moment):%Y-%m-%d}",
            "eligible": str(self.eligible),
        }

    def _was_known_before(self, cutoff: pd.Timestamp) -> bool:
        """Return whether lines of the least history had arrived by a cutoff."""
        if self.lines.first_known_at(cutoff) is None:
            return False
        return self.history_from(cutoff) + timedelta(days=LEAST_HISTORY_DAYS) <= cutoff


class StoredTables:
    """Labelled tables of a file whose labels are those that were known when each horizon had just passed.

    Parameters
    ----------
    frame : DataFrame
        `KEYS` and a column of floats per feature; one row per customer and cutoff.
    horizon_days : int
        Days that were forecast.
    recipe : mapping
        The choice of features.

    Raises
    ------
    SettingsError
        If a column of `KEYS` is missing, or a customer appears twice at one cutoff.
    """

    def __init__(self, frame: pd.DataFrame, horizon_days: int, recipe: Mapping[str, str]) -> None:
        if missing := [name for name in KEYS if name not in frame.columns]:
            raise SettingsError(f"the features lack the columns {', '.join(missing)}")
        if (twice := frame.duplicated(["customer_id", "cutoff"])).any():
            row = frame[twice].iloc[0]
            raise SettingsError(f"customer {row['customer_id']!r} appears twice at {row['cutoff']:%Y-%m-%d}")
        self.frame = frame.assign(cutoff=pd.to_datetime(frame["cutoff"], utc=True))
        self.horizon_days = horizon_days
        self.recipe = dict(recipe)

    def recipe_at(self, moment: pd.Timestamp) -> Mapping[str, str]:  # noqa: ARG002 - stored features are as they are
        """Return the choice of features."""
        return self.recipe

    @property
    def cutoffs(self) -> list[pd.Timestamp]:
        """All cutoffs, in ascending order."""
        return sorted(self.frame["cutoff"].unique())

    def split_before(
        self,
        test: pd.Timestamp,
        *,
        step_days: int,  # noqa: ARG002 - stored cutoffs lie where they lie
        most: int | None,
    ) -> TimeSplit:
        """Return the newest stored cutoffs that have matured before a moment."""
        latest = test - timedelta(days=self.horizon_days)
        matured = [cutoff for cutoff in self.cutoffs if cutoff <= latest]
        if not matured:
            raise ForecastError(
                f"no stored cutoff has matured before {test:%Y-%m-%d}: with a horizon of {self.horizon_days} days one must lie on "
                f"{latest:%Y-%m-%d} or before. Store earlier cutoffs, or choose a shorter horizon"
            )
        return TimeSplit(tuple(matured[-most:] if most else matured), test, self.horizon_days)

    def table(self, cutoff: pd.Timestamp, known_at: pd.Timestamp | None = None) -> LabelledTable:
        """Return the table of a cutoff.

        Raises
        ------
        ImmatureLabelsError
            If its horizon had not passed at that moment, or its labels are not stored.
        """
        end = cutoff + timedelta(days=self.horizon_days)
        rows = self.frame[self.frame["cutoff"] == cutoff].reset_index(drop=True)
        if (known_at is not None and known_at < end) or rows["left"].isna().any():
            raise ImmatureLabelsError(f"the labels of {cutoff:%Y-%m-%d} are not known before {end:%Y-%m-%d}")
        return LabelledTable(
            features=rows.drop(columns=list(KEYS)),
            customer_ids=rows["customer_id"],
            cutoffs=rows["cutoff"],
            left=rows["left"].to_numpy(dtype=bool),
            amounts=rows["amount_after"].to_numpy(dtype=np.float64),
            horizon_days=self.horizon_days,
        )
