"""Validation in time, the search for parameters, and the choice of the simplest candidate that is good enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dtc_model.prediction.candidates import Candidate
from dtc_model.prediction.labelled_table import LabelledTable
from dtc_model.prediction.measures import auc
from dtc_model.prediction.time_splits import Fold, check_fold

FREE_TRIALS: Final = 5
"""Trials that are never pruned, against whose median the others are held."""


@dataclass(frozen=True)
class Assessment:
    """How a candidate did in validation."""

    candidate: Candidate
    parameters: Mapping[str, Any]
    """What was found by tuning; empty without."""
    aucs: tuple[float, ...]
    """One per fold."""
    n_trials: int = 0
    n_pruned: int = 0

    @property
    def mean(self) -> float:
        """Mean AUC over the folds."""
        return float(np.mean(self.aucs))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean, as if the folds were independent."""
        return float(np.std(self.aucs, ddof=1) / np.sqrt(len(self.aucs))) if len(self.aucs) > 1 else 0.0


def assess(
    candidate: Candidate,
    table: LabelledTable,
    folds: Sequence[Fold],
    parameters: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Assessment:
    """Return how a candidate does on folds, none of which may share customers or train on immature labels.

    Raises
    ------
    LeakageError
        If one does.
    """
    aucs = tuple(_validated(candidate, table, fold, parameters or {}, seed) for fold in folds)
    return Assessment(candidate, parameters or {}, aucs)


def tune(  # noqa: PLR0913 - options with defaults, by keyword
    candidate: Candidate,
    table: LabelledTable,
    folds: Sequence[Fold],
    *,
    n_trials: int,
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
) -> Assessment:
    """Return the candidate with the best parameters of a number of trials.

    The first trial is of the candidate's own parameters; a tree of Parzen estimators proposes the others (Bergstra et al.,
    NeurIPS 24, 2011). A trial ends early whose AUC after some folds is below the median of the trials before.

    Parameters
    ----------
    candidate : Candidate
        One without anything to tune is only assessed.
    table : LabelledTable
        Stacked cutoffs.
    folds : sequence of Fold
        By customer and time.
    n_trials, seed : int
        How many, and where they begin; the same seed finds the same.
    report_progress : callable
        Called with a line of text after each trial.

    Raises
    ------
    LeakageError
        If a fold shares customers or trains on immature labels.
    """
    if candidate.space is None or n_trials < 1:
        return assess(candidate, table, folds, seed=seed)
    import optuna  # noqa: PLC0415 - takes a second to import, and only tuning needs it

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=FREE_TRIALS, n_warmup_steps=1),
    )
    space = candidate.space
    study.enqueue_trial(dict(candidate.parameters), skip_if_exists=True)

    def objective(trial: optuna.Trial) -> float:
        parameters = space(trial)
        aucs: list[float] = []
        for number, fold in enumerate(folds):
            aucs.append(_validated(candidate, table, fold, parameters, seed))
            trial.report(float(np.mean(aucs)), number)
            if trial.should_prune():
                raise optuna.TrialPruned
        trial.set_user_attr("aucs", aucs)
        return float(np.mean(aucs))

    def tell(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        ended = "pruned" if trial.state is optuna.trial.TrialState.PRUNED else f"AUC {trial.value:.4f}"
        best = f", best {study.best_value:.4f}" if any(one.value is not None for one in study.trials) else ""
        report_progress(f"{candidate.name}: trial {trial.number + 1} of {n_trials}, {ended}{best}")

    study.optimize(objective, n_trials=n_trials, callbacks=[tell])
    pruned = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.PRUNED])
    best = study.best_trial
    return Assessment(candidate, best.params, tuple(best.user_attrs["aucs"]), len(study.trials), len(pruned))


def choose_simplest(assessments: Sequence[Assessment]) -> Assessment:
    """Return the first, hence simplest, that lies within one standard error of the best.

    Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), section 3.4.3.

    Parameters
    ----------
    assessments : sequence of Assessment
        From the simplest on.
    """
    best = max(assessments, key=lambda one: one.mean)
    return next(one for one in assessments if one.mean >= best.mean - best.standard_error)


def _validated(
    candidate: Candidate, table: LabelledTable, fold: Fold, parameters: Mapping[str, Any], seed: int
) -> float:
    check_fold(fold, table.customer_ids, table.cutoffs, table.horizon_days)
    validation = table.take(fold.validation)
    model = candidate.fit(table.take(fold.train), parameters, seed)
    return auc(validation.left, model.predict_frame(validation.features))
