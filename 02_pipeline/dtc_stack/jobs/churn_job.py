"""Who will leave: the main job on the transactions of a grocery chain, or of a person's own file."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
from dtc_data.core import Wave, read_settings
from dtc_data.transactions import BehaviourLines, FeatureConfig, completejourney_file, ingest_transactions, stored_lines
from dtc_model.forecast_versions import ForecastRegistry, RegisteredForecast
from dtc_model.forecasts import ForecastConfig, ThresholdRule, forecast_customers, write_predictions
from dtc_model.settings import MlflowSettings
from rich.table import Table
from sqlalchemy import Engine

from dtc_stack.errors import StackError
from dtc_stack.jobs.forecasting import CustomerForecasts
from dtc_stack.programs import LocalStack
from dtc_stack.progress import Progress

MODEL: Final = "customer_churn"
EXAMPLE_CONFIG: Final = ForecastConfig(
    horizon_days=30,
    models=("recency", "orders", "logistic_three", "logistic_all"),
    threshold=ThresholdRule(capacity=300),
)
"""Of the grocery chain only 6 % of households stay away for 90 days, so 30 are forecast."""
FORECAST_MONTHS: Final = 3
"""Months before the last day of the lines that are forecast and held to account."""

SETTLED: Final = frozenset({"in_production", "replaced", "rejected"})
"""Decisions after which there is nothing to decide."""


@dataclass
class ChurnOutcome:
    """All that the summary shows."""

    trained_at: str = ""
    candidate: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    production: str = ""
    accounts: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    to_call: int = 0
    files: list[str] = field(default_factory=list)


def run_churn(stack: LocalStack, file: Path | None = None) -> None:
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
    job = ChurnJob(engine, ForecastRegistry(read_settings(MlflowSettings).tracking_uri, MODEL), stack.progress)
    outcome = job.run(lines, stack.stack.state_folder)
    path = stack.stack.state_folder / "last_run_churn.json"
    path.write_text(json.dumps(vars(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(outcome, stack)


def forecast_wave(engine: Engine, wave: Wave, out: Path | None = None) -> list[str]:
    """Forecast the customers of a wave by the version in production, settle what has come true, and say both in lines.

    Raises
    ------
    NoProductionVersionError
        If nothing was trained yet; also `LeakageError` if the version was trained later than the wave's end.
    """
    registry = ForecastRegistry(read_settings(MlflowSettings).tracking_uri, MODEL)
    served = registry.production()
    lines = BehaviourLines(stored_lines(engine))
    desk = CustomerForecasts(engine, registry)
    forecasts, n_new = desk.forecast(lines, pd.Timestamp(wave.end), served)
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
        return CustomerForecasts(self.engine, self.registry, self.config, self.features)

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
        table = forecast_customers(lines, now, served.model, served.value, self.config.threshold)
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


def decided(decision: dict[str, Any]) -> str:
    """Say what became of a training."""
    done = (
        "went into production"
        if decision["promoted"]
        else "stays as it is" if decision["decision"] in SETTLED else "waits"
    )
    return f"Version {decision['version']} {done}: {decision['reason'].rstrip('.')}."


def show(outcome: ChurnOutcome, stack: LocalStack) -> None:
    """Print what people compare."""
    table = Table("cutoff", "customers", "forecast by", "left", "AUC", "promised", "lift", "came out")
    for account in outcome.accounts:
        table.add_row(
            account["cutoff"],
            f"{account['customers']:,}",
            f"version {account['version']}",
            f"{account['base_rate']:.1%}",
            f"{account['auc']:.3f}",
            f"{account['promised_auc']:.3f}" if account["promised_auc"] else "",
            f"{account['lift_10']:.1f}",
            account["status"],
        )
    stack.progress.console.print(table)
    for decision in outcome.decisions:
        stack.progress.console.print(decided(decision))
    stack.progress.console.print(f"{outcome.to_call} customers to call: {', '.join(outcome.files)}")
    stack.progress.console.print(f"Trainings and their reports: {stack.urls()['MLflow']}")
