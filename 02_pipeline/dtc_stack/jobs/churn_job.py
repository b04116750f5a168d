"""Who will leave: the main job on the transactions of a grocery chain, or of a person's own file."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
from dtc_data.core import Wave, read_settings
from dtc_data.tables import transaction
from dtc_data.transactions import (
    LOOKBACK_DAYS,
    BehaviourLines,
    FeatureConfig,
    completejourney_file,
    covered_waves,
    ingest_transactions,
    stored_lines,
    timestamp_of,
)
from dtc_model.forecast_versions import ForecastRegistry, RegisteredForecast
from dtc_model.forecasts import CustomerSegments, ForecastConfig, ThresholdRule, forecast_customers, write_predictions
from dtc_model.prediction import Segments
from dtc_model.settings import MlflowSettings
from sqlalchemy import Engine

from dtc_stack.errors import StackError
from dtc_stack.jobs.churn_summary import ChurnOutcome, decided, show
from dtc_stack.jobs.customer_run import segmentation_by_value
from dtc_stack.jobs.forecasting import CustomerForecasts, segments_by_value
from dtc_stack.jobs.used_programs import UsedPrograms
from dtc_stack.mage import FORECAST_MODEL
from dtc_stack.progress import Progress

EXAMPLE_CONFIG: Final = ForecastConfig(
    horizon_days=30,
    models=("recency", "orders", "logistic_three", "logistic_all"),
    threshold=ThresholdRule(capacity=300),
)
"""Of the grocery chain only 6 % of households stay away for 90 days, so 30 are forecast."""
LAST_RUN: Final = "last_run_churn.json"
"""What a run leaves for programs."""
FORECAST_MONTHS: Final = 3
"""Months before the last day of the lines that are forecast and held to account."""


def run_churn(stack: UsedPrograms, file: Path | None = None) -> None:
    """Ingest transactions, train on what was known, forecast three months, hold each to account, train again, and list whom to call.

    Raises
    ------
    StackError
        If the lines cover too short a time.
    """
    stack.progress.headline("Stack")
    stack.start_database()
    stack.start("mlflow")
    engine = stack.engine()
    stack.progress.headline("Transactions")
    with stack.progress.step("the transactions are in the database"):
        taken, report = ingest_transactions(engine, file or completejourney_file())
    stack.progress.say(f"    {taken}")
    if report is not None:
        stack.progress.say(f"    {len(report.problems)} kinds of problems, see make ingest_transactions")
    with stack.progress.step("the lines are read"):
        lines = BehaviourLines(stored_lines(engine))
    stack.wait("mlflow")
    mlflow = read_settings(MlflowSettings)
    registry = ForecastRegistry(mlflow.tracking_uri, FORECAST_MODEL)
    job = ChurnJob(engine, registry, stack.progress, segments=_segments(stack, lines))
    stack.state_folder.mkdir(parents=True, exist_ok=True)
    outcome = job.run(lines, stack.state_folder)
    path = stack.state_folder / LAST_RUN
    path.write_text(json.dumps(vars(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(outcome, stack.progress.console, mlflow.page)


def _segments(stack: UsedPrograms, lines: BehaviourLines) -> CustomerSegments | None:
    """Return segments by value, discovered on the first month with a whole lookback unless that was done; None if there is no such."""
    with transaction(stack.engine()) as connection:
        waves = covered_waves(connection, LOOKBACK_DAYS)
    latest = lines.last_moment - (FORECAST_MONTHS + 1) * timedelta(days=EXAMPLE_CONFIG.horizon_days)
    if not waves or pd.Timestamp(waves[0].end) > latest:
        stack.progress.say("    The lines are too short for segments by value: who leaves is forecast without them")
        return None
    found = segmentation_by_value(stack, waves[0])
    return segments_by_value(lines, read_settings(MlflowSettings).tracking_uri, found)


def forecast_wave(engine: Engine, wave: Wave, out: Path | None = None) -> list[str]:
    """Forecast the customers of a wave by the version in production, settle what has come true, and say both in lines.

    Raises
    ------
    NoProductionVersionError
        If nothing was trained yet; also `LeakageError` if the version was trained later than the wave's end.
    """
    registry = ForecastRegistry(read_settings(MlflowSettings).tracking_uri, FORECAST_MODEL)
    served = registry.production()
    lines = BehaviourLines(stored_lines(engine))
    desk = CustomerForecasts(engine, registry, segments=segments_by_value(lines, registry.tracking_uri))
    forecasts, n_new = desk.forecast(lines, timestamp_of(wave), served)
    if out is not None:
        write_predictions(forecasts, out)
    told = [
        f"{wave}: {len(forecasts):,} customers forecast by version {served.version}, {n_new:,} of them for the first time"
    ]
    return told + [
        f"{found['cutoff']:%Y-%m-%d}, version {found['version']}: {found['words']}" for found in desk.settle(lines)
    ]


@dataclass(frozen=True)
class ChurnJob:
    """The job on lines that are there."""

    engine: Engine
    registry: ForecastRegistry
    progress: Progress
    config: ForecastConfig = EXAMPLE_CONFIG
    features: FeatureConfig = field(default_factory=FeatureConfig)
    segments: Segments | None = None

    def run(self, lines: BehaviourLines, folder: Path) -> ChurnOutcome:
        """Do all of it; running again adds nothing."""
        horizon = timedelta(days=self.config.horizon_days)
        end = lines.last_moment.floor("D") + timedelta(days=1)
        cutoffs = [end - horizon * number for number in range(FORECAST_MONTHS, 0, -1)]
        if cutoffs[0] - 3 * horizon < lines.first_moment:
            raise StackError(
                f"the lines must cover at least {3 + FORECAST_MONTHS} times {self.config.horizon_days} days"
            )
        outcome = ChurnOutcome(trained_at=f"{cutoffs[0]:%Y-%m-%d}")
        self.progress.headline(f"Training on what was known on {cutoffs[0]:%Y-%m-%d}")
        first = self.registry.load(self._train(lines, cutoffs[0], outcome))
        self.progress.headline("Forecasts held to account")
        for cutoff in cutoffs:
            self._desk.forecast(lines, cutoff, first, self.config.threshold)
        accounts = self._desk.settle(lines)
        outcome.accounts = [_plain(account) for account in accounts if account["version"] == first.version]
        for account in outcome.accounts:
            self.progress.say(f"    {account['cutoff']}: {account['words']}")
        self.progress.headline(f"Training again on {end:%Y-%m-%d}")
        newest = self._train(lines, end, outcome)
        outcome.production = self.registry.production_or_none() or ""
        self._calls(lines, end, folder, outcome, self.registry.load(outcome.production or newest))
        return outcome

    @property
    def _desk(self) -> CustomerForecasts:
        return CustomerForecasts(self.engine, self.registry, self.config, self.features, self.segments)

    def _train(self, lines: BehaviourLines, now: pd.Timestamp, outcome: ChurnOutcome) -> str:
        version, is_new = self._desk.train(lines, now, lambda words: self.progress.say(f"    {words}"))
        found = self._desk.decide(version)
        registered = self.registry.version(version)
        outcome.candidate, outcome.figures = registered["candidate"], dict(registered["figures"])
        outcome.decisions.append(found.to_dict() | {"is_new": is_new})
        self.progress.say(f"    {decided(outcome.decisions[-1])}")
        return version

    def _calls(
        self, lines: BehaviourLines, now: pd.Timestamp, folder: Path, outcome: ChurnOutcome, served: RegisteredForecast
    ) -> None:
        segment = None if self.segments is None or served.segment is None else (served.segment, self.segments)
        table = forecast_customers(lines, now, served.model, served.value, self.config.threshold, segment=segment)
        calls = table[table["decision"] == "call"]
        outcome.to_call = len(calls)
        for ending in (".csv", ".xlsx"):
            path = folder / f"whom_to_call{ending}"
            write_predictions(calls, path)
            outcome.files.append(str(path))


def _plain(account: dict[str, Any]) -> dict[str, Any]:
    """Return an account in plain JSON types, its figures beside the rest."""
    own = {name: account[name] for name in ("version", "status", "words")}
    return {"cutoff": f"{account['cutoff']:%Y-%m-%d}", **own, **account["figures"]}
