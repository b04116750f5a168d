"""Training on a flat table: one row per customer with a label that came with it, and no dates to split by."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.core import SettingsError
from sklearn.model_selection import StratifiedKFold

from dtc_model.errors import ForecastError
from dtc_model.prediction.candidates import choose_candidates
from dtc_model.prediction.labelled_table import LabelledTable
from dtc_model.prediction.suspicion import check_features
from dtc_model.prediction.time_splits import Fold
from dtc_model.prediction.training import TrainedForecast, TrainingOptions, assess_candidates, hold_out
from dtc_model.prediction.tuning import choose_simplest
from dtc_model.rule import BoolArray

NO_HORIZON = 0
"""Days of the horizon where the label came with the table."""
_SAME_MOMENT = pd.Timestamp(0, tz="UTC")


def flat_table(features: pd.DataFrame, customer_ids: "pd.Series[str]", left: BoolArray) -> LabelledTable:
    """Return a flat table in the form that candidates are fitted to, all of it at one moment.

    Raises
    ------
    ForecastError
        If a customer appears twice: then rows are moments, and random folds would know the future.
    """
    if (twice := customer_ids.duplicated()).any():
        raise ForecastError(
            f"customer {customer_ids[twice].iloc[0]!r} appears twice, so that rows are moments of customers: random folds over them know "
            "the future. Make the features from transactions, or leave one row for each customer"
        )
    return LabelledTable(
        features=features.reset_index(drop=True).astype(np.float64),
        customer_ids=customer_ids.reset_index(drop=True),
        cutoffs=pd.Series(_SAME_MOMENT, index=range(len(features))),
        left=left,
        amounts=np.zeros(len(features)),
        horizon_days=NO_HORIZON,
    )


def train_flat(
    table: LabelledTable,
    is_test: BoolArray,
    options: TrainingOptions | None = None,
    *,
    report_progress: Callable[[str], None] = lambda _: None,
) -> TrainedForecast:
    """Return the forecast that is trained on part of a flat table and held against the rest.

    Folds are random and stratified by the label: without dates there is no other order, and each customer has one row. Nothing
    here can tell whether a feature was measured after the customer had left; the check of single features finds the worst of it.

    Parameters
    ----------
    table : LabelledTable
        As `flat_table` makes it.
    is_test : ndarray of shape (n_customers,)
        Whom nothing is learned from.
    options : TrainingOptions, optional
        How; those about cutoffs do not matter here.
    report_progress : callable
        Called with a line of text about each step.

    Raises
    ------
    LeakageError
        If a feature or the chosen model is suspiciously good.
    ForecastError
        If a part has customers of one kind only.
    """
    chosen = options or TrainingOptions()
    train, test = table.take(np.flatnonzero(~is_test)), table.take(np.flatnonzero(is_test))
    for name, part in (("training", train), ("test", test)):
        if part.left.all() or not part.left.any():
            raise ForecastError(
                f"of the {len(part):,} customers of the {name} part all have one label: there is nothing to learn"
            )
    check_features(train)
    candidates = [one for one in choose_candidates(chosen.models) if one.choose(table.feature_names)]
    if not candidates:
        raise SettingsError(
            "none of the candidates has a feature in this table: choose logistic_all, or leave models out"
        )
    folds = stratified_folds(train.left, chosen.cv_folds, chosen.seed)
    assessments = assess_candidates(candidates, train, folds, chosen, report_progress)
    best = choose_simplest(assessments)
    fitted = best.candidate.fit(train, best.parameters, chosen.seed)
    # One moment has no date to be read.
    provenance = {name: value for name, value in fitted.provenance.items() if name != "cutoffs"} | {
        "folds": "random, stratified"
    }
    return TrainedForecast(
        replace(fitted, provenance=provenance), assessments, hold_out(train, test, best, chosen.seed)
    )


def stratified_folds(left: BoolArray, n_folds: int, seed: int) -> tuple[Fold, ...]:
    """Return random folds in each of which the same share of customers left.

    Raises
    ------
    ForecastError
        If there are fewer customers of a kind than folds.
    """
    rarer = int(min(left.sum(), (~left).sum()))
    if rarer < n_folds:
        raise ForecastError(f"{rarer} customers of one kind are too few for {n_folds} folds: choose fewer folds")
    split = StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(left.reshape(-1, 1), left)
    return tuple(Fold(_rows(train), _rows(validation)) for train, validation in split)


def _rows(positions: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    return positions.astype(np.intp)
