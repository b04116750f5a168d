"""In which segment a customer will be when the horizon has passed, beside the guess that everybody stays."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_data.core import SettingsError

from dtc_model.errors import ForecastError
from dtc_model.prediction.candidates import SEGMENT_PREFIX, describe_features
from dtc_model.prediction.families import Family, Parameters, fit_classes, usable
from dtc_model.prediction.scoring import ForecastModel

Segments = Callable[[pd.Timestamp], "pd.Series[Any]"]
"""Gives the segment of each customer as of a moment, by customer_id: by the catalogue's model, on lines known then."""

NOBODY: Final = "no segment"
"""Class of customers who have none at the end, such as those who bought nothing in the lookback."""

FAMILIES: Final[dict[str, tuple[Family, Parameters]]] = {
    "logistic_all": ("linear", {"C": 0.03}),
    "random_forest": (
        "forest",
        {"n_estimators": 200, "min_samples_leaf": 20, "max_features": 0.2, "max_leaf_nodes": 1024},
    ),
    "gradient_boosting": ("boosting", {"max_iter": 60, "learning_rate": 0.15, "max_leaf_nodes": 15}),
}
"""Models of several classes."""

FORECASTING: Final = ("logistic_all", "random_forest")
"""What is compared for a segment that is yet to come."""

RECOVERING: Final = "gradient_boosting"
"""What recovers a rule: it finds the few features among many that a rule looks at, and leaves that are as small as the rule is sharp."""


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
        If there is only one segment, or none.
    """
    if candidate not in FAMILIES:
        raise SettingsError(f"{candidate!r} does not forecast segments: choose from {', '.join(FAMILIES)}")
    names, classes = np.unique(np.asarray(then, dtype=str), return_inverse=True)
    if not len(names):
        raise ForecastError(
            "nobody has a segment: there is nothing to learn. Choose cutoffs whose lookback the lines cover"
        )
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
    """Return features with an indicator for each segment; a customer without a segment has zeros.

    Parameters
    ----------
    features : DataFrame
        A row per customer.
    segments : Series
        Their segments, in the order of the rows.
    names : sequence of str
        The segments that get an indicator.
    """
    own = segments.to_numpy()
    return features.assign(**{f"{SEGMENT_PREFIX}{name}": (own == name).astype(float) for name in names})


def next_segments(model: ForecastModel, features: pd.DataFrame, segments: "pd.Series[Any]") -> "pd.Series[str]":
    """Return the segment that each customer will most likely be in when the horizon has passed.

    Parameters
    ----------
    model : ForecastModel
        As `fit_segments` gives it.
    features : DataFrame
        A row per customer.
    segments : Series
        Their segments now, in the order of the rows; missing where a customer has none.
    """
    indicators = [name.removeprefix(SEGMENT_PREFIX) for name in model.feature_names if name.startswith(SEGMENT_PREFIX)]
    return most_likely(model, with_segment(features, segments, indicators))
