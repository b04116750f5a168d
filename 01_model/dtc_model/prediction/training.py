"""Training: all candidates compared in time, the simplest good one fitted to the newest cutoffs, and held against the last truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of

from dtc_model.errors import ForecastError
from dtc_model.prediction.candidates import Candidate, choose_candidates
from dtc_model.prediction.importance import permuted_losses
from dtc_model.prediction.labelled_table import Eligible, LabelledTable
from dtc_model.prediction.measures import Scores, auc_error, chance_of_miscalibration, lift_table, measure
from dtc_model.prediction.scoring import ForecastModel, measure_of
from dtc_model.prediction.suspicion import check_features, check_model
from dtc_model.prediction.table_sources import TableMaker, TableSource, stacked
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS, Fold, customer_time_folds
from dtc_model.prediction.tuning import Assessment, choose_simplest, tune
from dtc_model.rule import BoolArray, FloatArray

LARGEST_CALIBRATION_ERROR = 0.03
"""Above it a forecast does not count as calibrated, unless it may be chance."""

LEVEL = 0.01
"""Probability of taking chance for miscalibration."""


@dataclass(frozen=True, eq=False)
class Holdout:
    """What the chosen candidate forecast for the newest cutoff whose truth is known, without having seen it."""

    cutoff: pd.Timestamp
    scores: Scores
    left: BoolArray
    probabilities: FloatArray
    importances: "pd.Series[float]"
    """Loss of AUC by measure, over all its windows together."""
    lowest_rate: float
    highest_rate: float
    """Of the cutoffs that were trained on."""

    @property
    def lifts(self) -> pd.DataFrame:
        """Forecast, rate, lift and its ceiling by tenths."""
        return lift_table(self.left, self.probabilities)

    @property
    def rate_was_seen(self) -> bool:
        """Whether the rate lies between those of the training cutoffs, or no further out than by chance (two standard errors)."""
        rate = self.scores.base_rate
        chance = 2 * float(np.sqrt(rate * (1 - rate) / len(self.left)))
        return self.lowest_rate - chance <= rate <= self.highest_rate + chance

    @property
    def is_calibrated(self) -> bool:
        """Whether forecasts and rates differ by no more than `LARGEST_CALIBRATION_ERROR`, or than by chance."""
        chance = chance_of_miscalibration(self.left, self.probabilities)
        return self.scores.calibration_error <= LARGEST_CALIBRATION_ERROR or chance >= LEVEL

    @property
    def calibration_words(self) -> str:
        """Say whether probabilities can be taken at their word."""
        error = f"forecast and rate differ by {self.scores.calibration_error:.3f} on average"
        if self.scores.calibration_error <= LARGEST_CALIBRATION_ERROR:
            return f"Calibrated: {error}."
        if self.is_calibrated:
            return f"Calibrated, as far as {len(self.left):,} customers can tell: {error}, no more than by chance."
        if self.rate_was_seen:
            return f"Not calibrated: {error}. {self._advice}"
        return (
            f"Not calibrated: {error}, since {self.scores.base_rate:.0%} left and {self.lowest_rate:.0%} to {self.highest_rate:.0%} did in "
            f"training. No model can know of such a change. {self._advice}"
        )

    @property
    def _advice(self) -> str:
        """What probabilities that cannot be taken at their word are good for."""
        if self.scores.auc > 0.5 + auc_error(self.left, self.scores.auc):
            return "Use it to rank customers, but do not rely on its probabilities."
        return "Do not rely on its probabilities."


@dataclass(frozen=True, eq=False)
class TrainedForecast:
    """The chosen forecast and what it was chosen by."""

    model: ForecastModel
    assessments: tuple[Assessment, ...]
    """Of all candidates, from the simplest on; empty where only one was allowed and nothing tuned."""
    holdout: Holdout | None
    """None where no earlier cutoff has matured before the holdout."""

    @property
    def table(self) -> pd.DataFrame:
        """All candidates: mean AUC in validation, its standard error, trials, parameters, and which one was chosen."""
        rows = [
            {
                "candidate": one.candidate.name,
                "auc": one.mean,
                "standard_error": one.standard_error,
                "trials": one.n_trials,
                "pruned": one.n_pruned,
                "parameters": dict(one.parameters),
                "chosen": one.candidate.name == self.model.candidate,
            }
            for one in self.assessments
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class TrainingOptions:
    """How a forecast is trained.

    Raises
    ------
    SettingsError
        If there is no candidate of a name.
    """

    models: Sequence[str | Candidate] | None = None
    """Names of candidates, or candidates of your own; None for all."""
    n_trials: int = 0
    """Trials per candidate that has something to tune; 0 does not tune."""
    cv_folds: int = 5
    """Groups of customers."""
    step_days: int = STEP_DAYS
    """Days between cutoffs."""
    most_cutoffs: int = MOST_CUTOFFS
    """Cutoffs that the forecast is fitted to: the newest."""
    seed: int = 0

    def __post_init__(self) -> None:
        choose_candidates(self.models)  # an unknown name is told before anything is computed


def train_forecast(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    cutoff: Moment,
    horizon_days: int,
    eligible: Eligible = "ever",
    *,
    config: FeatureConfig | None = None,
    options: TrainingOptions | None = None,
    report_progress: Callable[[str], None] = lambda _: None,
) -> TrainedForecast:
    """Return the forecast of who leaves that is trained on what lines tell at a cutoff; see `train_on_tables`.

    Parameters
    ----------
    lines, horizon_days, eligible, config
        As for `dtc_model.prediction.backtest`.
    cutoff : Wave, datetime, date or str
        Now: nothing that was ordered or arrived later is used.
    options : TrainingOptions, optional
        How.
    report_progress : callable
        Called with a line of text about each step.
    """
    maker = TableMaker(lines, horizon_days, eligible, config)
    return train_on_tables(maker, timestamp_of(cutoff), options, report_progress=report_progress)


def train_on_tables(
    source: TableSource,
    now: pd.Timestamp,
    options: TrainingOptions | None = None,
    *,
    report_progress: Callable[[str], None] = lambda _: None,
) -> TrainedForecast:
    """Return the forecast of who leaves that is trained on what is known at a moment.

    The candidates are compared on all cutoffs that have matured: each group of customers at a cutoff is forecast by the other
    customers at cutoffs matured before. The simplest within one standard error of the best is fitted to the newest cutoffs.
    Before that it forecasts the newest cutoff whose truth is known from those matured before it: that is the holdout.

    Raises
    ------
    LeakageError
        If a feature or the chosen model is suspiciously good.
    ForecastError
        If too few cutoffs have matured.
    """
    chosen = options or TrainingOptions()
    candidates = choose_candidates(chosen.models)
    every = source.split_before(now, step_days=chosen.step_days, most=None)
    tables = {moment: source.table(moment, known_at=now) for moment in every.train}
    everything = LabelledTable.stack(list(tables.values()))
    check_features(everything)
    assessments: tuple[Assessment, ...] = ()
    if len(candidates) > 1 or chosen.n_trials:
        folds = customer_time_folds(everything.customer_ids, everything.cutoffs, source.horizon_days, chosen.cv_folds)
        assessments = assess_candidates(candidates, everything, folds, chosen, report_progress)
    best = choose_simplest(assessments) if assessments else Assessment(candidates[0], {}, ())
    holdout = _hold_out(source, every.train[-1], now, best, chosen)
    newest = LabelledTable.stack([tables[moment] for moment in every.train[-chosen.most_cutoffs :]])
    model = best.candidate.fit(newest, best.parameters, chosen.seed)
    known = {"cutoff": f"{now:%Y-%m-%dT%H:%M:%SZ}", **source.recipe_at(now)}
    return TrainedForecast(replace(model, provenance={**model.provenance, **known}), assessments, holdout)


def assess_candidates(
    candidates: Sequence[Candidate],
    table: LabelledTable,
    folds: Sequence[Fold],
    options: TrainingOptions,
    report_progress: Callable[[str], None],
) -> tuple[Assessment, ...]:
    """Return how each candidate does on folds, tuned where the options say so."""
    found = []
    for one in candidates:
        found.append(
            tune(one, table, folds, n_trials=options.n_trials, seed=options.seed, report_progress=report_progress)
        )
        report_progress(f"{one.name}: AUC {found[-1].mean:.4f} +- {found[-1].standard_error:.4f} on {len(folds)} folds")
    return tuple(found)


def hold_out(train: LabelledTable, test: LabelledTable, best: Assessment, seed: int) -> Holdout:
    """Return what a candidate that is fitted to one table forecasts for a later one.

    Raises
    ------
    SuspiciousScoreError
        If it is too good to be true.
    """
    model = best.candidate.fit(train, best.parameters, seed)
    probabilities = model.predict_frame(test.features)
    scores = measure(test.left, probabilities)
    check_model(model, test, scores.auc)
    importances = permuted_losses(model, test, seed=seed, group_of=measure_of)
    rates = train.rates
    cutoff = test.cutoffs.iloc[0]
    return Holdout(cutoff, scores, test.left, probabilities, importances, float(rates.min()), float(rates.max()))


def _hold_out(
    source: TableSource, cutoff: pd.Timestamp, now: pd.Timestamp, best: Assessment, options: TrainingOptions
) -> Holdout | None:
    try:
        split = source.split_before(cutoff, step_days=options.step_days, most=options.most_cutoffs)
    except ForecastError:
        return None
    train = stacked(source, split.train, known_at=cutoff)
    return hold_out(train, source.table(cutoff, known_at=now), best, options.seed)
