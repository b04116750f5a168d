"""What a forecast promised against what came: worse or miscalibrated only beyond chance."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from dtc_model.prediction import auc, auc_error, chance_of_miscalibration, measure
from dtc_model.rule import BoolArray, FloatArray
from scipy.stats import ks_2samp, norm

AccountStatus = Literal["kept", "worse", "miscalibrated"]

LEVEL: Final = 0.01
"""Probability of a false alarm, for each of the two tests."""
LARGEST_CALIBRATION_ERROR: Final = 0.03
"""A smaller error does not matter, however sure it is."""


@dataclass(frozen=True)
class Account:
    """How the forecasts of one cutoff came out."""

    status: AccountStatus
    words: str
    """What was found and what to do, in sentences."""
    figures: dict[str, Any]
    """Figures as of `dtc_model.prediction.measure`, with ``customers``, ``promised_auc``, ``p_worse``, ``p_miscalibrated`` and
    ``by_segment`` where segments are known; plain JSON types."""


def account_for(
    left: BoolArray,
    probabilities: FloatArray,
    promised: Mapping[str, Any],
    segments: "pd.Series[Any] | None" = None,
) -> Account:
    """Return how forecasts came out.

    An AUC is worse if it lies below the promised one by more than both errors explain (one-sided, `LEVEL`; errors of Hanley and
    McNeil, Radiology 143, 1982). Forecasts are miscalibrated if ten groups differ from their rates by more than binomial chance
    (`dtc_model.prediction.chance_of_miscalibration`) and by more than `LARGEST_CALIBRATION_ERROR` on average.

    Parameters
    ----------
    left, probabilities : ndarray of shape (n_customers,)
        What came, and what was forecast.
    promised : mapping
        Figures of the holdout: ``auc``, ``holdout_customers`` and ``base_rate``.
    segments : Series, optional
        Segment of each customer at the cutoff, in the same order.
    """
    scores = measure(left, probabilities)
    figures: dict[str, Any] = {name: float(value) for name, value in asdict(scores).items()} | {"customers": len(left)}
    p_worse = _probability_of_worse(left, scores.auc, promised)
    p_off = chance_of_miscalibration(left, probabilities)
    figures |= {"promised_auc": promised.get("auc"), "p_worse": p_worse, "p_miscalibrated": p_off}
    if segments is not None:
        figures["by_segment"] = _by_segment(left, probabilities, segments)
    is_worse = p_worse is not None and p_worse < LEVEL
    is_off = p_off < LEVEL and scores.calibration_error > LARGEST_CALIBRATION_ERROR
    status: AccountStatus = "worse" if is_worse else "miscalibrated" if is_off else "kept"
    return Account(status, _words(status, figures, promised, float(probabilities.mean())), figures)


def input_drift(then: pd.DataFrame, now: pd.DataFrame, features: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return how features moved between the customers trained on and those of today, the most moved first.

    Parameters
    ----------
    then, now : DataFrame
        A column of floats per feature.
    features : tuple of str
        Which.

    Returns
    -------
    list of dict
        ``feature``, ``distance`` (Kolmogorov-Smirnov, 0 to 1), ``missing_then``, ``missing_now``.
    """
    found = []
    for name in features:
        before, after = then[name].dropna().to_numpy(dtype=float), now[name].dropna().to_numpy(dtype=float)
        distance = float(ks_2samp(before, after, method="asymp").statistic) if len(before) and len(after) else 0.0
        missing = {"missing_then": float(then[name].isna().mean()), "missing_now": float(now[name].isna().mean())}
        found.append({"feature": name, "distance": distance, **missing})
    return sorted(found, key=lambda one: -one["distance"])


def _probability_of_worse(left: BoolArray, area: float, promised: Mapping[str, Any]) -> float | None:
    if "auc" not in promised or np.isnan(area):
        return None
    n_then = int(promised["holdout_customers"])
    left_then = np.arange(n_then) < round(n_then * float(promised["base_rate"]))
    error = np.hypot(auc_error(left, area), auc_error(left_then, float(promised["auc"])))
    return float(norm.cdf((area - float(promised["auc"])) / error))


def _by_segment(left: BoolArray, probabilities: FloatArray, segments: "pd.Series[Any]") -> list[dict[str, Any]]:
    frame = pd.DataFrame({"segment": segments.to_numpy(), "left": left, "forecast": probabilities})
    return [
        {
            "segment": str(name),
            "customers": len(rows),
            "forecast": float(rows["forecast"].mean()),
            "left": float(rows["left"].mean()),
            "lift": float(rows["left"].mean() / left.mean()) if left.any() else None,
            "auc": _area(rows["left"].to_numpy(dtype=bool), rows["forecast"].to_numpy()),
        }
        for name, rows in frame.groupby("segment", sort=True)
    ]


def _area(left: BoolArray, probabilities: FloatArray) -> float | None:
    found = auc(left, probabilities)
    return None if np.isnan(found) else found


def _words(status: AccountStatus, figures: Mapping[str, Any], promised: Mapping[str, Any], forecast: float) -> str:
    first = (
        f"{figures['base_rate']:.1%} of {figures['customers']:,} customers left, {forecast:.1%} was forecast; AUC {figures['auc']:.3f}"
        + (f" (promised {promised['auc']:.3f})" if "auc" in promised else "")
        + f", lift of the first tenth {figures['lift_10']:.1f}."
    )
    todo = {
        "kept": "The forecasts kept what they promised.",
        "worse": "The forecasts rank customers worse than promised, beyond chance. Check which inputs changed, then retrain.",
        "miscalibrated": (
            "The probabilities are off beyond chance, but the ranking holds. Keep calling from the top of the list, do not rely on the "
            "probabilities, and retrain."
        ),
    }
    return f"{first} {todo[status]}"
