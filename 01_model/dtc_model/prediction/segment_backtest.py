"""How well the segment after the horizon would have been forecast, beside the guess that everybody stays, and how well the rule is recovered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of
from sklearn.metrics import f1_score

from dtc_model.prediction.scoring import ForecastModel
from dtc_model.prediction.segment_forecast import (
    FORECASTING,
    NOBODY,
    RECOVERING,
    Segments,
    fit_segments,
    most_likely,
    with_segment,
)
from dtc_model.prediction.table_sources import TableMaker, TableSource
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS

STAYS: Final = "stays"
"""Name of the guess that everybody stays."""


@dataclass(frozen=True, eq=False)
class SegmentPairs:
    """Customers who have a segment at cutoffs, with the one they have when the horizon has passed."""

    features: pd.DataFrame
    """Floats, a column per feature and an indicator per segment at the cutoff."""
    own: pd.DataFrame
    """The features alone."""
    now: "pd.Series[str]"
    then: "pd.Series[str]"


def backtest_segments(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    segments: Segments,
    cutoffs: Sequence[Moment],
    horizon_days: int,
    *,
    candidates: Sequence[str] = FORECASTING,
    config: FeatureConfig | None = None,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how well the segment after the horizon would have been forecast at each cutoff, for those who have one at it.

    Parameters
    ----------
    lines, cutoffs, horizon_days, config, step_days, most_cutoffs, seed
        As for `dtc_model.prediction.backtest`.
    segments : callable
        Gives the segments as of a moment. Those of a training label are asked for at its end, which lies before the test cutoff.
        Cutoffs as of which nobody has one are neither trained on nor tested, such as those before which no lookback is covered.
    candidates : sequence of str
        Of `dtc_model.prediction.segment_forecast.FAMILIES`.

    Returns
    -------
    DataFrame
        One row per cutoff and model, ``stays`` among them: cutoff, model, accuracy, macro_f1 (the mean over segments of the harmonic mean
        of precision and recall), customers, changed (share in another segment than before).
    """
    return backtest_segment_tables(
        TableMaker(lines, horizon_days, "ever", config),
        segments,
        cutoffs,
        candidates=candidates,
        step_days=step_days,
        most_cutoffs=most_cutoffs,
        seed=seed,
    )


def backtest_segment_tables(  # noqa: PLR0913 - as backtest_segments
    source: TableSource,
    segments: Segments,
    cutoffs: Sequence[Moment],
    *,
    candidates: Sequence[str] = FORECASTING,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return `backtest_segments` on tables that are there."""
    rows = []
    for moment in sorted({timestamp_of(cutoff) for cutoff in cutoffs}):
        split = source.split_before(moment, step_days=step_days, most=most_cutoffs)
        learned, test = pair_tables(source, segments, split.train), pair_tables(source, segments, [moment])
        if learned.then.empty or test.then.empty:
            continue
        guesses = {STAYS: test.now.to_numpy()}
        for candidate in candidates:
            model = fit_segments(learned.features, learned.then.tolist(), source.horizon_days, candidate, seed)
            guesses[candidate] = most_likely(model, _completed(test.features, model)).to_numpy()
        truth = test.then.to_numpy()
        changed = float((guesses[STAYS] != truth).mean())
        for name, guess in guesses.items():
            scores = segment_scores(truth, guess)
            rows.append({"cutoff": moment, "model": name, **scores, "customers": len(truth), "changed": changed})
    return pd.DataFrame(rows)


def recover_rule(
    source: TableSource, segments: Segments, train: Sequence[pd.Timestamp], test: pd.Timestamp, seed: int = 0
) -> dict[str, float]:
    """Return how well today's segment is told from today's features: the recovery of a rule, which says nothing of the future.

    It is learned at those cutoffs before which as much history is known as before any other. Where a lookback is not covered yet, the
    features of its window are missing, and segments are of customers of whom a part was seen.

    Returns
    -------
    dict
        As `segment_scores`, at a cutoff that was not trained on.
    """
    known = {cutoff: int(source.table(cutoff).features.notna().any().sum()) for cutoff in train}
    covered = [cutoff for cutoff in train if known[cutoff] == max(known.values())]
    learned, tested = pair_tables(source, segments, covered), pair_tables(source, segments, [test])
    model = fit_segments(learned.own, learned.now.tolist(), 0, RECOVERING, seed)
    return segment_scores(tested.now.to_numpy(), most_likely(model, tested.own).to_numpy())


def pair_tables(source: TableSource, segments: Segments, cutoffs: Sequence[pd.Timestamp]) -> SegmentPairs:
    """Return the customers of cutoffs whose horizon has passed, those who have a segment at theirs; errors as of `TableSource.table`."""
    own, befores, afters = [], [], []
    for cutoff in cutoffs:
        table = source.table(cutoff)
        before = table.customer_ids.map(segments(cutoff))
        after = table.customer_ids.map(segments(cutoff + timedelta(days=source.horizon_days))).fillna(NOBODY)
        known = before.notna()
        own.append(table.features[known])
        befores.append(before[known])
        afters.append(after[known])
    features = pd.concat(own, ignore_index=True)
    now, then = (pd.concat(parts, ignore_index=True).astype(str) for parts in (befores, afters))
    return SegmentPairs(with_segment(features, now, sorted(set(now))), features, now, then)


def segment_scores(truth: Any, guess: Any) -> dict[str, float]:
    """Return accuracy and macro F1 (the mean over segments of the harmonic mean of precision and recall)."""
    return {
        "accuracy": float(np.mean(np.asarray(guess) == np.asarray(truth))),
        "macro_f1": float(f1_score(truth, guess, average="macro")),
    }


def _completed(features: pd.DataFrame, model: ForecastModel) -> pd.DataFrame:
    """Return features with zeros for segments in which nobody is."""
    return features.assign(**{name: 0.0 for name in model.feature_names if name not in features})
