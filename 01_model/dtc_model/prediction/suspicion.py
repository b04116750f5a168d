"""What looks too good: a feature or a model that separates better than behaviour allows stops a training."""

from typing import Final

import numpy as np
import pandas as pd

from dtc_model.errors import SuspiciousScoreError
from dtc_model.prediction.importance import permuted_losses
from dtc_model.prediction.labelled_table import LabelledTable
from dtc_model.prediction.measures import auc
from dtc_model.prediction.scoring import ForecastModel
from dtc_model.rule import BoolArray, FloatArray

LARGEST_AUC: Final = 0.95
"""Above it a person has to look."""


def check_features(table: LabelledTable, largest: float = LARGEST_AUC) -> "pd.Series[float]":
    """Return how well each feature alone separates who left, the best first.

    Missing values are tried at either end, since to be missing may tell as much as a value.

    Raises
    ------
    SuspiciousScoreError
        If one does so better than allowed; the message names it.
    """
    areas = {
        str(name): single_auc(table.left, table.features[name].to_numpy(dtype=np.float64)) for name in table.features
    }
    found = pd.Series(areas, dtype=float).sort_values(ascending=False, kind="stable")
    if (suspicious := found[found > largest]).size:
        others = f" (and {', '.join(suspicious.index[1:4])})" if suspicious.size > 1 else ""
        raise SuspiciousScoreError(
            f"the feature {suspicious.index[0]}{others} alone tells who leaves with an AUC of {suspicious.iloc[0]:.3f}: more than "
            f"{largest:g} is hardly behaviour, rather the label itself or something later. Look at how it is made; if it is sound, "
            "leave it out or allow a larger AUC"
        )
    return found


def check_model(model: ForecastModel, table: LabelledTable, area: float, largest: float = LARGEST_AUC) -> None:
    """Refuse a model that forecast a later table better than allowed.

    Raises
    ------
    SuspiciousScoreError
        Naming the feature without which it loses most.
    """
    if not area > largest:
        return
    losses = permuted_losses(model, table)
    raise SuspiciousScoreError(
        f"{model.candidate} tells who leaves with an AUC of {area:.3f}: more than {largest:g} is hardly behaviour, rather something later. "
        f"It leans on {losses.idxmax()} most, without which the AUC is {area - losses.max():.3f}. Look at how it is made"
    )


def single_auc(left: BoolArray, values: FloatArray) -> float:
    """Return the AUC of one feature in its better direction; 0.5 without two values."""
    missing = np.isnan(values)
    tried = [values] if not missing.any() else [np.where(missing, end, values) for end in (-np.inf, np.inf)]
    areas = [auc(left, one) for one in tried]
    return max((max(area, 1 - area) for area in areas if not np.isnan(area)), default=0.5)
