"""Which behaviour features are computed, as a file says it: ``feature_config.yaml``."""

from datetime import date
from pathlib import Path
from typing import Annotated, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dtc_data.core import SettingsError, read_yaml_choices
from dtc_data.transactions.behaviour.behaviour_at_cutoff import Moment, behaviour_features
from dtc_data.transactions.behaviour.behaviour_definitions import WINDOWS, FeatureSet, feature_definitions
from dtc_data.transactions.behaviour.behaviour_demographics import DemographicColumn, demographic_features
from dtc_data.transactions.behaviour.behaviour_lines import BehaviourLines


class FeatureConfig(BaseModel):
    """The choice of features, the same for training, serving and files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: FeatureSet = "advanced"
    windows: Annotated[tuple[int, ...], Field(min_length=1)] = WINDOWS
    """Days before the cutoff."""
    history_from: date | None = None
    """Since when the lines cover everything; see `behaviour_features`."""
    demographics: dict[str, DemographicColumn] = {}
    """Columns of a file of customers, by name."""
    interactions: tuple[str, ...] = ()
    """Of a flat table of customers: products and ratios of its columns, such as ``MonthlyCharges * tenure``."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            feature_definitions(self.sets, self.windows)
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return self

    def features(
        self, lines: pd.DataFrame | BehaviourLines, as_of: Moment, customers: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return `behaviour_features` as of a cutoff, and behind them those of `demographic_features`.

        Parameters
        ----------
        lines : DataFrame or BehaviourLines
            As `dtc_data.transactions.read_lines` returns them.
        as_of : Wave, datetime, date or str
            The cutoff.
        customers : DataFrame, optional
            customer_id and the demographic columns. Without it, and of customers it lacks, these features are missing.
        """
        features = behaviour_features(lines, as_of, self.sets, windows=self.windows, history_from=self.history_from)
        if not self.demographics:
            return features
        people = features[["customer_id"]] if customers is None else customers
        return features.merge(demographic_features(people, self.demographics, as_of), how="left", on="customer_id")


def load_feature_config(path: str | Path) -> FeatureConfig:
    """Read the choice of features.

    Raises
    ------
    SettingsError
        If the file cannot be read or an entry is wrong; the message names the file and each entry.
    """
    return read_yaml_choices(path, FeatureConfig, what="feature configuration")
