"""How good forecasts were, once the truth is known."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import chi2, rankdata
from sklearn.metrics import average_precision_score

from dtc_model.rule import BoolArray, FloatArray

N_BINS: Final = 10
"""Groups of equal size in which forecasts are compared with what came."""

_SMALLEST_VARIANCE: Final = 1e-12


@dataclass(frozen=True)
class Scores:
    """Figures of one forecast at one cutoff."""

    auc: float
    """Probability that somebody who left had the higher forecast than somebody who stayed."""
    average_precision: float
    lift_10: float
    """Rate of leaving among the tenth with the highest forecasts, in multiples of everybody's."""
    brier: float
    """Mean squared difference between forecast and truth (Brier, Monthly Weather Review 78 (1950) 1-3)."""
    calibration_error: float
    """Mean absolute difference between forecast and rate over `N_BINS` groups of equal size."""
    base_rate: float
    """Everybody's rate."""


def measure(left: BoolArray, probabilities: FloatArray) -> Scores:
    """Return the figures of forecast probabilities, ``(n_customers,)`` each."""
    table = lift_table(left, probabilities)
    return Scores(
        auc=auc(left, probabilities),
        average_precision=float(average_precision_score(left, probabilities)),
        lift_10=float(table["lift"].iloc[0]),
        brier=float(np.mean((probabilities - left) ** 2)),
        calibration_error=calibration_error(left, probabilities),
        base_rate=float(left.mean()),
    )


def auc(left: BoolArray, scores: FloatArray) -> float:
    """Return the area under the ROC curve; NaN if everybody or nobody left. Ties count half."""
    n_left = int(left.sum())
    n_stayed = len(left) - n_left
    if not n_left or not n_stayed:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[left].sum() - n_left * (n_left + 1) / 2) / (n_left * n_stayed))


def auc_error(left: BoolArray, area: float) -> float:
    """Return the standard error of an AUC (Hanley and McNeil, Radiology 143 (1982) 29-36)."""
    n_left = int(left.sum())
    n_stayed = len(left) - n_left
    above, below = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n_left - 1) * (above - area**2) + (n_stayed - 1) * (below - area**2)
    return float(np.sqrt(variance / (n_left * n_stayed)))


def lift_table(left: BoolArray, probabilities: FloatArray, n_groups: int = N_BINS) -> pd.DataFrame:
    """Return rates and lifts by tenths, from the highest forecasts down.

    Ties are shared among the tenths that they span, so that the order of rows decides nothing.

    Returns
    -------
    DataFrame
        Per tenth customers, forecast (mean), rate, lift, and ceiling: the lift if everybody who left stood at the top.
    """
    order = np.argsort(-probabilities, kind="stable")
    truth = _shared_among_ties(left[order].astype(np.float64), probabilities[order])
    base = left.mean()
    bounds = np.linspace(0, len(left), n_groups + 1).round().astype(int)
    perfect = np.arange(len(left)) < left.sum()
    rows = []
    for start, end in pairwise(bounds):
        rate = float(truth[start:end].mean()) if end > start else float("nan")
        best = float(perfect[start:end].mean()) if end > start else float("nan")
        forecast = float(probabilities[order][start:end].mean()) if end > start else float("nan")
        rows.append(
            (end - start, forecast, rate, rate / base if base else float("nan"), best / base if base else float("nan"))
        )
    return pd.DataFrame(
        rows, columns=["customers", "forecast", "rate", "lift", "ceiling"], index=range(1, n_groups + 1)
    )


def calibration_error(left: BoolArray, probabilities: FloatArray, n_groups: int = N_BINS) -> float:
    """Return the mean absolute difference between forecast and rate over groups of equal size.

    With 3,000 customers a perfect forecast shows about .02 by chance.
    """
    table = lift_table(left, probabilities, n_groups)
    return float(((table["forecast"] - table["rate"]).abs() * table["customers"]).sum() / table["customers"].sum())


def chance_of_miscalibration(left: BoolArray, probabilities: FloatArray, n_groups: int = N_BINS) -> float:
    """Return how probable it is that calibrated forecasts differ from what came by as much as these.

    Hosmer and Lemeshow's statistic (Communications in Statistics A9 (1980) 1043-1069) over groups of equal size; nothing was
    fitted to these customers, so it has a degree of freedom for each group.
    """
    groups = np.array_split(np.argsort(-probabilities, kind="stable"), min(n_groups, len(left)))
    statistic = 0.0
    for group in groups:
        chances = probabilities[group]
        variance = max(float((chances * (1 - chances)).sum()), _SMALLEST_VARIANCE)
        statistic += float(left[group].sum() - chances.sum()) ** 2 / variance
    return float(chi2.sf(statistic, len(groups)))


def recall_at_precision(left: BoolArray, probabilities: FloatArray, precision: float) -> float:
    """Return the largest share of the leavers that can be reached while at least so many of those chosen leave."""
    order = np.argsort(-probabilities, kind="stable")
    found = np.cumsum(left[order])
    last_of_tie = np.append(np.diff(probabilities[order]) != 0, True)
    reached = found / np.arange(1, len(left) + 1) >= precision
    recalls = found[last_of_tie & reached] / max(int(left.sum()), 1)
    return float(recalls.max(initial=0.0))


def confusion(left: BoolArray, probabilities: FloatArray, threshold: float) -> dict[str, int]:
    """Return how many customers were chosen and left, chosen and stayed, missed, and rightly left alone."""
    chosen = probabilities >= threshold
    return {
        "chosen_left": int((chosen & left).sum()),
        "chosen_stayed": int((chosen & ~left).sum()),
        "missed": int((~chosen & left).sum()),
        "left_alone": int((~chosen & ~left).sum()),
    }


def at_threshold(left: BoolArray, probabilities: FloatArray, threshold: float) -> dict[str, float]:
    """Return the share of those who left that was chosen (recall), and the share of those chosen who left (precision); 0 without any."""
    chosen = probabilities >= threshold
    both = int((chosen & left).sum())
    return {"recall": both / max(int(left.sum()), 1), "precision": both / max(int(chosen.sum()), 1)}


def _shared_among_ties(truth: FloatArray, forecasts: FloatArray) -> FloatArray:
    starts = np.append(True, np.diff(forecasts) != 0)
    group = np.cumsum(starts) - 1
    means: FloatArray = (np.bincount(group, weights=truth) / np.bincount(group))[group]
    return means
