"""Settings of the sweep and of MLflow, read by ``dtc_data.core.settings.read_settings``."""

from typing import Annotated, Literal, Self

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
    k: Annotated[int, Field(ge=2)] | None = None
    """Number of clusters of the candidate, where a person wants another than the catalogue's number of personas."""
    bootstraps: Annotated[int, Field(ge=1)] = 20
    """Resamples per k on which the stability of the clusters is measured."""
    complete_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    """Smallest share of respondents who answered every question. The search for clusters starts from them."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.k_min > self.k_max:
            raise ValueError(f"TRAIN_K_MIN ({self.k_min}) must not be above TRAIN_K_MAX ({self.k_max})")
        return self


class GateSettings(BaseSettings):
    """What a candidate must keep to go into production by itself; environment variables ``GATE_...``."""

    model_config = SettingsConfigDict(env_prefix="GATE_", env_ignore_empty=True, extra="forbid", frozen=True)

    moved: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Furthest that a persona's centroid may lie from production's, in spreads of the persona."""
    crept: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.5
    """Furthest that it may lie from where a person last approved it (at first the catalogue), in spreads."""
    relabelled_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    """Largest share of respondents who would get another persona."""
    rand_index: Annotated[float, Field(ge=-1, le=1)] = 0.5
    """Smallest adjusted Rand index between the labels of production and candidate."""
    stability: Annotated[float, Field(ge=0, le=1)] = 0.75
    """Smallest mean Jaccard similarity of a persona's cluster over resamples."""
    fit: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.05
    """Largest mean distance to the own persona, as a multiple of production's."""
    smallest_share: Annotated[float, Field(ge=0, lt=1)] = 0.02
    """Smallest share of respondents that a persona may have; a smaller group is not a segment either."""


class PromotionSettings(BaseSettings):
    """Who decides on a candidate that passed the gate; environment variable ``PROMOTION``."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    promotion: Literal["auto", "approve"] = "auto"
    """auto: the pipeline promotes it; approve: a person does."""


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
        return page_of(self.tracking_uri, self.public_url)


def page_of(tracking_uri: str, public_url: str | None) -> str:
    """Return the address of MLflow for people: the public one, or else the one that programs use; no slash at its end."""
    return (public_url or tracking_uri).rstrip("/")
