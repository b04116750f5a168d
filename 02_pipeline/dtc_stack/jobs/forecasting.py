"""Forecasts of customers in the database: made at a cutoff, and settled once the horizon has passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from dtc_data.forecasts import ForecastKey, ForecastTable
from dtc_data.tables import transaction
from dtc_data.transactions import BehaviourLines
from dtc_model.forecasts import (
    ForecastRegistry,
    RegisteredForecast,
    ThresholdRule,
    forecast_customers,
    what_came,
)
from dtc_monitoring.accounts import Account, account_for
from sqlalchemy import Connection, Engine


@dataclass(frozen=True)
class CustomerForecasts:
    """The forecasts of one registered model."""

    engine: Engine
    registry: ForecastRegistry

    @property
    def table(self) -> ForecastTable:
        """The tables of the model."""
        return ForecastTable(self.registry.name)

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
        forecasts = forecast_customers(lines, cutoff, served.model, served.value, rule)
        key = ForecastKey(cutoff.to_pydatetime(), served.version, served.model.horizon_days)
        with transaction(self.engine) as connection:
            self.table.create(connection)
            return forecasts, self.table.write(connection, key, forecasts)

    def settle(self, lines: BehaviourLines) -> list[dict[str, Any]]:
        """Hold to account whatever was forecast and whose horizon the lines cover; running again adds nothing.

        Returns
        -------
        list of dict
            As `dtc_data.forecasts.ForecastTable.accounts`, all that there are.
        """
        end = lines.last_moment.floor("D") + timedelta(days=1)
        with transaction(self.engine) as connection:
            self.table.create(connection)
            done = {(found["cutoff"], found["version"]) for found in self.table.accounts(connection)}
            for key in self.table.keys(connection):
                if (key.cutoff, key.version) not in done and has_passed(key, end.to_pydatetime()):
                    account = self._account(connection, lines, key)
                    self.table.write_account(connection, key, account.status, account.words, account.figures)
            return self.table.accounts(connection)

    def _account(self, connection: Connection, lines: BehaviourLines, key: ForecastKey) -> Account:
        stored = self.table.load(connection, key)
        came = what_came(lines, pd.Timestamp(key.cutoff), key.horizon_days, stored["customer_id"])
        promised = self.registry.load(key.version).figures
        return account_for(came["left"].to_numpy(dtype=bool), np.asarray(stored["probability"]), promised)


def has_passed(key: ForecastKey, now: datetime) -> bool:
    """Return whether the truth about forecasts is known at a moment."""
    return key.cutoff + timedelta(days=key.horizon_days) <= now
