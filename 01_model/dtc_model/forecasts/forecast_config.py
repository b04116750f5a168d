"""How a forecast is trained and used, as a file says it: ``model_config.yaml``."""

from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from dtc_data.core import SettingsError, read_yaml_choices
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dtc_model.prediction import (
    MOST_CUTOFFS,
    STEP_DAYS,
    TrainingOptions,
    choose_candidates,
    threshold_by_capacity,
    threshold_by_cost,
    threshold_by_recall,
)
from dtc_model.rule import BoolArray, FloatArray

Positive = Annotated[int, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CostRule(_Part):
    """What calling costs and saves, see `dtc_model.prediction.threshold_by_cost`."""

    call: Annotated[float, Field(ge=0)]
    loss: Annotated[float, Field(gt=0)]
    success: Annotated[float, Field(gt=0, le=1)] = 1.0


class ThresholdRule(_Part):
    """From which probability on somebody is called: one of three ways."""

    capacity: Positive | None = None
    """How many can be called."""
    cost: CostRule | None = None
    recall: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of those who leave that must be reached."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(rule is not None for rule in (self.capacity, self.cost, self.recall)) != 1:
            raise ValueError("say one of capacity, cost and recall")
        return self

    def threshold(self, left: BoolArray, probabilities: FloatArray) -> float:
        """Return the threshold by customers who were not trained on, ``(n_customers,)`` each."""
        if self.capacity is not None:
            return threshold_by_capacity(probabilities, self.capacity)
        if self.cost is not None:
            return threshold_by_cost(self.cost.call, self.cost.loss, self.cost.success)
        return threshold_by_recall(left, probabilities, self.recall or 1.0)

    def today(self, trained: float | None, probabilities: FloatArray) -> float:
        """Return the threshold for the customers of today: a capacity counts among them, all else was settled in training."""
        if self.capacity is not None:
            return threshold_by_capacity(np.asarray(probabilities), self.capacity)
        return 0.5 if trained is None else trained


class ForecastConfig(_Part):
    """The choices of a training."""

    horizon_days: Positive = 90
    """Whoever orders nothing in so many days has left."""
    eligible: Positive | Literal["ever"] = "ever"
    """Who is forecast: whoever ever bought, or who did in so many days before the cutoff."""
    models: tuple[str, ...] | None = None
    """Candidates by name; by default all."""
    step_days: Positive = STEP_DAYS
    most_cutoffs: Positive = MOST_CUTOFFS
    cv_folds: Annotated[int, Field(ge=2)] = 5
    tune: bool = False
    n_trials: Positive = 100
    threshold: ThresholdRule = ThresholdRule(capacity=300)
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            choose_candidates(self.models)
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def options(self) -> TrainingOptions:
        """The same for `dtc_model.prediction.train_on_tables`."""
        return TrainingOptions(
            models=self.models,
            n_trials=self.n_trials if self.tune else 0,
            cv_folds=self.cv_folds,
            step_days=self.step_days,
            most_cutoffs=self.most_cutoffs,
            seed=self.seed,
        )


def load_forecast_config(path: str | Path) -> ForecastConfig:
    """Read the choices of a training.

    Raises
    ------
    SettingsError
        If the file cannot be read or an entry is wrong; the message names the file and each entry.
    """
    return read_yaml_choices(path, ForecastConfig, what="model configuration")
