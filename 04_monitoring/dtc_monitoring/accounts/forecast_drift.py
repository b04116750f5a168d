"""How customers and their forecasts moved since a forecast was trained, while the truth is not known yet."""

from typing import Any, Final

import numpy as np
import pandas as pd
from dtc_model.prediction import ForecastModel, said_name
from scipy.stats import ks_2samp

from dtc_monitoring.accounts.forecast_account import input_drift

LARGEST_DISTANCE: Final = 0.1
"""Kolmogorov-Smirnov distance up to which nothing is said to have moved."""
CHANCE: Final = 1.63
"""Critical value of the two-sample test at 1 %, in multiples of sqrt(1/n + 1/m)."""
SHOWN: Final = 3


def measure_drift(then: pd.DataFrame, now: pd.DataFrame, model: ForecastModel) -> dict[str, Any]:
    """Return how inputs and forecasts differ between the newest customers trained on and those of today.

    Lifetime counts and tenure grow by themselves; drift here is not a verdict, but says where to look if forecasts come out worse.

    Parameters
    ----------
    then, now : DataFrame
        The features of the model, a row per customer.
    model : ForecastModel
        The forecast.

    Returns
    -------
    dict
        ``inputs`` (as `input_drift`, the most moved), ``n_moved`` and ``n_inputs``, ``scores`` (distance, mean_then, mean_now,
        has_moved) and ``words``; plain JSON types.
    """
    inputs = input_drift(then, now, model.feature_names)
    least = max(LARGEST_DISTANCE, CHANCE * float(np.sqrt(1 / len(then) + 1 / len(now))))
    before, after = model.predict_frame(then), model.predict_frame(now)
    distance = float(ks_2samp(before, after, method="asymp").statistic)
    scores = {
        "distance": distance,
        "mean_then": float(before.mean()),
        "mean_now": float(after.mean()),
        "has_moved": distance > least,
    }
    moved = [one for one in inputs if one["distance"] > least or abs(one["missing_now"] - one["missing_then"]) > least]
    said = {feature.name: said_name(feature) for feature in model.features}
    found = {"inputs": inputs[:SHOWN], "n_moved": len(moved), "n_inputs": len(inputs), "scores": scores}
    return found | {"words": _words([said[one["feature"]] for one in moved], len(inputs), scores)}


def _words(moved: list[str], n_inputs: int, scores: dict[str, Any]) -> str:
    level = f"{scores['mean_now']:.1%} of customers are forecast to leave, {scores['mean_then']:.1%} were in training"
    ranks = "; the forecasts are distributed differently" if scores["has_moved"] else ""
    if not moved:
        return f"{level}{ranks}. None of {n_inputs} inputs has moved."
    named = ", ".join(f"“{name}”" for name in moved[:SHOWN])
    return f"{level}{ranks}. {len(moved)} of {n_inputs} inputs moved, most of all {named}."
