"""The backtest: every candidate at every cutoff, trained on what was known then, held against what came."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of

from dtc_model.prediction.candidates import Candidate, choose_candidates
from dtc_model.prediction.labelled_table import Eligible, LabelledTable
from dtc_model.prediction.measures import measure
from dtc_model.prediction.suspicion import check_features, check_model
from dtc_model.prediction.table_sources import TableMaker, TableSource, stacked
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS


def backtest(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    cutoffs: Sequence[Moment],
    horizon_days: int,
    models: Sequence[str | Candidate] | None = None,
    eligible: Eligible = "ever",
    *,
    config: FeatureConfig | None = None,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
    report_progress: Callable[[dict[str, Any]], None] = lambda _: None,
) -> pd.DataFrame:
    """Return how well each candidate would have forecast who leaves after each cutoff.

    Each is trained on the newest cutoffs whose labels had matured and arrived by the test cutoff.

    Parameters
    ----------
    lines : DataFrame or BehaviourLines
        As `dtc_data.transactions.read_lines` returns them.
    cutoffs : sequence of Wave, datetime, date or str
        Cutoffs to test on.
    horizon_days : int
        Whoever orders nothing in so many days from a cutoff on has left.
    models : sequence of str or Candidate, optional
        Names of candidates, or candidates of your own; by default all.
    eligible : "ever" or int
        Everybody who bought before the cutoff, or who did in that many days before it.
    config : FeatureConfig, optional
        Which features; by default all. The first line says since when the lines cover everything, unless the config does.
    step_days, most_cutoffs : int
        Days between the cutoffs that are trained on, and how many at most.
    seed : int
        The same seed gives the same figures.
    report_progress : callable
        Called with each row when it is there.

    Returns
    -------
    DataFrame
        One row per cutoff and model: cutoff, model, auc, average_precision, lift_10, brier, calibration_error, base_rate
        (see `dtc_model.prediction.measures.Scores`), then customers, forecast_rate (mean forecast), trained_on (cutoffs),
        lowest_rate and highest_rate (of the training cutoffs), and rate_was_seen: whether the base rate lies between them.
        Where it does not, no forecast can be expected to be calibrated.

    Raises
    ------
    LeakageError
        If a label is not known yet, or a feature or model is suspiciously good.
    ForecastError
        If no cutoff has matured before one of the test cutoffs.
    """
    return backtest_tables(
        TableMaker(lines, horizon_days, eligible, config),
        cutoffs,
        models,
        step_days=step_days,
        most_cutoffs=most_cutoffs,
        seed=seed,
        report_progress=report_progress,
    )


def backtest_tables(  # noqa: PLR0913 - as backtest
    source: TableSource,
    cutoffs: Sequence[Moment],
    models: Sequence[str | Candidate] | None = None,
    *,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
    report_progress: Callable[[dict[str, Any]], None] = lambda _: None,
) -> pd.DataFrame:
    """Return `backtest` on tables that are there."""
    candidates = choose_candidates(models)
    if not cutoffs:
        raise SettingsError("give at least one cutoff to test on")
    rows = []
    for moment in sorted({timestamp_of(cutoff) for cutoff in cutoffs}):
        split = source.split_before(moment, step_days=step_days, most=most_cutoffs)
        train, test = stacked(source, split.train, known_at=moment), source.table(moment)
        check_features(train)
        for candidate in candidates:
            row = _test(candidate, train, test, seed)
            rows.append({"cutoff": moment, "model": candidate.name, **row})
            report_progress(rows[-1])
    return pd.DataFrame(rows)


def _test(candidate: Candidate, train: LabelledTable, test: LabelledTable, seed: int) -> dict[str, Any]:
    model = candidate.fit(train, seed=seed)
    probabilities = model.predict_frame(test.features)
    scores = measure(test.left, probabilities)
    check_model(model, test, scores.auc)
    lowest, highest = float(train.rates.min()), float(train.rates.max())
    return {
        **asdict(scores),
        "customers": len(test),
        "forecast_rate": float(probabilities.mean()),
        "trained_on": len(train.rates),
        "lowest_rate": lowest,
        "highest_rate": highest,
        "rate_was_seen": lowest <= scores.base_rate <= highest,
    }
