"""The steps of the pipeline that forecasts: each does its work once for a run, whatever Mage does, and gives plain JSON types.

All of them see the world as it was at the end of the run's wave, so that a month may be made up for later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

import pandas as pd
from dtc_data import Wave
from dtc_data.core import PostgresSettings, read_settings
from dtc_data.tables import make_engine
from dtc_data.transactions import BehaviourLines, stored_lines, timestamp_of
from dtc_model.forecast_versions import ForecastRegistry, RegisteredForecast
from dtc_model.forecasts import feature_config_of, newest_trained_on
from dtc_model.settings import MlflowSettings
from dtc_monitoring.accounts import measure_drift
from dtc_monitoring.alerts import tell_of_forecasts
from sqlalchemy import Engine

from dtc_stack.jobs.forecasting import CustomerForecasts, segments_by_value
from dtc_stack.mage import FORECAST_MODEL, month_before, once_among, refuse_other_settings

Step = Callable[["ForecastRun"], dict[str, Any]]


def once_per_forecast_run(
    step: str, variables: Mapping[str, Any], work: Step, *, without_database: bool = False
) -> dict[str, Any]:
    """Return the result of a step of a run, which is done unless another execution of the run has done it.

    Parameters
    ----------
    step : str
        Name of the block.
    variables : mapping
        What Mage passes to the block: ``current_wave``, by default the month before the run's date, and ``model``.
    work : callable
        Does the step and gives plain JSON types.
    without_database : bool
        Do the work also where the customer database is out of reach, such as telling people.
    """
    run = ForecastRun.read(variables)
    return once_among(step, variables, lambda: work(run), without_database=without_database)


@dataclass(frozen=True)
class ForecastRun:
    """What a run forecasts."""

    wave: Wave
    model: str
    engine: Engine
    tracking_uri: str
    read_lines: Callable[[Engine], pd.DataFrame] = stored_lines
    """Reads all transactions that there are."""

    @classmethod
    def read(cls, variables: Mapping[str, Any]) -> Self:
        """Read the variables that Mage passes to a block.

        Raises
        ------
        WaveError
            If the wave is not written like ``2025-01``.
        SettingsError
            If whoever started the run has other settings than this stack.
        """
        refuse_other_settings(variables.get("caller_settings") or {})
        current = variables.get("current_wave")
        return cls(
            Wave.parse(str(current)) if current else month_before(variables),
            str(variables.get("model") or FORECAST_MODEL),
            make_engine(read_settings(PostgresSettings)),
            read_settings(MlflowSettings).tracking_uri,
        )

    def forecast(self) -> dict[str, Any]:
        """Forecast the customers of the wave by the version in production, store that, and say how they moved since training."""
        served = self._served
        if served is None:
            return {"version": None, "customers": 0, "new": 0, "words": "", "drift": None}
        if pd.Timestamp(served.model.provenance["cutoff"]) > self.cutoff:
            words = (
                f"Version {served.version} was trained later than the end of {self.wave}, and forecasts later waves."
            )
            return {"version": served.version, "customers": 0, "new": 0, "words": words, "drift": None}
        return self._forecast_by(served) | {"drift": self._drift(served)}

    def settle(self, forecast: Mapping[str, Any]) -> dict[str, Any]:
        """Hold earlier forecasts to account, and say whether those of production are kept.

        What is told are the forecasts whose horizon has passed in the wave. Production is trained again as long as its newest
        account is bad: a run that was killed in between finds the same.
        """
        accounts = self._desk.settle(self._lines, self.cutoff)
        own = [one for one in accounts if one["version"] == forecast["version"] and self._has_come(one)]
        status = "untrained" if forecast["version"] is None else own[-1]["status"] if own else "kept"
        drift = forecast["drift"]
        return {
            "wave": str(self.wave),
            "status": status,
            "accounts": [_in_words(one) for one in accounts if self._came_in_wave(one)]
            or [_in_words(one) for one in own[-1:]],
            "forecast": forecast["words"],
            "drift": "" if drift is None else drift["words"],
            "version": forecast["version"],
        }

    def train(self) -> dict[str, Any]:
        """Train on what was known at the wave's end, let the gate judge, and register that."""
        version, is_new = self._desk.train(self._lines, self.cutoff)
        return {"version": version, "is_new": is_new}

    def decide(self, trained: Mapping[str, Any]) -> dict[str, Any]:
        """Put the version into production if it may be, and then forecast the wave by it too."""
        outcome = self._desk.decide(str(trained["version"]))
        if outcome.production_version != outcome.version:
            return outcome.to_dict() | {"forecast": ""}
        return outcome.to_dict() | {"forecast": self._forecast_by(self._registry.load(outcome.version))["words"]}

    def tell(self, outcome: Mapping[str, Any], decision: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Tell people how forecasts came out and what was done."""
        told = outcome if decision is None else {**outcome, "forecast": decision["forecast"] or outcome["forecast"]}
        return dict(tell_of_forecasts(told, decision, engine=self.engine, page=read_settings(MlflowSettings).page))

    @property
    def cutoff(self) -> pd.Timestamp:
        """The end of the wave."""
        return timestamp_of(self.wave)

    @cached_property
    def _lines(self) -> BehaviourLines:
        return BehaviourLines(self.read_lines(self.engine))

    @property
    def _registry(self) -> ForecastRegistry:
        return ForecastRegistry(self.tracking_uri, self.model)

    @cached_property
    def _served(self) -> RegisteredForecast | None:
        version = self._registry.production_or_none()
        return None if version is None else self._registry.load(version)

    @property
    def _desk(self) -> CustomerForecasts:
        """The forecasts, trained again as production was."""
        served, segments = self._served, segments_by_value(self._lines, self.tracking_uri)
        if served is None:
            return CustomerForecasts(self.engine, self._registry, segments=segments)
        features = feature_config_of(served.model)
        return CustomerForecasts(self.engine, self._registry, served.config, features, segments)

    def _forecast_by(self, served: RegisteredForecast) -> dict[str, Any]:
        forecasts, n_new = self._desk.forecast(self._lines, self.cutoff, served, served.config.threshold)
        words = (
            f"{len(forecasts):,} customers were forecast by version {served.version} for {served.model.horizon_days} days from "
            f"{self.cutoff:%Y-%m-%d} on: {forecasts['probability'].mean():.1%} will leave."
        )
        return {"version": served.version, "customers": len(forecasts), "new": n_new, "words": words}

    def _drift(self, served: RegisteredForecast) -> dict[str, Any]:
        then, maker = newest_trained_on(self._lines, served.model)
        return measure_drift(then, maker.newest(self.cutoff), served.model)

    def _has_come(self, account: Mapping[str, Any]) -> bool:
        return bool(_end_of(account) <= self.cutoff)

    def _came_in_wave(self, account: Mapping[str, Any]) -> bool:
        return bool(timestamp_of(self.wave.previous()) < _end_of(account) <= self.cutoff)


def _end_of(account: Mapping[str, Any]) -> pd.Timestamp:
    return pd.Timestamp(account["cutoff"]) + timedelta(days=int(account["figures"]["horizon_days"]))


def _in_words(account: Mapping[str, Any]) -> str:
    return f"Forecasts of {account['cutoff']:%Y-%m-%d} by version {account['version']}: {account['words']}"
