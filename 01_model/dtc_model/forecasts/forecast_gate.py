"""Whether a new forecast may take the place of the one in production: findings on the newest cutoff whose truth is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dtc_model.prediction import ForecastModel, Holdout, LabelledTable, auc_error, measure

CHANCE: float = 1.0
"""Standard errors by which an AUC may lie below production's, or above that of chance, and count as equal."""

MUCH_WORSE: float = 0.01
"""Mean squared error by which a segment must be worse than in production to count, beyond chance."""
SURE: float = 2.0
"""Standard errors of the mean difference that count as beyond chance."""


@dataclass(frozen=True)
class ForecastFinding:
    """One line of the gate."""

    name: str
    passes: bool
    words: str


def judge_forecast(
    holdout: Holdout | None,
    production: ForecastModel | None,
    test: LabelledTable | None,
    segments: "pd.Series[Any] | None" = None,
) -> tuple[ForecastFinding, ...]:
    """Return what speaks for and against a candidate.

    The candidate stands there as it was fitted to what was known at the test cutoff; production as it is. Where production
    was itself trained on that cutoff it has an advantage, and a candidate that passes has earned it.

    Parameters
    ----------
    holdout : Holdout or None
        What the candidate forecast for the newest matured cutoff; None if there is none.
    production : ForecastModel or None
        The forecast in production.
    test : LabelledTable or None
        The customers of the holdout, with their features.
    segments : Series, optional
        Their segments at the cutoff, in the same order: none may be forecast much worse than by production.
    """
    if holdout is None:
        return (ForecastFinding("holdout", passes=False, words="no cutoff has matured that it could be tested on"),)
    calibrated = holdout.is_calibrated or not holdout.rate_was_seen  # no model can know of a rate that was never seen
    found = [ForecastFinding("calibration", calibrated, holdout.calibration_words)]
    if (ranked := _ranked_by_chance(holdout)) is not None:
        found.append(ranked)
    if production is not None and test is not None:
        found += _compared(holdout, production, test, segments)
    return tuple(found)


def _ranked_by_chance(holdout: Holdout) -> ForecastFinding | None:
    """Return what speaks against a forecast that ranks no better than chance, also where production is as bad."""
    area = holdout.scores.auc
    error = auc_error(holdout.left, area)
    if area > 0.5 + CHANCE * error:
        return None
    words = f"AUC {area:.3f} is no better than chance (one standard error is {error:.3f}): whom it names first leave no more often than others"
    return ForecastFinding("chance", passes=False, words=words)


def _compared(
    holdout: Holdout, production: ForecastModel, test: LabelledTable, segments: "pd.Series[Any] | None"
) -> list[ForecastFinding]:
    if missing := [name for name in production.feature_names if name not in test.features.columns]:
        words = f"production needs the feature {missing[0]}, which the candidate's table lacks"
        return [ForecastFinding("auc", passes=False, words=words)]
    forecast = production.predict_frame(test.features)
    theirs = measure(test.left, forecast).auc
    ours, error = holdout.scores.auc, auc_error(test.left, holdout.scores.auc)
    ranked = ForecastFinding(
        "auc",
        passes=ours >= theirs - CHANCE * error,
        words=f"AUC {ours:.3f} against {theirs:.3f} of production (one standard error is {error:.3f})",
    )
    if segments is None:
        return [ranked]
    worse = (holdout.probabilities - test.left) ** 2 - (forecast - test.left) ** 2
    return [ranked, _by_segment(pd.Series(worse), segments)]


def _by_segment(worse: "pd.Series[float]", segments: "pd.Series[Any]") -> ForecastFinding:
    """Return whether a segment is forecast much worse, by the difference of squared errors of the same customers."""
    groups = worse.groupby(segments.fillna("no segment").to_numpy())
    means, errors = groups.mean(), groups.std() / np.sqrt(groups.size())
    lost = means[(means > MUCH_WORSE) & (means > SURE * errors)].sort_values(ascending=False)
    if lost.empty:
        return ForecastFinding("segments", passes=True, words="no segment is forecast much worse")
    named = ", ".join(f"{name} (squared error {loss:+.3f})" for name, loss in lost.items())
    return ForecastFinding("segments", passes=False, words=f"much worse than production in {named}")
