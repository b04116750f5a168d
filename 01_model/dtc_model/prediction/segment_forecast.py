"""In which segment a customer will be when the horizon has passed, beside the guess that everybody stays."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of
from sklearn.metrics import f1_score

from dtc_model.errors import ForecastError, ImmatureLabelsError
from dtc_model.prediction.candidates import SEGMENT_PREFIX, describe_features
from dtc_model.prediction.families import Family, Parameters, fit_classes, usable
from dtc_model.prediction.scoring import ForecastModel
from dtc_model.prediction.table_sources import TableMaker
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS

Segments = Callable[[pd.Timestamp], "pd.Series[Any]"]
"""Gives the segment of each customer as of a moment, by customer_id: by the catalogue's model, on lines known then."""

NOBODY: Final = "no segment"
"""Class of customers who have none at the end, such as those who bought nothing in the lookback."""

STAYS: Final = "stays"
"""Name of the guess that everybody stays."""

FAMILIES: Final[dict[str, tuple[Family, Parameters]]] = {
    "logistic_all": ("linear", {"C": 0.03}),
    "random_forest": (
        "forest",
        {"n_estimators": 200, "min_samples_leaf": 20, "max_features": 0.2, "max_leaf_nodes": 1024},
    ),
}
"""Models of several classes."""


def fit_segments(
    features: pd.DataFrame, then: Sequence[str], horizon_days: int, candidate: str = "logistic_all", seed: int = 0
) -> ForecastModel:
    """Return the forecast of a segment that is learned from features and the segments that came.

    Parameters
    ----------
    features : DataFrame of shape (n_customers, n_features)
        Floats, as of cutoffs; the segment as of the cutoff may be among them (`with_segment`).
    then : sequence of str
        Segment when the horizon had passed.
    horizon_days : int
        With 0, `then` is the segment as of the cutoff: what is learned is how the rule that gives segments works, and nothing about
        the future. Such a model names itself ``recovery of the rule``.
    candidate : str
        One of `FAMILIES`.

    Raises
    ------
    ForecastError
        If there is only one segment.
    """
    if candidate not in FAMILIES:
        raise SettingsError(f"{candidate!r} does not forecast segments: choose from {', '.join(FAMILIES)}")
    names, classes = np.unique(np.asarray(then, dtype=str), return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004 - nothing to tell apart
        raise ForecastError(f"all {len(then):,} customers are in {names[0]!r}: there is nothing to learn")
    rows = features.to_numpy(dtype=np.float64)
    varies = usable(rows)
    family, parameters = FAMILIES[candidate]
    fitted = fit_classes(family, rows[:, varies], classes.astype(np.intp), parameters, seed)
    is_binary = len(names) == 2  # noqa: PLR2004 - two classes have one score
    recovers = "" if horizon_days else ": recovery of the rule"
    return ForecastModel(
        target="segment",
        candidate=f"{candidate}{recovers}",
        horizon_days=max(horizon_days, 1),
        features=describe_features([str(name) for name in features.columns[varies]], rows[:, varies]),
        link="logistic" if is_binary else "softmax",
        classes=tuple(map(str, names[1:] if is_binary else names)),
        shifts=fitted.shifts,
        scorer=fitted.scorer,
        provenance={"other_class": str(names[0])} if is_binary else {},
    )


def most_likely(model: ForecastModel, features: pd.DataFrame) -> "pd.Series[str]":
    """Return the segment with the highest probability for each customer."""
    probabilities = model.predict_frame(features)
    if model.link == "logistic":
        is_class = probabilities >= 1 / 2
        names = np.where(is_class, model.classes[0], model.provenance["other_class"])
    else:
        names = np.array(model.classes)[probabilities.argmax(axis=1)]
    return pd.Series(names, index=features.index, dtype=str)


def with_segment(features: pd.DataFrame, segments: "pd.Series[Any]", names: Sequence[str]) -> pd.DataFrame:
    """Return features with an indicator for each segment, by customer_id; a customer without a segment has zeros."""
    own = features["customer_id"].map(segments)
    return features.assign(**{f"{SEGMENT_PREFIX}{name}": (own == name).astype(float).to_numpy() for name in names})


def backtest_segments(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    segments: Segments,
    cutoffs: Sequence[Moment],
    horizon_days: int,
    *,
    candidates: Sequence[str] = tuple(FAMILIES),
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
    candidates : sequence of str
        Of `FAMILIES`.

    Returns
    -------
    DataFrame
        One row per cutoff and model, ``stays`` among them: cutoff, model, accuracy, macro_f1 (the mean over segments of the harmonic mean
        of precision and recall), customers, changed (share in another segment than before).
    """
    maker = TableMaker(lines, horizon_days, "ever", config)
    rows = []
    for moment in sorted({timestamp_of(cutoff) for cutoff in cutoffs}):
        split = maker.split_before(moment, step_days=step_days, most=most_cutoffs)
        parts = [_pairs(maker, segments, cutoff) for cutoff in (*split.train, moment)]
        names = sorted({str(name) for _, now, _ in parts for name in now})
        tables = [with_segment(features, now, names).drop(columns="customer_id") for features, now, _ in parts]
        learned = pd.concat(tables[:-1], ignore_index=True)
        came = np.concatenate([then for _, _, then in parts[:-1]])
        features, now, truth = parts[-1]
        guesses = {STAYS: features["customer_id"].map(now).to_numpy(dtype=str)}
        for candidate in candidates:
            model = fit_segments(learned, came, horizon_days, candidate, seed)
            guesses[candidate] = most_likely(model, tables[-1]).to_numpy()
        changed = float((guesses[STAYS] != truth).mean())
        for name, guess in guesses.items():
            scores = {
                "accuracy": float((guess == truth).mean()),
                "macro_f1": float(f1_score(truth, guess, average="macro")),
            }
            rows.append({"cutoff": moment, "model": name, **scores, "customers": len(truth), "changed": changed})
    return pd.DataFrame(rows)


def _pairs(maker: TableMaker, segments: Segments, cutoff: pd.Timestamp) -> tuple[pd.DataFrame, "pd.Series[Any]", Any]:
    """Return features, segments as of a cutoff and segments when the horizon has passed, of those with a segment at the cutoff."""
    end = cutoff + timedelta(days=maker.horizon_days)
    if end > maker.lines.last_moment.ceil("D"):
        raise ImmatureLabelsError(
            f"the lines end before {end:%Y-%m-%d}, when the horizon of {cutoff:%Y-%m-%d} has passed"
        )
    features, now = maker.features(cutoff), segments(cutoff)
    known = features[features["customer_id"].isin(now.index)].reset_index(drop=True)
    then = known["customer_id"].map(segments(end)).astype(object).where(lambda found: found.notna(), NOBODY)
    return known, now, then.to_numpy(dtype=str)
