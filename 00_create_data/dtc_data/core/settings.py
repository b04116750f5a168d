"""Settings, read from the environment and nowhere else.

A command loads ``.env`` into the environment first (:mod:`dtc_data.core.command_line`); a container gets its environment from
outside. Each room has its own settings classes, made like these two and read by :func:`read_settings`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnparsableValueError

from dtc_data.core.errors import SettingsError

Settings = TypeVar("Settings", bound=BaseSettings)

Text = Annotated[str, Field(min_length=1)]


class PostgresSettings(BaseSettings):
    """Where the customer database is and who logs in."""

    model_config = SettingsConfigDict(env_prefix="POSTGRES_", env_ignore_empty=True, extra="forbid", frozen=True)

    user: Text
    password: Annotated[SecretStr, Field(min_length=1)]
    dbname: Text
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)]


DEFAULT_SEGMENTATION: Final = "dtc_personas"
"""The segmentation that is worked on where none is named."""

CATALOGUE_FOLDER: Final = Path(__file__).resolve().parents[3] / "00_create_data" / "catalogues"
"""Folder of the catalogues in a checkout; images hold the same folders at the same places."""

RETIRED_VARIABLE: Final = "PERSONA_CATALOGUE"
"""Setting of earlier versions in the place of SEGMENTATION."""
HOW_TO_NAME_ONE: Final = (
    f"SEGMENTATION takes its place: write SEGMENTATION={DEFAULT_SEGMENTATION}, or the path of a catalogue file"
)


class SegmentationSettings(BaseSettings):
    """Which segmentation is worked on, and where the catalogues lie."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    segmentation: Text = DEFAULT_SEGMENTATION
    """Name of a catalogue in the folder, or the path of a catalogue file."""
    catalogue_folder: Path = CATALOGUE_FOLDER

    @model_validator(mode="after")
    def _refuse_the_retired_setting(self) -> Self:
        if os.environ.get(RETIRED_VARIABLE):
            raise ValueError(f"{RETIRED_VARIABLE} is set, which nothing reads any more. {HOW_TO_NAME_ONE}")
        return self


def read_settings(cls: type[Settings], **overrides: Any) -> Settings:
    """Build settings from the environment.

    Parameters
    ----------
    cls : type of BaseSettings
        The settings to read, such as `PostgresSettings`.
    **overrides
        Values by field name that win over the environment.

    Raises
    ------
    SettingsError
        If an environment variable is missing or wrong; the message names each of them and never shows a value.
    """
    try:
        return cls(**overrides)
    except ValidationError as error:
        problems = "; ".join(_describe(cls, problem) for problem in error.errors(include_input=False))
    except UnparsableValueError as error:
        problems = str(error)
    raise SettingsError(
        f"{problems}. Set it in .env or in the environment; .env.example explains every setting."
    ) from None


def _describe(cls: type[BaseSettings], problem: Any) -> str:
    """Say one problem in words, by the name of the environment variable."""
    field, *rest = problem["loc"] or ("",)
    alias = cls.model_fields[field].validation_alias if field in cls.model_fields else None
    prefixed = f"{cls.model_config.get('env_prefix', '')}{field}"
    name = ".".join([(alias if isinstance(alias, str) else prefixed).upper(), *(str(step) for step in rest)])
    if problem["type"] == "missing":
        return f"{name} is not set"
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a setting of {cls.__name__}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name} is wrong: {message}" if name else message
