"""What customers will spend within the horizon: whether they order at all, times how much if they do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of
from scipy.stats import spearmanr

from dtc_model.errors import ForecastError, ModelBrokenError
from dtc_model.prediction.candidates import choose_candidates, describe_features, learnable, trained_on
from dtc_model.prediction.families import fit_amounts
from dtc_model.prediction.labelled_table import Eligible, LabelledTable
from dtc_model.prediction.scoring import ForecastModel
from dtc_model.prediction.table_sources import TableMaker, TableSource, stacked
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS
from dtc_model.rule import FloatArray

RIDGE: Final = {"alpha": 300.0}
"""Penalty of the amount's regression: as small weights as those of ``logistic_all``."""

LAST_AGAIN: Final = "last_again"
"""Name of the guess that everybody spends what was spent in as many days before."""

TOP: Final = 0.1
"""Share of customers whose part of all that was spent is shown."""


@dataclass(frozen=True, eq=False)
class ValueForecast:
    """A hurdle model (Cragg, Econometrica 39 (1971) 829-844): two forecasts, multiplied."""

    leaves: ForecastModel
    amount: ForecastModel
    """Of the amount of those who order."""

    @classmethod
    def fit(cls, table: LabelledTable, candidate: str = "logistic_all", seed: int = 0) -> Self:
        """Return the forecast that is learned from a table.

        Raises
        ------
        ForecastError
            If everybody left or nobody did.
        """
        leaves = choose_candidates([candidate])[0].fit(table, seed=seed)
        spent = table.take(np.nonzero(~table.left & (table.amounts > 0))[0])
        if not len(spent):
            raise ForecastError(f"nobody of {len(table):,} customers spent anything: there is no amount to learn")
        names = learnable(spent, spent.feature_names, "the amount")
        rows = spent.values(names)
        fitted = fit_amounts("linear", rows, spent.amounts, RIDGE, seed)
        amount = ForecastModel(
            target="amount",
            candidate="ridge_log_amount",
            horizon_days=table.horizon_days,
            features=describe_features(names, rows),
            link="exp",
            classes=("amount",),
            shifts=fitted.shifts,
            scorer=fitted.scorer,
            provenance=trained_on(table),
        )
        return cls(leaves, amount)

    def predict_frame(self, frame: pd.DataFrame) -> FloatArray:
        """Return the expected amount of each customer, in the currency of the lines.

        Raises
        ------
        ForecastError
            If a feature is missing.
        """
        values: FloatArray = (1 - self.leaves.predict_frame(frame)) * self.amount.predict_frame(frame)
        return values

    def to_json(self) -> str:
        """Return both forecasts as one document that holds no code."""
        parts = {"leaves": json.loads(self.leaves.to_json()), "amount": json.loads(self.amount.to_json())}
        return json.dumps({"kind": "value", "format": 1, **parts}, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the forecast that a document holds.

        Raises
        ------
        ModelBrokenError
            If the text is not such a document.
        """
        try:
            content: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelBrokenError(f"the value forecast is not a JSON document: {error}") from error
        if (
            not isinstance(content, dict)
            or set(content) != {"kind", "format", "leaves", "amount"}
            or content["kind"] != "value"
        ):
            raise ModelBrokenError("the document is not of the kind 'value'")
        return cls(*(ForecastModel.from_json(json.dumps(content[part])) for part in ("leaves", "amount")))


def backtest_value(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    cutoffs: Sequence[Moment],
    horizon_days: int,
    eligible: Eligible = "ever",
    *,
    config: FeatureConfig | None = None,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how well amounts would have been forecast after each cutoff, beside "the last days again".

    Parameters
    ----------
    lines, cutoffs, horizon_days, eligible, config, step_days, most_cutoffs, seed
        As for `dtc_model.prediction.backtest`. The horizon is one of the windows, for the comparison.

    Returns
    -------
    DataFrame
        One row per cutoff and model (``hurdle``, ``last_again``): cutoff, model, total_ratio (forecast by true total),
        spearman (rank correlation), top_capture (part of the true total that the tenth with the highest forecasts spent), and
        best_capture (that of the tenth that spent most).

    Raises
    ------
    SettingsError
        If there is no feature of the amount in as many days as the horizon has.
    """
    maker = TableMaker(lines, horizon_days, eligible, config)
    if f"amount_{horizon_days}d" not in maker.features(timestamp_of(cutoffs[0])):
        raise SettingsError(
            f"there is no feature 'amount_{horizon_days}d' to compare with: choose a horizon that is a window"
        )
    return backtest_value_tables(maker, cutoffs, step_days=step_days, most_cutoffs=most_cutoffs, seed=seed)


def backtest_value_tables(
    source: TableSource,
    cutoffs: Sequence[Moment],
    *,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return `backtest_value` on tables that are there; without ``last_again`` where the horizon is not a window."""
    again, rows = f"amount_{source.horizon_days}d", []
    for moment in sorted({timestamp_of(cutoff) for cutoff in cutoffs}):
        split = source.split_before(moment, step_days=step_days, most=most_cutoffs)
        test = source.table(moment)
        model = ValueForecast.fit(stacked(source, split.train, known_at=moment), seed=seed)
        forecasts = {"hurdle": model.predict_frame(test.features)}
        if again in test.features:
            spent = test.features[again].fillna(test.features["amount_ever"])
            forecasts[LAST_AGAIN] = spent.to_numpy(dtype=np.float64)
        rows += [
            {"cutoff": moment, "model": name, **value_scores(test.amounts, found)} for name, found in forecasts.items()
        ]
    return pd.DataFrame(rows)


def value_scores(amounts: FloatArray, forecasts: FloatArray) -> dict[str, float]:
    """Return how forecast amounts ``(n_customers,)`` compare with those that came."""
    n_top = max(round(TOP * len(amounts)), 1)
    total = amounts.sum()
    by_forecast, by_truth = np.argsort(-forecasts, kind="stable")[:n_top], np.sort(amounts)[::-1][:n_top]
    return {
        "total_ratio": float(forecasts.sum() / total),
        "spearman": float(spearmanr(amounts, forecasts).statistic),
        "top_capture": float(amounts[by_forecast].sum() / total),
        "best_capture": float(by_truth.sum() / total),
    }
