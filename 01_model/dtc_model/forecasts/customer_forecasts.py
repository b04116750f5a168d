"""The life of a forecast of customers: trained on lines, judged against production, and applied at a cutoff."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
from dtc_data.transactions import BehaviourLines, FeatureConfig

from dtc_model.errors import ForecastError, LeakageError
from dtc_model.forecasts.behaviour_table import behaviour_feature_table
from dtc_model.forecasts.feature_file import digest_of_rows
from dtc_model.forecasts.file_training import FileTraining, train_from_file
from dtc_model.forecasts.forecast_config import ForecastConfig, ThresholdRule
from dtc_model.forecasts.forecast_gate import ForecastFinding, judge_forecast
from dtc_model.forecasts.predictions import predictions_of
from dtc_model.prediction import (
    Eligible,
    ForecastModel,
    Outcome,
    Segments,
    StoredTables,
    TableMaker,
    ValueForecast,
    next_segments,
)

MOST_SILENT_DAYS: Final = 7
"""Days before a cutoff on which nobody may have bought anything; more are transactions that have not come in yet."""


@dataclass(frozen=True, eq=False)
class JudgedTraining:
    """A training with what speaks for and against it."""

    training: FileTraining
    findings: tuple[ForecastFinding, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing speaks against it."""
        return all(finding.passes for finding in self.findings)

    @property
    def words(self) -> str:
        """What was found, in one line."""
        return " ".join(f"{finding.words.rstrip(chr(46))}." for finding in self.findings)


def train_and_judge(  # noqa: PLR0913 - two inputs; the rest are options by keyword
    lines: BehaviourLines,
    now: pd.Timestamp,
    *,
    config: ForecastConfig,
    features: FeatureConfig,
    production: ForecastModel | None = None,
    segments: Segments | None = None,
    report_progress: Callable[[str], None] = lambda _: None,
) -> JudgedTraining:
    """Return the forecast that is trained on what is known now, and what the gate says of it; errors as of the training.

    With segments as of moments the next segment is forecast too, and the gate looks at each. The forecast names the digest of the
    features and labels that it was trained on.
    """
    table = behaviour_feature_table(
        lines,
        features,
        horizon_days=config.horizon_days,
        now=now,
        step_days=config.step_days,
        eligible=config.eligible,
        report_progress=report_progress,
    )
    table = replace(table, source=digest_of_rows(table.frame[table.frame["left"].notna()]))
    training = train_from_file(table, config, report_progress, segments)
    source = StoredTables(table.frame, table.horizon_days, table.recipe)
    if training.holdout is None:
        return JudgedTraining(training, judge_forecast(None, production, None))
    test = source.table(training.holdout.cutoff, known_at=now)
    own = None if segments is None else test.customer_ids.map(segments(training.holdout.cutoff))
    return JudgedTraining(training, judge_forecast(training.holdout, production, test, own))


def forecast_customers(  # noqa: PLR0913 - documents of one version; the rest are options
    lines: BehaviourLines,
    cutoff: pd.Timestamp,
    model: ForecastModel,
    value: ValueForecast | None = None,
    rule: ThresholdRule | None = None,
    *,
    segment: tuple[ForecastModel, Segments] | None = None,
) -> pd.DataFrame:
    """Return `predictions_of` for everybody who is eligible at a cutoff, by the features that the model was trained with.

    With a forecast of segments, and segments as of moments, there are columns segment and expected_segment too; both are
    missing for customers who have no segment at the cutoff.

    Raises
    ------
    LeakageError
        If the model was trained on what was only known after the cutoff.
    ForecastError
        If the lines end more than `MOST_SILENT_DAYS` before the cutoff.
    """
    if (silent := (cutoff - lines.last_moment).days) > MOST_SILENT_DAYS:
        raise ForecastError(
            f"the transactions end on {lines.last_moment:%Y-%m-%d}, {silent} days before the cutoff {cutoff:%Y-%m-%d}: whoever bought since then "
            "would be forecast to leave. Ingest them first, or choose an earlier cutoff"
        )
    if (trained := pd.Timestamp(model.provenance["cutoff"])) > cutoff:
        raise LeakageError(
            f"the forecast was trained on what was known on {trained:%Y-%m-%d}, after the cutoff {cutoff:%Y-%m-%d}: it would forecast what "
            "it has seen. Choose a version that was trained before, or a later cutoff"
        )
    maker = TableMaker(lines, max(model.horizon_days, 1), _eligible_of(model), feature_config_of(model))
    customers = maker.newest(cutoff)
    table = predictions_of(customers, model, value, rule)
    if segment is None:
        return table
    own = customers["customer_id"].map(segment[1](cutoff)).astype(object)
    expected = next_segments(segment[0], customers, own).where(own.notna())
    ids = customers["customer_id"].astype(str)
    pairs = pd.DataFrame({"customer_id": ids, "segment": own, "expected_segment": expected})
    return table.merge(pairs, on="customer_id", validate="one_to_one")


def what_came(
    lines: BehaviourLines, cutoff: pd.Timestamp, horizon_days: int, customers: "pd.Series[str]"
) -> pd.DataFrame:
    """Return for customers who were forecast at a cutoff whether they left, and what they spent.

    Returns
    -------
    DataFrame
        ``left`` and ``amount``, in the order of the customers.

    Raises
    ------
    ImmatureLabelsError
        If the horizon has not passed.
    """
    outcome = Outcome.observe(lines, cutoff, horizon_days)
    spent = customers.map(outcome.amounts)
    return pd.DataFrame({"left": spent.isna().to_numpy(), "amount": spent.fillna(0.0).to_numpy()})


def feature_config_of(model: ForecastModel) -> FeatureConfig:
    """Return the choice of features that a forecast was trained with."""
    known = model.provenance
    windows = tuple(int(days) for days in known["feature_windows"].split(","))
    return FeatureConfig.model_validate(
        {"sets": known["feature_sets"], "windows": windows, "history_from": known["history_from"]}
    )


def newest_trained_on(lines: BehaviourLines, model: ForecastModel) -> tuple[pd.DataFrame, TableMaker]:
    """Return the features of the newest customers whom a model was trained on, and what makes those of others in the same way."""
    maker = TableMaker(lines, max(model.horizon_days, 1), _eligible_of(model), feature_config_of(model))
    newest = model.provenance["cutoffs"].split(", ")[-1]
    return maker.newest(pd.Timestamp(newest, tz="UTC")), maker


def _eligible_of(model: ForecastModel) -> Eligible:
    found = model.provenance["eligible"]
    return "ever" if found == "ever" else int(found)
