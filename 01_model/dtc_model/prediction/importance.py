"""How much a forecast leans on its features."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dtc_model.prediction.labelled_table import LabelledTable
from dtc_model.prediction.measures import auc
from dtc_model.prediction.scoring import ForecastModel


def permuted_losses(
    model: ForecastModel, table: LabelledTable, *, repeats: int = 1, seed: int = 0, group_of: Callable[[str], str] = str
) -> "pd.Series[float]":
    """Return how much AUC a forecast loses when the values of its features are shuffled, the most first.

    Breiman, Machine Learning 45 (2001) 5-32. Where several features say nearly the same, none of them loses much alone:
    name a group for each, such as its measure (`dtc_model.prediction.measure_of`), and the features of a group are dealt together.

    Parameters
    ----------
    model : ForecastModel
        Of who leaves.
    table : LabelledTable
        Customers who were not trained on.
    repeats, seed : int
        How often the values are dealt, and how.
    group_of : callable
        The group of a feature, by its name; each is a group of its own by default.
    """
    rows = table.values(model.feature_names)
    before = auc(table.left, model.predict(rows))
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(model.feature_names):
        groups.setdefault(group_of(name), []).append(position)
    random = np.random.default_rng(seed)
    losses = dict.fromkeys(groups, 0.0)
    for _ in range(repeats):
        dealt = random.permutation(len(rows))
        for group, columns in groups.items():
            changed = rows.copy()
            changed[:, columns] = rows[dealt][:, columns]
            losses[group] += (before - auc(table.left, model.predict(changed))) / repeats
    return pd.Series(losses, dtype=float).sort_values(ascending=False, kind="stable")
