"""Training: all candidates compared in time, the simplest good one fitted to the newest cutoffs, and held against the last truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from dtc_data.transactions import BehaviourLines, FeatureConfig, Moment, timestamp_of

from dtc_model.errors import ForecastError
from dtc_model.prediction.candidates import Candidate, choose_candidates
from dtc_model.prediction.importance import permuted_losses
from dtc_model.prediction.labelled_table import Eligible, LabelledTable, TableMaker
from dtc_model.prediction.metrics import Scores, lift_table, measure
from dtc_model.prediction.scoring import ForecastModel, measure_of
from dtc_model.prediction.suspicion import check_features, check_model
from dtc_model.prediction.time_splits import MOST_CUTOFFS, STEP_DAYS, TimeSplit, customer_time_folds
from dtc_model.prediction.tuning import Assessment, assess, choose_simplest, tune
from dtc_model.rule import BoolArray, FloatArray

LARGEST_CALIBRATION_ERROR = 0.03
"""Above it a forecast does not count as calibrated."""


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
        """Whether the rate lies between those of the training cutoffs."""
        return self.lowest_rate <= self.scores.base_rate <= self.highest_rate

    @property
    def calibration_words(self) -> str:
        """Say whether probabilities can be taken at their word."""
        error = f"forecast and rate differ by {self.scores.calibration_error:.3f} on average"
        if self.scores.calibration_error <= LARGEST_CALIBRATION_ERROR:
            return f"Calibrated: {error}."
        if self.rate_was_seen:
            return f"Not calibrated: {error}. Rank customers by it, and do not reckon with its probabilities."
        return (
            f"Not calibrated: {error}, since {self.scores.base_rate:.0%} left and {self.lowest_rate:.0%} to {self.highest_rate:.0%} did in "
            "training. No model can know of such a change. Rank customers by it, and do not reckon with its probabilities."
        )


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


def train_forecast(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    cutoff: Moment,
    horizon_days: int,
    models: Sequence[str | Candidate] | None = None,
    eligible: Eligible = "ever",
    *,
    config: FeatureConfig | None = None,
    n_trials: int = 0,
    cv_folds: int = 5,
    step_days: int = STEP_DAYS,
    most_cutoffs: int = MOST_CUTOFFS,
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
) -> TrainedForecast:
    """Return the forecast of who leaves that is trained on what is known at a cutoff.

    The candidates are compared on all cutoffs that have matured: each group of customers at a cutoff is forecast by the other
    customers at cutoffs matured before. The simplest within one standard error of the best is fitted to the newest cutoffs.
    Before that it forecasts the newest cutoff whose truth is known from those matured before it: that is the holdout.

    Parameters
    ----------
    lines, horizon_days, models, eligible, config, step_days, most_cutoffs, seed
        As for `dtc_model.prediction.backtest`.
    cutoff : Wave, datetime, date or str
        Now: nothing that was ordered or arrived later is used.
    n_trials : int
        Trials per candidate that has something to tune; 0 does not tune.
    cv_folds : int
        Groups of customers.
    report_progress : callable
        Called with a line of text about each step.

    Raises
    ------
    LeakageError
        If a feature or the chosen model is suspiciously good.
    ForecastError
        If too few cutoffs have matured.
    """
    candidates, now = choose_candidates(models), timestamp_of(cutoff)
    maker = TableMaker(lines, horizon_days, eligible, config)
    every = TimeSplit.before(now, horizon_days, maker.first_moment, step_days=step_days, most=None)
    tables = {moment: maker.table(moment, known_at=now) for moment in every.train}
    everything = LabelledTable.stack(list(tables.values()))
    check_features(everything)
    assessments: tuple[Assessment, ...] = ()
    if len(candidates) > 1 or n_trials:
        folds = customer_time_folds(everything.customer_ids, everything.cutoffs, horizon_days, cv_folds)
        found = []
        for one in candidates:
            found.append(tune(one, everything, folds, n_trials=n_trials, seed=seed, report_progress=report_progress)
                         if n_trials else assess(one, everything, folds, seed=seed))  # fmt: skip
            report_progress(
                f"{one.name}: AUC {found[-1].mean:.4f} +- {found[-1].standard_error:.4f} on {len(folds)} folds"
            )
        assessments = tuple(found)
    chosen = choose_simplest(assessments) if assessments else Assessment(candidates[0], {}, ())
    holdout = _hold_out(maker, every.train[-1], now, chosen, most_cutoffs, step_days, seed)
    newest = LabelledTable.stack([tables[moment] for moment in every.train[-most_cutoffs:]])
    model = chosen.candidate.fit(newest, chosen.parameters, seed)
    known = {"cutoff": f"{now:%Y-%m-%dT%H:%M:%SZ}", "eligible": str(eligible), **_recipe(maker.config)}
    return TrainedForecast(replace(model, provenance={**model.provenance, **known}), assessments, holdout)


def _hold_out(  # noqa: PLR0913, PLR0917 - what a training knows
    maker: TableMaker,
    cutoff: pd.Timestamp,
    now: pd.Timestamp,
    chosen: Assessment,
    most_cutoffs: int,
    step_days: int,
    seed: int,
) -> Holdout | None:
    try:
        split = TimeSplit.before(cutoff, maker.horizon_days, maker.first_moment, step_days=step_days, most=most_cutoffs)
    except ForecastError:
        return None
    train, test = maker.stacked(split.train, known_at=cutoff), maker.table(cutoff, known_at=now)
    model = chosen.candidate.fit(train, chosen.parameters, seed)
    probabilities = model.predict_frame(test.features)
    scores = measure(test.left, probabilities)
    check_model(model, test, scores.auc)
    importances = permuted_losses(model, test, seed=seed, group_of=measure_of)
    rates = train.rates
    return Holdout(cutoff, scores, test.left, probabilities, importances, float(rates.min()), float(rates.max()))


def _recipe(config: FeatureConfig) -> dict[str, str]:
    """Return the choice of features, so that whoever forecasts computes the same ones."""
    return {
        "feature_sets": config.sets,
        "feature_windows": ", ".join(map(str, config.windows)),
        "history_from": f"{config.history_from:%Y-%m-%d}",
    }
