"""Settings, read from the environment and nowhere else.

A command loads ``.env`` into the environment first (:mod:`dtc_data.core.command_line`); a container gets its environment from
outside. Each room has its own settings classes, made like these two and read by :func:`read_settings`.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, SecretStr, ValidationError
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


class CatalogueSettings(BaseSettings):
    """Which persona catalogue is used."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    persona_catalogue: Path


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
