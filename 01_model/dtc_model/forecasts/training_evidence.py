"""What a training shows beside its holdout: all cutoffs, values, segments, and the customers of today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from dtc_model.errors import ForecastError
from dtc_model.forecasts.feature_file import FeatureFile
from dtc_model.forecasts.forecast_config import ForecastConfig
from dtc_model.forecasts.predictions import newest_customers, predictions_of
from dtc_model.prediction import (
    STAYS,
    Candidate,
    Segments,
    StoredTables,
    TrainedForecast,
    ValueForecast,
    auc,
    backtest_segment_tables,
    backtest_tables,
    backtest_value_tables,
    choose_candidates,
    confusion,
    recover_rule,
)

SHOWN: Final = 20
"""Customers whose reasons the report shows."""
BASELINE: Final = "recency"
REGRESSION: Final = "logistic_all"
FOREST: Final = "random_forest"
_VALUE_FIGURES: Final = ("total_ratio", "spearman", "top_capture")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Tables for people, each forecast made without what it is held against."""

    backtest: pd.DataFrame
    """As `dtc_model.prediction.backtest`: the chosen candidate and recency alone, at all cutoffs whose truth is known."""
    value_backtest: pd.DataFrame
    """As `dtc_model.prediction.backtest_value`, at the same cutoffs."""
    customers: pd.DataFrame
    """As `predictions_of`: who is likeliest to leave now."""
    segments: pd.DataFrame | None = None
    """As `dtc_model.prediction.backtest_segments`; None without a segmentation, or where no lookback is covered."""
    recovery: dict[str, float] | None = None
    """Accuracy and macro F1 of today's segment told from today's features: the recovery of a rule."""
    by_segment: pd.DataFrame | None = None
    """The holdout by segment: customers, forecast, left, auc and the confusion at the threshold."""

    @property
    def figures(self) -> dict[str, float]:
        """What was promised of values and segments, at the newest cutoff whose truth is known."""
        found: dict[str, float] = {}
        if len(self.value_backtest):
            newest = self.value_backtest[
                self.value_backtest["cutoff"] == self.value_backtest["cutoff"].max()
            ].set_index("model")
            found |= {f"value_{name}": float(newest.loc["hurdle", name]) for name in _VALUE_FIGURES}
        if self.segments is not None:
            newest = self.segments[self.segments["cutoff"] == self.segments["cutoff"].max()].set_index("model")
            found |= {f"segment_{name}": float(newest.loc[REGRESSION, name]) for name in ("accuracy", "macro_f1")}
            found["segment_stays_accuracy"] = float(newest.loc[STAYS, "accuracy"])
        return found


def gather_evidence(  # noqa: PLR0913 - what was trained, and on what
    features: FeatureFile,
    source: StoredTables,
    trained: TrainedForecast,
    *,
    value: ValueForecast,
    config: ForecastConfig,
    segments: Segments | None,
    report_progress: Callable[[str], None] = lambda _: None,
) -> Evidence:
    """Return the evidence of a training on behaviour.

    Parameters
    ----------
    features : FeatureFile
        What was trained on.
    source : StoredTables
        The same as tables.
    trained : TrainedForecast
        With its threshold.
    value : ValueForecast
        Of what customers will spend.
    config : ForecastConfig
        How it was trained.
    segments : callable, optional
        Segments as of moments.
    report_progress : callable
        Called with a line of text about each part.
    """
    cutoffs = tested_cutoffs(source, pd.Timestamp(features.now), config)
    options: dict[str, Any] = {"step_days": config.step_days, "most_cutoffs": config.most_cutoffs, "seed": config.seed}
    customers = predictions_of(newest_customers(features, trained.model), trained.model, value, config.threshold)
    if not cutoffs:
        return Evidence(pd.DataFrame(), pd.DataFrame(), customers.head(SHOWN))
    evidence = Evidence(
        backtest=backtest_tables(source, cutoffs, _compared(trained), **options),
        value_backtest=backtest_value_tables(source, cutoffs, **options),
        customers=customers.head(SHOWN),
    )
    report_progress(f"backtest: {len(cutoffs)} cutoffs, each forecast from what was known at it")
    if segments is None or trained.holdout is None:
        return evidence
    newest = trained.holdout.cutoff
    next_segments = _segments(source, segments, cutoffs, options)
    if next_segments.empty:
        report_progress("segments: the transactions are too short for the lookback of their rule")
        return evidence
    train = source.split_before(newest, step_days=config.step_days, most=config.most_cutoffs).train
    found = replace(
        evidence,
        segments=next_segments,
        recovery=recover_rule(source, segments, train, newest, config.seed),
        by_segment=by_segment(trained, source.table(newest).customer_ids.map(segments(newest))),
    )
    report_progress(f"segment in {source.horizon_days} days: held against what came at the same cutoffs")
    return found


def _segments(
    source: StoredTables, segments: Segments, cutoffs: list[pd.Timestamp], options: dict[str, Any]
) -> pd.DataFrame:
    """Return the regression at all cutoffs, and the forest at the newest alone: with many segments it takes a hundred times as long."""
    found = backtest_segment_tables(source, segments, cutoffs, candidates=[REGRESSION], **options)
    if found.empty:
        return found
    forest = backtest_segment_tables(source, segments, cutoffs[-1:], candidates=[FOREST], **options)
    return pd.concat([found, forest[forest["model"] == FOREST]], ignore_index=True)


def tested_cutoffs(source: StoredTables, now: pd.Timestamp, config: ForecastConfig) -> list[pd.Timestamp]:
    """Return the cutoffs whose truth is known and before which another one had matured."""
    matured = source.split_before(now, step_days=config.step_days, most=None).train
    return [cutoff for cutoff in matured if _can_be_tested(source, cutoff, config)]


def by_segment(trained: TrainedForecast, segments: "pd.Series[Any]") -> pd.DataFrame:
    """Return how the holdout came out by segment; segments in the order of its customers."""
    holdout = trained.holdout
    if holdout is None:
        return pd.DataFrame()
    threshold = 0.5 if trained.model.threshold is None else trained.model.threshold
    names, rows = segments.fillna("no segment").to_numpy(), []
    for name in sorted(set(names)):
        own = names == name
        left, probabilities = holdout.left[own], holdout.probabilities[own]
        figures = {"forecast": float(probabilities.mean()), "left": float(left.mean()), "auc": auc(left, probabilities)}
        rows.append(
            {"segment": str(name), "customers": len(left)} | figures | confusion(left, probabilities, threshold)
        )
    return pd.DataFrame(rows)


def _can_be_tested(source: StoredTables, cutoff: pd.Timestamp, config: ForecastConfig) -> bool:
    try:
        source.split_before(cutoff, step_days=config.step_days, most=config.most_cutoffs)
    except ForecastError:
        return False
    return True


def _compared(trained: TrainedForecast) -> list[Candidate]:
    """Return recency alone and the chosen candidate, as it was tuned."""
    names = dict.fromkeys([BASELINE, trained.model.candidate])
    tuned = {one.candidate.name: one.parameters for one in trained.assessments}
    return [
        replace(one, parameters={**one.parameters, **tuned.get(one.name, {})}) for one in choose_candidates(list(names))
    ]
