"""The candidates: from recency alone to gradient boosting on all features, in the order of their simplicity."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from dtc_data.core import SettingsError
from dtc_data.transactions import feature_definitions

from dtc_model.errors import ForecastError
from dtc_model.prediction.families import Family, fit_classes, shifts_to, usable
from dtc_model.prediction.labelled_table import LabelledTable
from dtc_model.prediction.scoring import YES_NO, ForecastFeature, ForecastModel
from dtc_model.rule import FloatArray

SEGMENT_PREFIX: Final = "segment_is_"
"""How the features begin that say in which segment a customer is."""

THREE: Final = ("recency_days", "orders_ever", "amount_ever")
"""What marketing people look at first."""

Suggest = Any
"""A trial of Optuna."""


@dataclass(frozen=True)
class Candidate:
    """A way to forecast who leaves."""

    name: str
    description: str
    family: Family
    choose: Callable[[Sequence[str]], Sequence[str]]
    """Which of the features it is made from."""
    parameters: Mapping[str, Any]
    """What is not tuned, or has not been yet."""
    space: Callable[[Suggest], dict[str, Any]] | None = None
    """Draws parameters for a trial; None where there is nothing to tune."""

    def fit(self, table: LabelledTable, parameters: Mapping[str, Any] | None = None, seed: int = 0) -> ForecastModel:
        """Return the forecast that the candidate learns from a table.

        Its level is that of the newest cutoff: with a history that grows, the same number of orders means less from cutoff to cutoff.

        Raises
        ------
        ForecastError
            If everybody left or nobody did, or none of its features varies.
        """
        if table.left.all() or not table.left.any():
            who = "everybody" if table.left.all() else "nobody"
            raise ForecastError(
                f"{who} of {len(table):,} customers left: there is nothing to learn. Choose another horizon"
            )
        names = learnable(table, self.choose(table.feature_names), self.name)
        rows = table.values(names)
        chosen = {**self.parameters, **(parameters or {})}
        fitted = fit_classes(self.family, rows, table.left.astype(np.intp), chosen, seed)
        newest = (table.cutoffs == table.cutoffs.max()).to_numpy()
        rate = table.left[newest].mean()
        level = (
            shifts_to(np.array([1 - rate, rate]), fitted.scorer.scores(rows[newest])) if 0 < rate < 1 else fitted.shifts
        )
        return ForecastModel(
            target="leaves",
            candidate=self.name,
            horizon_days=table.horizon_days,
            features=describe_features(names, rows),
            link="logistic",
            classes=("leaves",),
            shifts=level,
            scorer=fitted.scorer,
            provenance=trained_on(table) | {name: str(value) for name, value in chosen.items()},
        )


def learnable(table: LabelledTable, names: Sequence[str], candidate: str) -> list[str]:
    """Return the features that vary in a table.

    Raises
    ------
    ForecastError
        If there are none.
    """
    varies = usable(table.values(names))
    found = [name for name, does in zip(names, varies, strict=True) if does]
    if not found:
        raise ForecastError(f"none of the features of {candidate} varies among {len(table):,} customers")
    return found


def describe_features(names: Sequence[str], rows: FloatArray) -> tuple[ForecastFeature, ...]:
    """Return what the features are, and what is typical of them in training."""
    known = {one.name: one for one in feature_definitions()}
    is_yes_no = [
        set(np.unique(column[~np.isnan(column)])) <= {0.0, 1.0} for column in rows.T
    ]  # such as of a flat table
    medians = np.nanmedian(rows, axis=0)
    missing = np.isnan(rows).mean(axis=0)
    return tuple(
        ForecastFeature(
            name=name,
            description=known[name].description if name in known else "",
            unit=known[name].unit if name in known else YES_NO if yes_no else "",
            typical=float(median) if share < 0.5 else None,  # noqa: PLR2004 - missing for most
        )
        for name, median, share, yes_no in zip(names, medians, missing, is_yes_no, strict=True)
    )


def trained_on(table: LabelledTable) -> dict[str, str]:
    """Return what a forecast was trained on, for people to read."""
    cutoffs = ", ".join(f"{cutoff:%Y-%m-%d}" for cutoff in sorted(set(table.cutoffs)))
    rates = table.rates
    return {
        "cutoffs": cutoffs,
        "rows": str(len(table)),
        "lowest_rate": f"{rates.min():.4f}",
        "highest_rate": f"{rates.max():.4f}",
    }


def _only(*wanted: str) -> Callable[[Sequence[str]], Sequence[str]]:
    return lambda names: [name for name in wanted if name in names]


def _all(names: Sequence[str]) -> Sequence[str]:
    return [name for name in names if not name.startswith(SEGMENT_PREFIX)]


def _segments(names: Sequence[str]) -> Sequence[str]:
    return [name for name in names if name.startswith(SEGMENT_PREFIX)] or _only(*THREE)(names)


def _forest_space(trial: Suggest) -> dict[str, Any]:
    return {
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 5, 200, log=True),
        "max_features": trial.suggest_float("max_features", 0.05, 0.5, log=True),
    }


def _boosting_space(trial: Suggest) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.1, log=True),
        "max_iter": trial.suggest_int("max_iter", 50, 400, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 3, 31, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 20, 200, log=True),
        "l2_regularization": trial.suggest_float("l2_regularization", 0.1, 100, log=True),
        "max_features": trial.suggest_float("max_features", 0.05, 1, log=True),
    }


CANDIDATES: Final = (
    Candidate("recency", "Recency alone.", "linear", _only("recency_days"), {"C": 1.0}),
    Candidate("orders", "Number of orders alone.", "linear", _only("orders_ever"), {"C": 1.0}),
    Candidate(
        "segment_rate",
        "The rate of the customer's segment; where no segments are given, of eight groups by recency, orders and amount.",
        "forest",
        _segments,
        {"n_estimators": 1, "bootstrap": False, "max_features": None, "max_leaf_nodes": 8, "min_samples_leaf": 50},
    ),
    Candidate(
        "logistic_three", "Logistic regression on recency, orders and amount.", "linear", _only(*THREE), {"C": 1.0}
    ),
    Candidate(
        "logistic_all",
        "Logistic regression on all features, with small weights.",
        "linear",
        _all,
        {"C": 0.003},
        lambda trial: {"C": trial.suggest_float("C", 1e-4, 1, log=True)},
    ),
    Candidate(
        "random_forest",
        "Random forest on all features with balanced classes.",
        "forest",
        _all,
        {"n_estimators": 200, "min_samples_leaf": 40, "max_features": 0.1, "max_leaf_nodes": 1024},
        _forest_space,
    ),
    Candidate(
        "gradient_boosting",
        "Gradient boosting by histograms on all features.",
        "boosting",
        _all,
        {
            "learning_rate": 0.02,
            "max_iter": 300,
            "max_leaf_nodes": 8,
            "min_samples_leaf": 100,
            "l2_regularization": 20.0,
            "max_features": 0.1,
        },
        _boosting_space,
    ),
)
"""From the simplest on."""


def choose_candidates(models: Sequence[str | Candidate] | None) -> tuple[Candidate, ...]:
    """Return candidates by their names; all of them by default.

    Raises
    ------
    SettingsError
        If there is none of a name.
    """
    if models is None:
        return CANDIDATES
    known = {candidate.name: candidate for candidate in CANDIDATES}
    if unknown := [one for one in models if isinstance(one, str) and one not in known]:
        raise SettingsError(f"{unknown[0]!r} is not a candidate: choose from {', '.join(known)}")
    return tuple(known[one] if isinstance(one, str) else one for one in models)
