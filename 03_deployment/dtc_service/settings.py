"""Settings of the service, read by ``dtc_data.core.settings.read_settings``; the registry's are ``dtc_model.settings``."""

from pathlib import Path
from typing import Annotated

from dtc_model.rule import NO_FIT_PERCENTILE
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Where the service listens, how it is run and what it takes; environment variables ``SERVICE_...``."""

    model_config = SettingsConfigDict(env_prefix="SERVICE_", env_ignore_empty=True, extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 9999
    public_url: str | None = None
    """Address that callers outside use, where it is another than host and port."""
    workers: Annotated[int, Field(ge=1, le=256)] = 2
    """Processes that answer requests."""
    threads: Annotated[int, Field(ge=1, le=256)] = 8
    """Requests that one process reads and answers side by side, so that a slow client holds up nobody."""
    access_log: bool = True
    """Whether each request is logged: time, client, path, status, size and duration, never a body."""
    reload_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 5.0
    """Within how many seconds a promotion is served."""
    max_rows: Annotated[int, Field(ge=1)] = 1_000_000
    """Most respondents in one request."""
    max_bytes: Annotated[int, Field(ge=1)] = 128 * 2**20
    """Largest body of a request in bytes: some 600,000 respondents with ten answers of full precision, as JSON."""
    no_fit_percentile: Annotated[float, Field(ge=0, le=100)] = NO_FIT_PERCENTILE
    """Whoever lies further from the persona than this percentile of the reference respondents gets the status no_fit."""
    forecasts: Annotated[tuple[str, ...], NoDecode] = ("customer_churn",)
    """Registered forecasts that are served at /predict/<name>, separated by commas."""
    state_folder: Path | None = None
    """Where the last good model is kept for a start without registry, and the workers' counters; temporary if not set."""
    api_keys_file: Path | None = None
    """Hashes of the API keys, one per line (see docs/service.md); without it no key is asked for."""
    api_key: SecretStr | None = None
    """The key that `make predict` and `make run` send; the service itself does not read it."""

    @field_validator("forecasts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @property
    def service_url(self) -> str:
        """Address at which programs on the same machine reach the service."""
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{reachable}]:{self.port}" if ":" in reachable else f"http://{reachable}:{self.port}"

    @property
    def page(self) -> str:
        """Address of the service for callers outside, without a slash at its end."""
        return (self.public_url or self.service_url).rstrip("/")

    @property
    def bind(self) -> str:
        """Address on which the service listens, as Gunicorn writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
