"""Settings of the drift check and of Telegram (read with ``dtc_data.core.settings.read_settings``)."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_BOT_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_CHAT_ID = re.compile(r"-?[0-9]+|@[A-Za-z][A-Za-z0-9_]+")


class DriftSettings(BaseSettings):
    """When a wave counts as drifted, and when a single column is marked."""

    model_config = SettingsConfigDict(env_prefix="DRIFT_", env_ignore_empty=True, extra="forbid", frozen=True)

    p_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """A column is marked if the p-value of its test is below this; the verdict does not rest on it."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Evidently's report speaks of drift if at least this share of columns is marked; the verdict does not rest on it."""
    few_values: Annotated[int, Field(ge=2)] = 10
    """Columns with at most this many distinct values count as a choice between these and not as a number."""
    false_alarms: Annotated[float, Field(ge=0.001, le=0.1)] = 0.003
    """Share of waves that come out as drift though at most the mix of personas changed."""
    mix_false_alarms: Annotated[float, Field(ge=0.001, le=0.1)] = 0.008
    """Share of waves that come out as a shift of the mix though nothing changed."""
    smallest_shift: Annotated[float, Field(ge=0, le=10)] = 0.2
    """Smallest change within a persona that is drift, in standard deviations within the persona."""
    smallest_share_change: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Smallest change of a persona's share of respondents that is a shift of the mix."""
    largest_wave: Annotated[int, Field(ge=100)] = 200_000
    """Units of a wave up to which all are looked at; verdict, sweep and gate rest on a sample of about so many of a larger one."""


class TelegramSettings(BaseSettings):
    """Which bot writes to which chat, and how its messages begin; without both of the first two Telegram is off."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    bot_token: SecretStr | None = None
    chat_id: str | None = None
    message_drift: str | None = None
    """First line of the alert when respondents drifted; a plain one if not set."""
    message_nodrift: str | None = None
    """First line of the message when they did not; a plain one if not set."""
    telegram_api_url: str = "https://api.telegram.org"

    @property
    def off_reason(self) -> str | None:
        """Say why Telegram is off, or None if it is on."""
        missing = [name for name, value in (("BOT_TOKEN", self.bot_token), ("CHAT_ID", self.chat_id)) if value is None]
        if not missing:
            return None
        return f"Telegram is off: {' and '.join(missing)} not set"

    @field_validator("bot_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _BOT_TOKEN.fullmatch(value.get_secret_value()) is None:
            raise ValueError(
                "a bot token is digits, a colon, then letters, digits, _ and -. Copy it from @BotFather, "
                "or leave it empty to switch Telegram off"
            )
        return value

    @field_validator("chat_id")
    @classmethod
    def _looks_like_a_chat(cls, value: str | None) -> str | None:
        if value is not None and _CHAT_ID.fullmatch(value) is None:
            raise ValueError(
                "a chat id is a whole number (negative for groups) or the @name of a channel, "
                "or leave it empty to switch Telegram off"
            )
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            address = urlsplit(value)
            usable = address.scheme in {"http", "https"} and address.hostname and address.port != 0
        except ValueError:  # brackets without an address, a port that is not a port
            usable = False
        if not usable:
            raise ValueError("write an address like https://api.telegram.org")
        return value.rstrip("/")
