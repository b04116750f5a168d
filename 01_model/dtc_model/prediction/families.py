"""The families of models behind the candidates: how each is fitted, and how it becomes a scorer without its library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.prediction.scoring import LinearScorer, Scorer, TreeScorer, signed_log
from dtc_model.rule import BoolArray, FloatArray

Classes = npt.NDArray[np.intp]
Family = Literal["linear", "forest", "boosting"]
Parameters = Mapping[str, Any]

LARGEST: Final = float(np.finfo(np.float64).max)
"""Stands for the infinite threshold of a split that only parts missing values from others."""

_STEPS: Final = 200


@dataclass(frozen=True, eq=False)
class Fitted:
    """A scorer and what is added to its scores."""

    scorer: Scorer
    shifts: FloatArray
    estimator: Any
    """The library's own object, of which the scorer is a copy."""


def fit_classes(family: Family, rows: FloatArray, classes: Classes, parameters: Parameters, seed: int) -> Fitted:
    """Fit probabilities of classes.

    Parameters
    ----------
    family : {"linear", "forest", "boosting"}
        Logistic regression on logarithms of features, a random forest with balanced classes, or gradient boosting by histograms.
    rows : ndarray of shape (n_rows, n_features)
        NaN where a feature is missing. Each feature has at least two values.
    classes : ndarray of shape (n_rows,)
        From 0, each at least once. With two classes the scores are the log-odds of class 1.
    parameters : mapping
        Of scikit-learn's estimator.
    seed : int
        Of whatever is drawn.
    """
    if family == "linear":
        return _fit_logistic(rows, classes, parameters, seed)
    if family == "forest":
        forest = RandomForestClassifier(**parameters, class_weight="balanced", random_state=seed, n_jobs=-1)
        scorer = forest_scorer(forest.fit(rows, classes))
        rates = np.bincount(classes) / len(classes)
        return Fitted(scorer, shifts_to(rates, scorer.scores(rows)), forest)
    boosted = HistGradientBoostingClassifier(**parameters, early_stopping=False, random_state=seed)
    with threadpool_limits(
        1
    ):  # threads add in any order, which changes the last digits; on busy machines they also wait for each other
        boosted.fit(rows, classes)
    scorer = boosting_scorer(boosted)
    return Fitted(scorer, np.zeros(len(scorer.base)), boosted)


def fit_amounts(family: Family, rows: FloatArray, amounts: FloatArray, parameters: Parameters, seed: int) -> Fitted:
    """Fit the logarithm of positive amounts, such that the forecast amounts of the training rows sum to the true ones.

    The mean of a logarithm is not the logarithm of the mean: the shift is Duan's smearing estimate (Journal of the American
    Statistical Association 78 (1983) 605-610).
    """
    logs = np.log(amounts)
    if family == "linear":
        centres, spreads = _moments(rows)
        ridge = Ridge(**parameters).fit(_standardised(rows, centres, spreads), logs)
        columns = np.arange(rows.shape[1], dtype=np.intp)
        scorer: Scorer = LinearScorer(columns, centres, spreads, ridge.coef_[None], np.array([ridge.intercept_]))
        return Fitted(scorer, _smearing(amounts, scorer.scores(rows)), ridge)
    boosted = HistGradientBoostingRegressor(**parameters, early_stopping=False, random_state=seed)
    with threadpool_limits(1):  # likewise
        boosted.fit(rows, logs)
    scorer = boosting_scorer(boosted)
    return Fitted(scorer, _smearing(amounts, scorer.scores(rows)), boosted)


def usable(rows: FloatArray) -> BoolArray:
    """Return which features have at least two values, ``(n_features,)``: others cannot be learned from."""
    found: BoolArray = np.array([len(np.unique(column[~np.isnan(column)])) > 1 for column in rows.T], dtype=bool)
    return found


def shifts_to(rates: FloatArray, scores: FloatArray) -> FloatArray:
    """Return what to add to scores so that the mean forecast is each class's rate.

    Balanced classes make rare ones look frequent; a shift of the log-odds undoes it (King and Zeng, Political Analysis 9
    (2001) 137-163, find it from the rates alone, which holds for one logistic model and not for a mean of trees).

    Parameters
    ----------
    rates : ndarray of shape (n_classes,)
    scores : ndarray of shape (n_rows, n_scores)
        One score for two classes: the log-odds of class 1.
    """
    shifts = np.zeros(scores.shape[1])
    for _ in range(_STEPS):
        moved = scores + shifts
        if len(shifts) == 1:
            mean = (1 / (1 + np.exp(-moved))).mean()
            step = np.array([np.log(rates[1] / rates[0]) - np.log(mean / (1 - mean))])
        else:
            odds = np.exp(moved - moved.max(axis=1, keepdims=True))
            step = np.log(rates) - np.log((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))
        shifts += step
        if np.abs(step).max() < 1e-12:  # noqa: PLR2004 - nothing moves any more
            break
    return shifts


