"""Settings of the sweep and of MLflow, read by ``dtc_data.settings.read_settings``."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrainingSettings(BaseSettings):
    """How a sweep is made; environment variables ``TRAIN_...``."""

    model_config = SettingsConfigDict(env_prefix="TRAIN_", env_ignore_empty=True, extra="forbid", frozen=True)

    k_min: Annotated[int, Field(ge=2)] = 2
    """Fewest clusters tried."""
    k_max: Annotated[int, Field(ge=2)] = 10
    """Most clusters tried."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    n_init: Annotated[int, Field(ge=1)] = 10
    """Starts of KMeans per k, of which the best is kept."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.k_min > self.k_max:
            raise ValueError(f"TRAIN_K_MIN ({self.k_min}) must not be above TRAIN_K_MAX ({self.k_max})")
        return self


class MlflowSettings(BaseSettings):
    """Where MLflow's tracking server and registry are; environment variables ``MLFLOW_...``."""

    model_config = SettingsConfigDict(env_prefix="MLFLOW_", env_ignore_empty=True, extra="forbid", frozen=True)

    tracking_uri: Annotated[str, Field(pattern=r"^https?://[^/\s]+")]
    """Address of the server for programs, such as ``http://127.0.0.1:5050``."""
    public_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+")] | None = None
    """Address that people open, where it is another than the one programs use."""

    @property
    def page(self) -> str:
        """Address of MLflow for people, without a slash at its end."""
        return (self.public_url or self.tracking_uri).rstrip("/")
