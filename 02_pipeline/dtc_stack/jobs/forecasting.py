"""Forecasts of customers in the database: trained, decided on, made at a cutoff, and settled once the horizon has passed.

The steps are the same for the job (`dtc_stack.jobs.churn_job`), for `make forecast` and for the pipeline. Each may be repeated,
and goes on where it was interrupted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import structlog
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import UnknownSegmentationError
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import transaction
from dtc_data.transactions import CUSTOMER_VALUE, BehaviourLines, FeatureConfig
from dtc_model.errors import NoProductionVersionError
from dtc_model.forecast_versions import ForecastDecisions, ForecastOutcome, ForecastRegistry, RegisteredForecast
from dtc_model.forecasts import (
    CustomerSegments,
    ForecastConfig,
    ThresholdRule,
    forecast_customers,
    train_and_judge,
    what_came,
)
from dtc_model.prediction import NOBODY, STAYS, Segments, segment_scores, value_scores
from dtc_model.registry import RegistryReader
from dtc_monitoring.accounts import Account, account_for
from sqlalchemy import Connection, Engine

_DAY = timedelta(days=1)
_log = structlog.get_logger()


@dataclass(frozen=True)
class CustomerForecasts:
    """The forecasts of one registered model."""

    engine: Engine
    registry: ForecastRegistry
    config: ForecastConfig = field(default_factory=ForecastConfig)
    features: FeatureConfig = field(default_factory=FeatureConfig)
    segments: Segments | None = None
    """Segments of customers as of moments, where there is a segmentation of them."""

    @property
    def table(self) -> ForecastTable:
        """The tables of the model."""
        return ForecastTable(self.registry.name)

    @property
    def decisions(self) -> ForecastDecisions:
        """The decisions on its versions."""
        return ForecastDecisions(self.registry, self.engine)

    def train(
        self, lines: BehaviourLines, now: pd.Timestamp, report_progress: Callable[[str], None] = lambda _: None
    ) -> tuple[str, bool]:
        """Train on what is known now, let the gate judge, and register that.

        Returns
        -------
        tuple of str and bool
            The version, and whether it is new: the same lines at the same moment lead to the same version.
        """
        against = self.registry.production_or_none()
        judged = train_and_judge(
            lines,
            now,
            config=self.config,
            features=self.features,
            production=None if against is None else self.registry.load(against).model,
            segments=self.segments,
            report_progress=report_progress,
        )
        return self.decisions.register(judged, self.config, f"{now:%Y-%m-%d}", against)

    def decide(self, version: str) -> ForecastOutcome:
        """Put a version into production if it may be; see `ForecastDecisions.settle`."""
        return self.decisions.settle(version)

    def forecast(
        self, lines: BehaviourLines, cutoff: pd.Timestamp, served: RegisteredForecast, rule: ThresholdRule | None = None
    ) -> tuple[pd.DataFrame, int]:
        """Forecast the customers of a cutoff and store that.

        Returns
        -------
        tuple of DataFrame and int
            `dtc_model.forecasts.predictions_of`, and how many forecasts are new; what was forecast once stays.

        Raises
        ------
        LeakageError
            If the version was trained on what was only known after the cutoff.
        """
        segment = None if self.segments is None or served.segment is None else (served.segment, self.segments)
        forecasts = forecast_customers(lines, cutoff, served.model, served.value, rule, segment=segment)
        key = ForecastKey(cutoff.to_pydatetime(), served.version, served.model.horizon_days)
        with transaction(self.engine) as connection:
            self.table.create(connection)
            return forecasts, self.table.write(connection, key, forecasts)

    def settle(self, lines: BehaviourLines, now: pd.Timestamp | None = None) -> list[dict[str, Any]]:
        """Hold to account whatever was forecast and whose horizon has passed; running again adds nothing.

        Parameters
        ----------
        lines : BehaviourLines
            What came.
        now : Timestamp, optional
            The moment that is meant; by default the end of the day of the last line.

        Returns
        -------
        list of dict
            As `dtc_data.forecasts.ForecastTable.accounts`, all that there are.
        """
        end = lines.last_moment.floor("D") + _DAY
        moment = (end if now is None else min(now, end)).to_pydatetime()
        with transaction(self.engine) as connection:
            self.table.create(connection)
            done = {(found["cutoff"], found["version"]) for found in self.table.accounts(connection)}
            for key in self.table.keys(connection):
                if (key.cutoff, key.version) not in done and has_passed(key, moment):
                    account = self._account(connection, lines, key)
                    self.table.write_account(connection, key, account.status, account.words, account.figures)
            return self.table.accounts(connection)

    def _account(self, connection: Connection, lines: BehaviourLines, key: ForecastKey) -> Account:
        stored = self.table.load(connection, key)
        came = what_came(lines, pd.Timestamp(key.cutoff), key.horizon_days, stored["customer_id"])
        promised = self.registry.load(key.version).figures
        has_segments = bool(stored["segment"].notna().any())
        account = account_for(
            came["left"].to_numpy(dtype=bool),
            np.asarray(stored["probability"]),
            promised,
            stored["segment"].fillna(NOBODY) if has_segments else None,
        )
        beside: dict[str, Any] = {"horizon_days": key.horizon_days}
        if stored["expected_amount"].notna().all() and came["amount"].sum() > 0:
            beside["value"] = value_scores(came["amount"].to_numpy(), stored["expected_amount"].to_numpy(dtype=float))
        if has_segments and self.segments is not None:
            end = pd.Timestamp(key.cutoff) + timedelta(days=key.horizon_days)
            beside["segments"] = segments_that_came(stored, self.segments(end))
        return replace(account, figures=account.figures | beside)


def segments_that_came(stored: pd.DataFrame, came: "pd.Series[Any]") -> dict[str, dict[str, float]]:
    """Return how the next segments were forecast, and how the guess did that everybody stays.

    Parameters
    ----------
    stored : DataFrame
        customer_id, segment and expected_segment, as they were stored.
    came : Series
        Segments when the horizon had passed, by customer_id.
    """
    known = stored[stored["segment"].notna()]
    truth = known["customer_id"].map(came).fillna(NOBODY).to_numpy(dtype=str)
    guesses = {"forecast": known["expected_segment"], STAYS: known["segment"]}
    return {name: segment_scores(truth, guess.to_numpy(dtype=str)) for name, guess in guesses.items()}


def has_passed(key: ForecastKey, now: datetime) -> bool:
    """Return whether the truth about forecasts is known at a moment."""
    return key.cutoff + timedelta(days=key.horizon_days) <= now


def segments_by_value(
    lines: BehaviourLines, tracking_uri: str, segmentation: Segmentation | None = None
) -> CustomerSegments | None:
    """Return segments as of moments, by the rule in production or, before there is one, the catalogue's own; None without a catalogue.

    Parameters
    ----------
    lines : BehaviourLines
        What customers bought.
    tracking_uri : str
        Address of MLflow for programs.
    segmentation : Segmentation, optional
        Of customers by their transactions; the one that is called customer_value if not given.
    """
    chosen = segmentation or _by_value()
    if chosen is None:
        return None
    reader = RegistryReader(tracking_uri, chosen.catalogue.registered_model)
    try:
        model = reader.fetch(reader.production_version()).model
    except NoProductionVersionError:
        return CustomerSegments(lines, chosen.catalogue)
    return CustomerSegments(lines, chosen.catalogue, model)


def _by_value() -> Segmentation | None:
    try:
        return find_segmentation(CUSTOMER_VALUE)
    except UnknownSegmentationError:
        _log.info(
            "forecasts without segments",
            reason=f"there is no segmentation {CUSTOMER_VALUE!r}: make run_customers finds one",
        )
        return None
