"""Validation by customer and time, tuning, and the choice of the simplest."""

import numpy as np
import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import SharedCustomersError
from dtc_model.prediction import (
    CANDIDATES,
    Assessment,
    Candidate,
    Fold,
    LabelledTable,
    TableMaker,
    assess,
    choose_simplest,
    customer_time_folds,
    stacked,
    tune,
)
from fakes.shop import shop_day, shop_lines

BY_NAME = {candidate.name: candidate for candidate in CANDIDATES}


@pytest.fixture(scope="module")
def table() -> LabelledTable:
    """Six cutoffs of a small shop on top of each other."""
    maker = TableMaker(BehaviourLines(shop_lines()), 30, config=FeatureConfig(windows=(30, 90)))
    return stacked(maker, [shop_day(number) for number in range(120, 300, 30)], known_at=shop_day(360))


@pytest.fixture(scope="module")
def folds(table: LabelledTable) -> tuple[Fold, ...]:
    return customer_time_folds(table.customer_ids, table.cutoffs, table.horizon_days, 3)


def quick_boosting() -> Candidate:
    slow = BY_NAME["gradient_boosting"]
    return Candidate(
        slow.name,
        slow.description,
        slow.family,
        slow.choose,
        {"max_iter": 5, "min_samples_leaf": 20},
        lambda trial: {"min_samples_leaf": trial.suggest_int("min_samples_leaf", 5, 400, log=True)},
    )


def test_every_fold_is_validated(table: LabelledTable, folds: tuple[Fold, ...]) -> None:
    found = assess(BY_NAME["logistic_three"], table, folds)

    assert len(found.aucs) == len(folds) == 6
    assert found.mean == np.mean(found.aucs)
    assert found.standard_error == pytest.approx(np.std(found.aucs, ddof=1) / np.sqrt(6))


def test_nothing_is_validated_on_random_folds(table: LabelledTable) -> None:
    shuffled = np.random.default_rng(0).permutation(len(table))

    with pytest.raises(SharedCustomersError):
        assess(BY_NAME["recency"], table, [Fold(shuffled[100:], shuffled[:100])])
    with pytest.raises(SharedCustomersError):
        tune(quick_boosting(), table, [Fold(shuffled[100:], shuffled[:100])], n_trials=1)


def test_tuning_is_never_worse_than_the_parameters_it_began_with_and_tells_each_trial(
    table: LabelledTable, folds: tuple[Fold, ...]
) -> None:
    told: list[str] = []
    candidate = quick_boosting()

    tuned = tune(candidate, table, folds, n_trials=12, report_progress=told.append)

    assert tuned.mean >= assess(candidate, table, folds).mean
    assert set(tuned.parameters) == {"min_samples_leaf"}
    assert (tuned.n_trials, len(told)) == (12, 12)
    assert told[0].startswith("gradient_boosting: trial 1 of 12, AUC 0.")
    assert tuned.n_pruned == sum("pruned" in line for line in told)
    assert tuned.aucs == assess(candidate, table, folds, tuned.parameters).aucs


def test_hopeless_trials_are_pruned(table: LabelledTable, folds: tuple[Fold, ...]) -> None:
    assert tune(quick_boosting(), table, folds, n_trials=20, seed=1).n_pruned > 0


def test_the_same_seed_tunes_to_the_same(table: LabelledTable, folds: tuple[Fold, ...]) -> None:
    first, again = (tune(quick_boosting(), table, folds, n_trials=7, seed=3) for _ in range(2))

    assert (first.parameters, first.aucs) == (again.parameters, again.aucs)


def test_what_has_nothing_to_tune_is_assessed_once(table: LabelledTable, folds: tuple[Fold, ...]) -> None:
    assert tune(BY_NAME["recency"], table, folds, n_trials=9) == assess(BY_NAME["recency"], table, folds)


def assessment(name: str, *aucs: float) -> Assessment:
    return Assessment(BY_NAME[name], {}, aucs)


def test_the_simplest_within_one_standard_error_of_the_best_is_chosen() -> None:
    best = assessment("gradient_boosting", 0.74, 0.78)  # mean .76, standard error .02
    near, far = assessment("logistic_three", 0.745, 0.745), assessment("recency", 0.7399, 0.7399)

    assert choose_simplest([far, near, best]) is near
    assert choose_simplest([far, best]) is best
    assert choose_simplest([assessment("recency", 0.74, 0.74), best]).candidate.name == "recency"