def forest_scorer(forest: RandomForestClassifier) -> TreeScorer:
    """Return the trees of a fitted forest; the score of two classes is the log-odds of class 1."""
    trees = [one.tree_ for one in forest.estimators_]
    is_binary = len(forest.classes_) == 2  # noqa: PLR2004 - one score is enough
    values = [tree.value[:, 0, 1:] if is_binary else tree.value[:, 0, :] for tree in trees]
    return _joined(
        combine="mean",
        single_precision=True,
        base=np.zeros(values[0].shape[1]),
        trees=[
            {
                "features": np.maximum(tree.feature, -1),
                "thresholds": tree.threshold,
                "left": tree.children_left,
                "right": tree.children_right,
                "missing_left": tree.missing_go_to_left.astype(bool),
                "values": value,
            }
            for tree, value in zip(trees, values, strict=True)
        ],
    )


def boosting_scorer(boosted: HistGradientBoostingClassifier | HistGradientBoostingRegressor) -> TreeScorer:
    """Return the trees of a fitted gradient boosting."""
    # The private names are scikit-learn's own way to its nodes; its minor version is fixed wherever models are trained.
    base = np.ravel(boosted._baseline_prediction)  # noqa: SLF001
    trees = []
    for members in boosted._predictors:  # noqa: SLF001
        for number, member in enumerate(members):
            nodes = member.nodes
            is_leaf = nodes["is_leaf"].astype(bool)
            values = np.zeros((len(nodes), len(base)))
            values[:, number] = _means_below(nodes, is_leaf)
            trees.append(
                {
                    "features": np.where(is_leaf, -1, nodes["feature_idx"]),
                    "thresholds": nodes["num_threshold"],
                    "left": nodes["left"],
                    "right": nodes["right"],
                    "missing_left": nodes["missing_go_to_left"].astype(bool),
                    "values": values,
                }
            )
    return _joined(combine="sum", single_precision=False, base=base, trees=trees)


def _fit_logistic(rows: FloatArray, classes: Classes, parameters: Parameters, seed: int) -> Fitted:
    centres, spreads = _moments(rows)
    logistic = LogisticRegression(**parameters, max_iter=2_000, random_state=seed)
    with threadpool_limits(1):  # likewise
        logistic.fit(_standardised(rows, centres, spreads), classes)
    columns = np.arange(rows.shape[1], dtype=np.intp)
    scorer = LinearScorer(columns, centres, spreads, logistic.coef_, logistic.intercept_)
    return Fitted(scorer, np.zeros(len(logistic.intercept_)), logistic)


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    logs = signed_log(rows)
    return np.nanmean(logs, axis=0), np.nanstd(logs, axis=0)


def _standardised(rows: FloatArray, centres: FloatArray, spreads: FloatArray) -> FloatArray:
    return np.nan_to_num((signed_log(rows) - centres) / spreads, nan=0.0)


def _smearing(amounts: FloatArray, scores: FloatArray) -> FloatArray:
    return np.array([np.log(amounts.sum() / np.exp(scores[:, 0]).sum())])


def _means_below(nodes: npt.NDArray[Any], is_leaf: BoolArray) -> FloatArray:
    """Return each node's value, in inner ones the mean of the leaves below by their training rows."""
    counts, values = nodes["count"].astype(np.float64), nodes["value"].copy()
    for node in np.nonzero(~is_leaf)[0][::-1]:  # children stand behind their parents
        children = [nodes["left"][node], nodes["right"][node]]
        values[node] = (counts[children] * values[children]).sum() / counts[children].sum()
    means: FloatArray = values
    return means


def _joined(*, combine: str, single_precision: bool, base: FloatArray, trees: Sequence[dict[str, Any]]) -> TreeScorer:
    """Put the nodes of all trees behind one another."""
    sizes = [len(tree["features"]) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    offsets = np.repeat(roots, sizes)
    joined = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    features = joined["features"].astype(np.intp)
    children = {side: np.where(features >= 0, joined[side].astype(np.intp) + offsets, 0) for side in ("left", "right")}
    return TreeScorer(
        combine=combine,
        single_precision=single_precision,
        base=np.asarray(base, dtype=np.float64),
        roots=roots,
        features=features,
        thresholds=np.clip(joined["thresholds"], -LARGEST, LARGEST),
        left=children["left"],
        right=children["right"],
        missing_left=joined["missing_left"],
        values=joined["values"],
    )
